"""What the checks are told of a comment, and what one of them answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models import Advice
from moderation.classifier.languages import ENGLISH, Language
from moderation.classifier.scores import Obfuscation

NEVER = 1.0


@dataclass(frozen=True)
class Thresholds:
    """From which score on (0 to 1) a label holds or rejects; 1.0 means never."""

    hold: float
    reject: float = NEVER


# For a label that the site has no threshold for, of a model chosen later: held rather than let
# through because nobody wrote its name down.
UNLISTED = Thresholds(hold=0.6)


@dataclass(frozen=True)
class Facts:
    """All that the checks may know of one revision of one comment."""

    text: str
    scores: Mapping[str, float]
    thresholds: Mapping[str, Thresholds]
    has_enough_reports: bool = False
    obfuscation: Obfuscation | None = None
    language: Language = Language()
    # What gave the scores, and the languages that it reads.
    model: str = ""
    reads: Sequence[str] = ENGLISH
    holds_other_languages: bool = True


@dataclass(frozen=True)
class Signal:
    """One reason, with its evidence; `subject` is the label, list or rule within the kind."""

    kind: str
    advice: Advice
    subject: str = ""
    value: float = 0.0
    threshold: float = 0.0
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The short name under which a decision quotes this signal."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind
