"""The threshold that reaches what a site wants, or how near it comes; pure."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from moderation.calibration.estimates import Point, Share


class Target(enum.StrEnum):
    """What a site can want of a label."""

    PRECISION = "precision"  # at most so many held comments are approved anyway
    RECALL = "recall"  # at least so many of those to be rejected are held
    LOAD = "load"  # at most so many comments a day are held


# What is suggested unless somebody asks for something else.
USUAL: dict[Target, float] = {Target.PRECISION: 0.95, Target.RECALL: 0.9, Target.LOAD: 20.0}


@dataclass(frozen=True)
class Suggestion:
    """The point for a target, `reached` or only the nearest to it; None: nothing can be said."""

    target: Target
    wanted: float
    point: Point | None
    reached: bool


def suggest(points: Sequence[Point], target: Target, wanted: float) -> Suggestion:
    """The threshold for a target; `points` ascend, and 1.0, which means never, is none of them.

    For precision and workload the lowest threshold that keeps it from there on, for it finds the
    most; for recall the highest, for it holds the fewest.
    """
    open_ones = [point for point in points if point.threshold < 1.0]
    known = [point for point in open_ones if not _share(point, target).missing]
    if not known:
        return Suggestion(target, wanted, None, False)
    if target is Target.RECALL:
        fitting = [point for point in known if point.recall.value >= wanted]
        best = fitting[-1] if fitting else max(known, key=lambda point: point.recall.value)
        return Suggestion(target, wanted, best, bool(fitting))
    fitting = []
    for point in reversed(known):
        if not _keeps(point, target, wanted):
            break
        fitting.append(point)
    if fitting:
        return Suggestion(target, wanted, fitting[-1], True)
    return Suggestion(target, wanted, _nearest(known, target, wanted), False)


def _nearest(known: Sequence[Point], target: Target, wanted: float) -> Point:
    if target is Target.LOAD:
        return known[-1]
    return max(known, key=lambda point: point.precision.value)


def _keeps(point: Point, target: Target, wanted: float) -> bool:
    if target is Target.LOAD:
        return point.load.value <= wanted
    return point.precision.value >= wanted


def _share(point: Point, target: Target) -> Share:
    """What has to be known of a point; a workload is always known."""
    if target is Target.LOAD:
        return Share()
    return point.precision if target is Target.PRECISION else point.recall
