"""What the classifier's scores say against the site's thresholds."""

from __future__ import annotations

from models import Advice
from moderation.signals.facts import NEVER, UNLISTED, Facts, Signal, Thresholds

KIND = "score"


def toxicity(facts: Facts) -> list[Signal]:
    """One signal per label that the model knows, over a threshold or not."""
    return [
        _judge(label, value, facts.thresholds.get(label, UNLISTED))
        for label, value in facts.scores.items()
    ]


def _judge(label: str, value: float, thresholds: Thresholds) -> Signal:
    if _reaches(value, thresholds.reject):
        return Signal(KIND, Advice.REJECT, label, value, thresholds.reject)
    if _reaches(value, thresholds.hold):
        return Signal(KIND, Advice.HOLD, label, value, thresholds.hold)
    return Signal(KIND, Advice.NOTE, label, value, thresholds.hold)


def _reaches(value: float, threshold: float) -> bool:
    return threshold < NEVER and value >= threshold
