"""Which of Perspective's attributes are which labels of a model, and what is not answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from web.analyzer.errors import refused

# From attribute to label. Both sides go back to one labelling scheme, that of the Jigsaw challenges
# on Wikipedia's and Civil Comments' texts, where what is called profanity is the label "obscene".
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "TOXICITY": "toxicity",
        "SEVERE_TOXICITY": "severe_toxicity",
        "IDENTITY_ATTACK": "identity_attack",
        "INSULT": "insult",
        "PROFANITY": "obscene",
        "THREAT": "threat",
        "SEXUALLY_EXPLICIT": "sexual_explicit",
    }
)


def check_known(names: Iterable[str]) -> None:
    """Raise Refusal for an attribute that no model here has."""
    for name in names:
        if name not in LABELS:
            raise _unknown(name)


def check_scored(names: Iterable[str], labels: Iterable[str]) -> None:
    """Raise Refusal for an attribute whose label the loaded model does not have."""
    there = set(labels)
    for name in names:
        if LABELS[name] not in there:
            raise _unknown(name)


def _unknown(name: str) -> Exception:
    # Clients look for these words. No number is ever made up for an attribute.
    return refused(f"Unknown requested attribute: {name[:100]}")
