"""What rejecting at once from a score on would do, from what people said of such comments; pure.

What the system rejected by itself nobody looked at: it says nothing here, and is no work saved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from moderation.calibration.estimates import (
    FEW,
    LEAST_HELD,
    STEPS,
    Evidence,
    Load,
    Share,
    load_of,
)
from moderation.calibration.intervals import wilson
from moderation.signals.facts import NEVER

# Suggested unless somebody asks for something else: one in so many would have been approved.
USUAL_ONE_IN = 50


@dataclass(frozen=True)
class Wrong:
    """Comments a week that would be rejected and that people would approve; `is_known` is false
    where too few were decided. The interval is wide on purpose: both of what it is made of may be
    at their worst."""

    value: float = 0.0
    low: float = 0.0
    high: float = 0.0
    is_known: bool = False


@dataclass(frozen=True)
class Rejecting:
    """What one threshold would do. `precision`: of those that it rejects, the share that people
    rejected; `saved`: comments a day that would wait for nobody any more."""

    threshold: float
    precision: Share
    saved: Load
    wrong: Wrong


@dataclass(frozen=True)
class Wish:
    """The threshold at which at most one in `one_in` would be wrong, `reached` or only the best;
    None: nothing can be said."""

    one_in: float
    point: Rejecting | None
    reached: bool


def at(evidence: Evidence, threshold: float) -> Rejecting:
    """What one threshold would do."""
    return _points(evidence, [threshold])[0]


def curve(evidence: Evidence) -> list[Rejecting]:
    """What each of the thresholds 0.00, 0.01 to 1.00 would do."""
    return _points(evidence, [step / STEPS for step in range(STEPS + 1)])


def wish(points: Sequence[Rejecting], hold: float, one_in: float) -> Wish:
    """The lowest threshold, not below where the label holds, that keeps the share from there on;
    it saves the most. `points` ascend."""
    known = [
        point
        for point in points
        if hold <= point.threshold < NEVER and not point.precision.missing
    ]  # fmt: skip
    fitting = None
    for point in reversed(known):
        if point.precision.value < 1 - 1 / one_in:
            break
        fitting = point
    if fitting is not None:
        return Wish(one_in, fitting, True)
    best = max(known, key=lambda point: point.precision.value, default=None)
    return Wish(one_in, best, False)


def _points(evidence: Evidence, thresholds: Sequence[float]) -> list[Rejecting]:
    # Who was drawn by chance had appeared already; only who was held was certain to be seen.
    seen = [case for case in evidence.decided if case.weight == 1.0]
    scores = sorted(case.score for case in seen)
    bad = sorted(case.score for case in seen if case.is_bad)
    waiting = sorted(one.score for one in evidence.screened if one.waits)
    found = []
    for threshold in thresholds:
        share = _precision(_from(bad, threshold), _from(scores, threshold))
        # 1 means never: it saves nothing, whatever scored 1.
        count = _from(waiting, threshold) if threshold < NEVER else 0
        saved = load_of(count, count, max(evidence.days, 1.0))
        found.append(Rejecting(threshold, share, saved, _wrong(share, saved)))
    return found


def _from(ascending: Sequence[float], threshold: float) -> int:
    """How many are as high or higher; a score stored as 0.3 may be a little less."""
    return len(ascending) - bisect_left(ascending, threshold - 1e-9)


def _precision(hits: int, of: int) -> Share:
    if of < LEAST_HELD:
        return Share(hits=hits, of=of, missing=FEW)
    interval = wilson(hits, of)
    return Share(hits / of, interval.low, interval.high, hits, of)


def _wrong(share: Share, saved: Load) -> Wrong:
    if share.missing:
        return Wrong()
    return Wrong(
        7 * saved.value * (1 - share.value),
        7 * saved.low * (1 - share.high),
        7 * saved.high * (1 - share.low),
        True,
    )
