"""What Akismet, an outside service for finding spam, said of a comment, if it was asked."""

from __future__ import annotations

from models import Advice
from moderation.signals.facts import Facts, Opinion, Signal

KIND, AWAY = "akismet", "akismet-away"


def akismet(facts: Facts) -> list[Signal]:
    """Spam by its word; a note where it was asked and gave none."""
    if facts.akismet is Opinion.SPAM:
        return [Signal(KIND, facts.rule(KIND).advice)]
    if facts.akismet is Opinion.MISSING:
        return [Signal(AWAY, Advice.NOTE)]
    return []


def opinion_of(kinds: set[str]) -> Opinion:
    """What was said, by the kinds of the signals that it left."""
    if KIND in kinds:
        return Opinion.SPAM
    return Opinion.MISSING if AWAY in kinds else Opinion.NONE
