"""What it says of a comment that its words are disguised to get past a filter."""

from __future__ import annotations

from models import Advice
from moderation.signals.facts import NEVER, UNLISTED, Facts, Signal, Thresholds

KIND = "obfuscated"
# A disguise that neither hid this much of a score nor stands in a comment that a score holds is
# somebody's way of writing, and nothing to tell.
_MATTERS = 0.1
_NOTED = Thresholds(hold=NEVER)


def obfuscation(facts: Facts) -> list[Signal]:
    """A disguise that mattered is a note for whoever decides.

    A site that sets thresholds for the label "obfuscated" holds or rejects from there on: the
    value is how much of a score the disguise hid, 0 to 1.
    """
    found = facts.obfuscation
    if found is None or not (found.rose >= _MATTERS or _is_over(facts)):
        return []
    thresholds = facts.thresholds.get(KIND, _NOTED)
    advice = Advice.NOTE
    if thresholds.hold < NEVER and found.rose >= thresholds.hold:
        advice = Advice.HOLD
    if thresholds.reject < NEVER and found.rose >= thresholds.reject:
        advice = Advice.REJECT
    threshold = thresholds.reject if advice is Advice.REJECT else thresholds.hold
    evidence = {"kinds": list(found.kinds), "reading": found.reading}
    return [Signal(KIND, advice, value=found.rose, threshold=threshold, evidence=evidence)]


def _is_over(facts: Facts) -> bool:
    """Whether any score alone would hold the comment."""
    return any(
        value >= (hold := facts.thresholds.get(label, UNLISTED).hold) and hold < NEVER
        for label, value in facts.scores.items()
    )
