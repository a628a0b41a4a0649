"""The policy in words and bars: what each rule means, and what a change of it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models import Advice
from moderation.policies import Change, Version
from moderation.signals.facts import NEVER
from moderation.signals.obfuscation import KIND as DISGUISED
from moderation.signals.rules import RULES, RuleKind
from web.console import words
from web.console.policy_form import usual_of, written
from web.console.sentences import RULE_NAMES


@dataclass(frozen=True)
class RuleText:
    """A rule's sentence around the limit."""

    before: str
    after: str = ""


RULE_TEXTS: Mapping[str, RuleText] = {
    "banned-words": RuleText("It has a word from the list of banned words below"),
    "suspect-words": RuleText("It has a word from the list of suspect words below"),
    "links": RuleText("More than", "links, those to allowed domains not counted"),
    "held-domains": RuleText("It names one of the held domains below"),
    "repeated-own": RuleText(
        "Its author posted much the same lately: alike by", "or more; 1 is word for word"
    ),
    "repeated-others": RuleText(
        "Somebody else posted much the same within a day: alike by",
        "or more; 1 is word for word",
    ),
    "newcomer": RuleText("Fewer than", "comments of its author were published before"),
    "rejections": RuleText(
        "Of its author’s comments a share of",
        "or more was rejected, once four were decided",
    ),
    "flood": RuleText("More than", "comments by its author within ten minutes"),
    "long": RuleText("More than", "characters"),
    "capitals": RuleText("A share of", "or more of its letters are capitals"),
    "trusted": RuleText("Its author has", "or more published comments and none rejected"),
    "language": RuleText("It is written in a language that is not read here"),
    "honeypot": RuleText("A field was filled in that the widget hides from people"),
    "disposable-email": RuleText(
        "Its author gave an e-mail address of a service for throw-away addresses"
    ),
    "akismet": RuleText("Akismet, where this server asks it, takes it for spam"),
    "reports": RuleText(
        "Open reports of known readers weigh",
        "or more; a reader’s counts as 1, or as 0.2 to 3 by how often you agreed before",
    ),
}

ADVICES: Mapping[Advice, str] = {
    Advice.NOTE: "Only note it",
    Advice.HOLD: "Hold for a person",
    Advice.REJECT: "Reject at once",
    Advice.PUBLISH: "Speak for it",
}
_DONE: Mapping[str, str] = {
    "note": "noted",
    "hold": "held",
    "reject": "rejected",
    "publish": "spoken for",
}

_LISTS = {
    "banned_words": ("Banned words", "entry", "entries"),
    "suspect_words": ("Suspect words", "entry", "entries"),
    "allowed_domains": ("Allowed domains", "domain", "domains"),
    "held_domains": ("Held domains", "domain", "domains"),
    "reasons": ("Reasons for rejecting", "reason", "reasons"),
}


@dataclass(frozen=True)
class Bar:
    """The scores from 0 to 100 in three parts: what appears, waits and is rejected."""

    held_from: float
    rejected_from: float

    @property
    def parts(self) -> list[tuple[str, float, float]]:
        """(status, where it begins, how wide it is), without what is empty."""
        edges = (0.0, self.held_from, self.rejected_from, 100.0)
        named = zip(("published", "held", "rejected"), edges[:-1], edges[1:], strict=True)
        return [(name, begin, round(end - begin, 2)) for name, begin, end in named if end > begin]


def bar(hold: str, reject: str) -> Bar:
    """The bar of two thresholds as typed; what is no number from 0 to 1 never happens."""
    rejected_from = _percent(reject)
    return Bar(min(_percent(hold), rejected_from), rejected_from)


def _percent(typed: str) -> float:
    try:
        number = float(typed)
    except ValueError:
        return 100.0
    return round(100 * number, 2) if 0 <= number <= 1 else 100.0


def is_never(typed: str) -> bool:
    """Whether a threshold as typed is reached by nothing."""
    return _percent(typed) >= 100 * NEVER


