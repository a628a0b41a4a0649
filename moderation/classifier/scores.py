"""What a classifier says of a text, and what anything that calls itself a classifier offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Scores:
    """The probability, from 0 to 1, of each label for one text, and the model that gave it.

    Labels have Detoxify's names: toxicity, severe_toxicity, obscene, threat, insult,
    identity_attack, and for some models sexual_explicit.
    """

    values: Mapping[str, float]
    model_name: str
    model_version: str


class Classifier(Protocol):
    """Scores texts; one instance is used by one thread at a time."""

    @property
    def name(self) -> str:
        """The model's name, as an operator would type it."""

    @property
    def version(self) -> str:
        """What tells two trainings of one name apart."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of every Scores it gives, in the model's order."""

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text, in the order given; [] for []."""
