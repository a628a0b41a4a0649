"""What a site, or one of its threads, decides for itself about judging comments; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from models import Advice, Moderation
from moderation.classifier import languages
from moderation.errors import Invalid
from moderation.signals.facts import Thresholds
from moderation.signals.links import domain_of
from moderation.signals.rules import RULES, Rule
from moderation.signals.words import is_findable

MOST_WORDS, LONGEST_WORD, MOST_CHARACTERS = 5_000, 200, 200_000
MOST_DOMAINS = 2_000
HEAVIEST_REPORTS = 1_000
MOST_REASONS, LONGEST_NAME, LONGEST_TOLD = 30, 60, 1_000


@dataclass(frozen=True)
class Reason:
    """Why a moderator rejects: its short name, what the desk calls it, what the author is told."""

    key: str
    name: str
    told: str


REASONS: tuple[Reason, ...] = (
    Reason("insult", "Insult", "Your comment insults somebody. Say it without the insult."),
    Reason("threat", "Threat", "Your comment threatens somebody."),
    Reason("hate", "Hate", "Your comment attacks people for what they are."),
    Reason("spam", "Spam", "Your comment is advertising, or was posted many times."),
    Reason("off-topic", "Off topic", "Your comment does not speak about this page."),
    Reason("personal-data", "Personal data", "Your comment gives away somebody's private data."),
    Reason("other", "Other", "Your comment breaks the rules of this discussion."),
)


@dataclass(frozen=True)
class Values:
    """All that a site decides for itself; a label or rule that is not named is as usual."""

    moderation: Moderation = Moderation.POST
    thresholds: Mapping[str, Thresholds] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    banned_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    held_domains: tuple[str, ...] = ()
    # Codes with blanks between them; empty: those that the model is known to read.
    languages: str = ""
    # Whether an author whose words would be held for their tone is asked once to reword them.
    nudges: bool = True
    # The weight of its open reports from which a published comment waits; 0: any report.
    reports_from: float = 0.0
    reasons: tuple[Reason, ...] = REASONS

    def rule(self, kind: str) -> Rule:
        """A rule as it stands here."""
        return self.rules.get(kind) or RULES[kind].usually

    def as_record(self) -> dict[str, Any]:
        """For a JSON column; `values_of` reads it back."""
        return {
            "moderation": self.moderation.value,
            "thresholds": {
                label: [limits.hold, limits.reject] for label, limits in self.thresholds.items()
            },
            "rules": {kind: [one.advice.value, one.limit] for kind, one in self.rules.items()},
            "banned_words": list(self.banned_words),
            "suspect_words": list(self.suspect_words),
            "allowed_domains": list(self.allowed_domains),
            "held_domains": list(self.held_domains),
            "languages": self.languages,
            "nudges": self.nudges,
            "reports_from": self.reports_from,
            "reasons": [[one.key, one.name, one.told] for one in self.reasons],
        }


def values_of(record: Mapping[str, Any], under: Values | None = None) -> Values:
    """Read a record; what it leaves out is as in `under`, label by label and rule by rule.

    Raises Invalid, naming the field, for anything that a site cannot decide.
    """
    below = under or Values()
    unknown = set(record) - set(_READERS)
    if unknown:
        raise Invalid(f"A policy has no {sorted(unknown)[0]!r}.", field=sorted(unknown)[0])
    changes: dict[str, Any] = {}
    for name, given in record.items():
        try:
            changes[name] = _READERS[name](given)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Invalid(f"{name}: {error}.", field=name) from None
    for name in ("thresholds", "rules"):
        if name in changes:
            changes[name] = {**getattr(below, name), **changes[name]}
    return replace(below, **changes)


def _read_thresholds(given: Mapping[str, Any]) -> dict[str, Thresholds]:
    found = {}
    for label, (hold, reject) in given.items():
        if not (_is_number(hold) and _is_number(reject) and 0 <= hold <= 1 and 0 <= reject <= 1):
            raise ValueError(f"{label} needs two numbers from 0 to 1, 1 meaning never")
        if reject < hold:
            raise ValueError(f"{label} would reject from below where it holds")
        if not (isinstance(label, str) and 0 < len(label) <= 40):
            raise ValueError("a label has 1 to 40 characters")
        found[label] = Thresholds(float(hold), float(reject))
    return found


def _read_rules(given: Mapping[str, Any]) -> dict[str, Rule]:
    found = {}
    for kind, (advice, limit) in given.items():
        if kind not in RULES:
            raise ValueError(f"there is no rule {kind!r}")
        bounds = RULES[kind]
        if Advice(advice) not in bounds.choices:
            raise ValueError(f"{kind} cannot ask to {advice}")
        if bounds.has_limit and not (_is_number(limit) and bounds.least <= limit <= bounds.most):
            raise ValueError(f"{kind} needs a limit from {bounds.least:g} to {bounds.most:g}")
        found[kind] = Rule(Advice(advice), float(limit) if bounds.has_limit else 0.0)
    return found


def named_in(record: Mapping[str, Any], read: Values) -> dict[str, Any]:
    """What a record names, as it was read: for a place that leaves the rest to another."""
    whole = read.as_record()
    found: dict[str, Any] = {}
    for name, given in record.items():
        is_table = name in ("thresholds", "rules")
        found[name] = {key: whole[name][key] for key in given} if is_table else whole[name]
    return found


def _read_words(given: Any) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(one.strip() for one in _strings(given) if one.strip()))
    if len(words) > MOST_WORDS:
        raise ValueError(f"a list has at most {MOST_WORDS:,} entries")
    if any(len(word) > LONGEST_WORD for word in words):
        raise ValueError(f"an entry has at most {LONGEST_WORD} characters")
    if sum(map(len, words)) > MOST_CHARACTERS:
        raise ValueError(f"a list has at most {MOST_CHARACTERS:,} characters")
    for word in words:
        if not is_findable(word):
            raise ValueError(
                f"{word[:60]!r} cannot be looked for: without its signs too little of it is left, "
                "two letters or digits are the least"
            )
    return words


def _strings(given: Any) -> list[str]:
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, str) for one in given):
        raise ValueError("give a list of texts")
    return list(given)


def _read_domains(given: Any) -> tuple[str, ...]:
    found = []
    for one in _strings(given):
        if one.strip():
            domain = domain_of(one)
            if not domain:
                raise ValueError(f"{one.strip()[:60]!r} is no domain such as example.org")
            found.append(domain)
    if len(found) > MOST_DOMAINS:
        raise ValueError(f"a list has at most {MOST_DOMAINS:,} domains")
    return tuple(dict.fromkeys(found))


def _read_reasons(given: Any) -> tuple[Reason, ...]:
    reasons = tuple(Reason(*(part.strip() for part in _strings(one))) for one in given)
    if not 0 < len(reasons) <= MOST_REASONS:
        raise ValueError(f"a site has 1 to {MOST_REASONS} reasons")
    if any(one.key == "undo" for one in reasons):
        raise ValueError("undo is what taking back is recorded as; choose another short name")
    if len({one.key for one in reasons}) < len(reasons):
        raise ValueError("two reasons have one short name")
    for one in reasons:
        if not (one.key and one.name and one.told):
            raise ValueError("a reason needs a short name, a name and what the author is told")
        if max(len(one.key), len(one.name)) > LONGEST_NAME or len(one.told) > LONGEST_TOLD:
            raise ValueError(f"a name has at most {LONGEST_NAME} characters, a text {LONGEST_TOLD}")
    return reasons


def _read_languages(given: Any) -> str:
    return " ".join(languages.codes_of(str(given))) if str(given).strip() else ""


def _read_flag(given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError("say true or false")
    return given


def _read_weight(given: Any) -> float:
    if not (_is_number(given) and 0 <= given <= HEAVIEST_REPORTS):
        raise ValueError(f"give a weight from 0, for any report, to {HEAVIEST_REPORTS:,}")
    return float(given)


def _is_number(given: Any) -> bool:
    return isinstance(given, (int, float)) and not isinstance(given, bool)


_READERS: Mapping[str, Any] = {
    "moderation": Moderation,
    "thresholds": _read_thresholds,
    "rules": _read_rules,
    "banned_words": _read_words,
    "suspect_words": _read_words,
    "allowed_domains": _read_domains,
    "held_domains": _read_domains,
    "languages": _read_languages,
    "nudges": _read_flag,
    "reports_from": _read_weight,
    "reasons": _read_reasons,
}
