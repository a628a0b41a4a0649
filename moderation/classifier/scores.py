"""What a classifier says of a text, and what anything that calls itself a classifier offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from moderation.classifier.languages import Language, detect


@dataclass(frozen=True)
class Obfuscation:
    """How a text was disguised, and what it cost to overlook that.

    `kinds` are the disguises that were taken off (readings.Disguise), `reading` what the text says
    where it was disguised, `rose` how far the disguise had kept the label that it kept most from
    its worst score, 0 to 1.
    """

    kinds: tuple[str, ...]
    reading: str
    rose: float


@dataclass(frozen=True)
class Scores:
    """The probability, from 0 to 1, of each label for one text, and the model that gave it.

    Labels have Detoxify's names: toxicity, severe_toxicity, obscene, threat, insult,
    identity_attack, and for some models sexual_explicit. `obfuscation` is there for a text whose
    words were disguised, `language` where it was looked for.
    """

    values: Mapping[str, float]
    model_name: str
    model_version: str
    obfuscation: Obfuscation | None = None
    language: Language | None = None


def with_language(scores: Scores, text: str) -> Scores:
    """The same scores with the text's language, looked for while no transaction waits for it.

    Where that fails it is left to be tried when this one text is judged, and spoils no other.
    """
    with suppress(Exception):
        return replace(scores, language=detect(text))
    return scores


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
