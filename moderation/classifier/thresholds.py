"""Knows from which probability on a comment is held for a person, unless a site says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# For parley-small, whose scores are calibrated to a site where one comment in ten is toxic.
# Measured on 2,321 comments that training never saw, weighted to that share
# (training/report.md): precision and recall are 0.77 and 0.81 for toxicity, 0.49 and 0.38 for
# severe_toxicity, 0.88 and 0.81 for obscene, 0.80 and 0.68 for insult, about 0.45 and 0.40 for
# identity_attack. Threats are few (29): that threshold is low because one that is read too often
# costs a moderator a glance. All together hold 9 to 10 % of comments.
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
