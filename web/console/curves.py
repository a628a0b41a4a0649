"""The lines, bands and marks of the calibration page's charts, as paths in a box of 100 by 100."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from moderation.calibration.drift import Drift, Week
from moderation.calibration.estimates import Point, Share
from moderation.calibration.rejecting import Rejecting

_SHOWN_FROM = 0.1


@dataclass(frozen=True)
class Curve:
    """One line with its band; empty paths where nothing is known."""

    line: str
    band: str


@dataclass(frozen=True)
class Charts:
    """The three curves over the thresholds; `most` is what the top of the workload stands for,
    where the curve may be cut."""

    precision: Curve
    recall: Curve
    load: Curve
    most: float
    is_cut: bool


@dataclass(frozen=True)
class Bar:
    """One week: its share and interval, as heights from the top; `x` its middle."""

    week: Week
    x: float
    y: float
    high: float
    low: float


def charts(points: Sequence[Point]) -> Charts:
    """The curves of a label; 1.0, which means never, ends them."""
    # Near 0 nearly everything is held, and beside that nothing else could be told apart.
    most = nice(max((one.load.high for one in points if one.threshold >= _SHOWN_FROM), default=1.0))
    return Charts(
        _share_curve(points, lambda point: point.precision),
        _share_curve(points, lambda point: point.recall),
        _curve(
            [
                (point.threshold, point.load.value / most, point.load.low / most,
                 point.load.high / most)
                for point in points
            ]
        ),
        most,
        any(point.load.value > most for point in points),
    )  # fmt: skip


def rejecting(points: Sequence[Rejecting]) -> Charts:
    """The same of a threshold that rejects: what is right of it, and the work that it saves."""
    most = nice(
        max((one.saved.high for one in points if one.threshold >= _SHOWN_FROM), default=1.0)
    )
    known = [(one.threshold, one.precision) for one in points if not one.precision.missing]
    return Charts(
        _curve([(at, share.value, share.low, share.high) for at, share in known]),
        Curve("", ""),
        _curve(
            [
                (one.threshold, one.saved.value / most, one.saved.low / most,
                 one.saved.high / most)
                for one in points
            ]
        ),
        most,
        any(one.saved.value > most for one in points),
    )  # fmt: skip


def nice(most: float) -> float:
    """The next of 1, 2 and 5 times a power of ten; at least 1."""
    size = 1.0
    while True:
        for step in (1, 2, 5):
            if most <= step * size:
                return step * size
        size *= 10


def bars(drift: Drift) -> list[Bar]:
    """The weeks in which something was decided, oldest first from the left."""
    width = 100 / len(drift.weeks)
    return [
        Bar(
            week,
            round((index + 0.5) * width, 2),
            _down(week.share),
            _down(week.within.high),
            _down(week.within.low),
        )
        for index, week in enumerate(drift.weeks)
        if week.of
    ]


def _share_curve(points: Sequence[Point], of: Callable[[Point], Share]) -> Curve:
    known = [(point.threshold, of(point)) for point in points if not of(point).missing]
    return _curve([(at, share.value, share.low, share.high) for at, share in known])


def _curve(known: Sequence[tuple[float, float, float, float]]) -> Curve:
    if not known:
        return Curve("", "")
    line = " ".join(f"{_along(at)} {_down(value)}" for at, value, _, _ in known)
    above = [f"{_along(at)} {_down(high)}" for at, _, _, high in known]
    below = [f"{_along(at)} {_down(low)}" for at, _, low, _ in reversed(known)]
    return Curve(f"M{line}", f"M{' '.join(above + below)}Z")


def _along(threshold: float) -> float:
    return round(threshold * 100, 2)


def _down(value: float) -> float:
    return round(100 - min(max(value, 0.0), 1.0) * 100, 2)
