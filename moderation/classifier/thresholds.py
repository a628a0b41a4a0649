"""Knows from which probability on a comment is held for a person, unless a site says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# For parley-small, whose scores are calibrated to a site where one comment in ten is toxic.
# Measured on 2,367 comments that training never saw, weighted to that share
# (training/report.md): precision and recall are 0.75 and 0.77 for toxicity, 0.51 and 0.57 for
# severe_toxicity, 0.87 and 0.76 for obscene, 0.82 and 0.66 for insult, 0.51 and 0.40 for
# identity_attack. Threats are too few to measure (22; 0.32 and 0.19): that threshold is low because
# one that is read too often costs a moderator a glance. All together hold 10 % of comments.
DEFAULT_HOLD: Mapping[str, float] = MappingProxyType(
    {
        "toxicity": 0.5,
        "severe_toxicity": 0.4,
        "obscene": 0.5,
        "threat": 0.3,
        "insult": 0.5,
        "identity_attack": 0.4,
    }
)
