"""What the checks are told of a comment, and what one of them answers."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models import Advice
from moderation.classifier.languages import ENGLISH, Language
from moderation.classifier.scores import Obfuscation
from moderation.signals.rules import RULES, Rule

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
class Earlier:
    """A comment that was there before the one in question."""

    comment_id: int
    text: str


@dataclass(frozen=True)
class Author:
    """What is known of who wrote a comment, on its site and before it was written.

    `lately` counts comments within ten minutes; `texts` are the last ones.
    """

    published: int = 0
    rejected: int = 0
    lately: int = 0
    texts: Sequence[Earlier] = ()


class Opinion(enum.StrEnum):
    """What an outside service said of a comment; NONE where it was not asked or saw no spam."""

    NONE = "none"
    SPAM = "spam"
    MISSING = "missing"


@dataclass(frozen=True)
class Facts:
    """All that the checks may know of one revision of one comment."""

    text: str
    scores: Mapping[str, float]
    thresholds: Mapping[str, Thresholds]
    # As readers see it; "" where it was not rendered.
    html: str = ""
    has_enough_reports: bool = False
    # What it was sent with: the part behind the @ of an address, a field that people do not see.
    email_domain: str = ""
    trapped: bool = False
    by_staff: bool = False
    akismet: Opinion = Opinion.NONE
    # The number of the sanction for which it waits for a person; 0 for none.
    sanction: int = 0
    obfuscation: Obfuscation | None = None
    language: Language = Language()
    # What gave the scores, and the languages that it reads.
    model: str = ""
    reads: Sequence[str] = ENGLISH
    # None where nobody is known to have written it: a preview.
    author: Author | None = None
    others_texts: Sequence[Earlier] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    held_domains: tuple[str, ...] = ()

    def rule(self, kind: str) -> Rule:
        """What the site says of one kind of signal, or what is usual."""
        return self.rules.get(kind) or RULES[kind].usually


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