def label(name: str) -> str:
    """A label as a person would write it, and the one that is no label of the model."""
    return "Disguised words" if name == DISGUISED else words.label(name)


def step(typed: str, bounds: RuleKind | None = None) -> str:
    """How far one press of a key moves a number; "any" where that would not lead to what stands."""
    if bounds is not None and not bounds.is_share:
        return "1" if typed.isdigit() else "any"
    return "0.01" if len(typed.partition(".")[2]) <= 2 else "any"


# So many entries of a list that came or went are named.
_NAMED = 12


@dataclass(frozen=True)
class Told:
    """One change in words."""

    name: str
    before: str
    after: str
    # Of a list: the entries that went and came, the first ones of them.
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    # How many more there are.
    more: int = 0


def told(version: Version) -> list[Told]:
    """What a version changed; an empty `before` where there was nothing yet."""
    return [_told(change, in_thread=bool(version.thread_id)) for change in version.changes]


def _told(change: Change, *, in_thread: bool) -> Told:
    part, _, rest = change.name.partition(".")
    name, before, after = (
        _LISTS.get(part, (_named(part, rest), "", ""))[0],
        change.before,
        change.after,
    )
    unset = "as the site" if in_thread else _unset(part, rest)
    shown = [_value(part, rest, value) if value else unset for value in (before, after)]
    if part in _LISTS and shown[0] == shown[1]:
        shown[1] = f"{shown[1]}, others"
    more = max(0, len(change.gone) - _NAMED) + max(0, len(change.come) - _NAMED)
    return Told(name, shown[0], shown[1], change.gone[:_NAMED], change.come[:_NAMED], more)


def _unset(part: str, rest: str) -> str:
    """What counts where a site has said nothing."""
    if part == "rules" and rest in RULES:
        usual = RULES[rest].usually
        return _rule(rest, f"{usual.advice} {usual.limit}")
    if part == "thresholds":
        limits = usual_of(rest)
        return _thresholds(f"{limits.hold} {limits.reject}")
    return "as is usual"


def _named(part: str, rest: str) -> str:
    if part == "thresholds":
        return label(rest)
    if part == "rules":
        return RULE_NAMES.get(rest) or words.label(rest)
    return {
        "moderation": "A person looks",
        "languages": "Languages",
        "nudges": "Asking to reword",
        "reports_from": "Reported comments wait",
    }.get(part, words.label(part))


def _value(part: str, rest: str, value: str) -> str:
    if part == "thresholds":
        return _thresholds(value)
    if part == "rules":
        return _rule(rest, value)
    if part in _LISTS:
        number, (_, one, many) = value.split(" ")[0], _LISTS[part]
        return f"{number} {one if number == '1' else many}"
    if part == "languages":
        return languages(value)
    if part == "reports_from":
        weight = float(value)
        return f"from a weight of {written(weight, as_share=False)}" if weight else "at any report"
    plain = {"post": "afterwards", "pre": "before it appears", "True": "on", "False": "off"}
    return plain.get(value, value)


def _thresholds(value: str) -> str:
    hold, _, reject = value.partition(" ")
    held = "never held" if is_never(hold) else f"held from {_share(hold)}"
    return held if is_never(reject) else f"{held}, rejected from {_share(reject)}"


def _share(value: str) -> str:
    return written(float(value), as_share=True)


def _rule(kind: str, value: str) -> str:
    advice, _, limit = value.partition(" ")
    done, bounds = _DONE.get(advice, advice), RULES.get(kind)
    if bounds is None or not bounds.has_limit:
        return done
    return f"{done}, limit {written(float(limit), as_share=bounds.is_share)}"


def languages(codes: str) -> str:
    """Languages by their names, as a list in words."""
    return ", ".join(words.language(code) or code for code in codes.split())


def is_first(version: Version) -> bool:
    """Whether there was nothing before it: every policy of a site says when a person looks."""
    if version.thread_id:
        return False
    return any(one.name == "moderation" and not one.before for one in version.changes)
