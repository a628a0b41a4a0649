"""What the signals by a site's own rules say of a comment, as sentences for the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from models import StoredSignal

# What each rule is called, in a list of rules and, in small letters, among the reasons.
RULE_NAMES: Mapping[str, str] = {
    "banned-words": "Banned words",
    "suspect-words": "Suspect words",
    "links": "Many links",
    "held-domains": "Held domains",
    "repeated-own": "Posted before",
    "repeated-others": "Posted by others",
    "newcomer": "New author",
    "rejections": "Often rejected",
    "flood": "Too many at once",
    "long": "Very long",
    "capitals": "Shouted",
    "trusted": "Trusted author",
    "language": "Another language",
    "honeypot": "Filled in by a program",
    "disposable-email": "Throw-away address",
    "akismet": "Akismet: spam",
    "reports": "Reported",
}


def sentence(signal: StoredSignal) -> str:
    """One signal in a sentence; "" for a kind that has its words elsewhere."""
    tell = _TOLD.get(signal.kind)
    return tell(signal) if tell else ""


def _banned(signal: StoredSignal) -> str:
    return f"It has “{signal.subject}”, which this site bans{_times(signal)}."


def _suspect(signal: StoredSignal) -> str:
    return f"It has “{signal.subject}”, a word to look at here{_times(signal)}."


def _times(signal: StoredSignal) -> str:
    if not signal.evidence.get("places"):
        return " (in disguise)"
    return f" ({signal.value:.0f} times)" if signal.value > 1 else ""


def _links(signal: StoredSignal) -> str:
    hosts = ", ".join(signal.evidence.get("hosts", [])[:3])
    return f"It has {signal.value:.0f} links (more than {signal.threshold:.0f}): {hosts}."


def _held_domain(signal: StoredSignal) -> str:
    return f"It links to {signal.subject}, which this site holds."


def _own_words(signal: StoredSignal) -> str:
    number = signal.evidence.get("comment", 0)
    return f"Its author posted much the same before ({signal.value:.0%} alike, comment {number})."


def _others_words(signal: StoredSignal) -> str:
    number = signal.evidence.get("comment", 0)
    return f"Somebody else posted much the same ({signal.value:.0%} alike, comment {number})."


def _newcomer(signal: StoredSignal) -> str:
    if not signal.value:
        return "Its author is new: nothing by them is published here yet."
    return f"Its author is new: {signal.value:.0f} published here so far."


def _rejections(signal: StoredSignal) -> str:
    rejected, published = (signal.evidence.get(name, 0) for name in ("rejected", "published"))
    return (
        f"Of {rejected + published} comments of this author that were decided before, "
        f"{rejected} were rejected."
    )


def _flood(signal: StoredSignal) -> str:
    return f"It is its author's comment number {signal.value:.0f} within ten minutes."


def _sanctioned(signal: StoredSignal) -> str:
    number = signal.evidence.get("sanction", 0)
    return f"All that its author writes here waits for a person (sanction {number})."


def _trusted(signal: StoredSignal) -> str:
    return f"Its author has {signal.value:.0f} published comments here, and none was rejected."


def _long(signal: StoredSignal) -> str:
    return f"It is very long: {signal.value:,.0f} characters."


def _capitals(signal: StoredSignal) -> str:
    return f"It shouts: {signal.value:.0%} of its letters are capitals."


def _honeypot(signal: StoredSignal) -> str:
    return "It came with a field filled in that people do not see: a program sent it, most likely."


def _disposable(signal: StoredSignal) -> str:
    return f"Its author gave a throw-away e-mail address ({signal.subject})."


def _akismet(signal: StoredSignal) -> str:
    return "Akismet takes it for spam."


def _akismet_away(signal: StoredSignal) -> str:
    return "Akismet did not answer when it was asked; this was judged without it."


def _by_staff(signal: StoredSignal) -> str:
    return "A member of the site’s staff wrote it, so nothing holds it."


_TOLD: Mapping[str, Callable[[StoredSignal], str]] = {
    "banned-words": _banned,
    "suspect-words": _suspect,
    "links": _links,
    "held-domains": _held_domain,
    "repeated-own": _own_words,
    "repeated-others": _others_words,
    "newcomer": _newcomer,
    "rejections": _rejections,
    "flood": _flood,
    "trusted": _trusted,
    "sanctioned": _sanctioned,
    "long": _long,
    "capitals": _capitals,
    "honeypot": _honeypot,
    "disposable-email": _disposable,
    "akismet": _akismet,
    "akismet-away": _akismet_away,
    "by-staff": _by_staff,
}
