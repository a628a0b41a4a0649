"""Charts as geometry: bars and lines with axes, for the templates to write as SVG; pure.

Everything is in units of the drawing, of which one is a CSS pixel where the drawing is shown as
wide as it was made; each chart is drawn twice, for wide and for narrow windows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_TOP, _BOTTOM, _RIGHT = 10.0, 24.0, 6.0
_CHARACTER = 6.6  # how wide a digit of the axes is, at most
_MOST_TICKS = 4
# What a duration is measured against, in seconds; on a scale of logarithms these stand about
# equally far apart.
LADDER = (1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000, 31_536_000)


@dataclass(frozen=True)
class Tick:
    """A place on an axis and what is written there."""

    at: float
    label: str


@dataclass(frozen=True)
class Bar:
    """One part of a column."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """One series as pieces of points; where there was nothing to measure it has a gap."""

    kind: str
    pieces: tuple[tuple[tuple[float, float], ...], ...]

    @property
    def paths(self) -> list[str]:
        """For the points of polylines; a piece of one point is only its dot."""
        return [" ".join(f"{x},{y}" for x, y in one) for one in self.pieces if len(one) > 1]

    @property
    def dots(self) -> list[tuple[float, float]]:
        """Every point."""
        return [point for piece in self.pieces for point in piece]


@dataclass(frozen=True)
class Column:
    """The whole height of one step, for what is said when somebody points at it."""

    x: float
    width: float
    said: str


@dataclass(frozen=True)
class Chart:
    """A drawing of `width` by `height`; its plot goes from `left` to `right`, `top` to `floor`."""

    width: float
    height: float
    left: float
    right: float
    top: float
    floor: float
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    columns: tuple[Column, ...]
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()


def scale(largest: float) -> list[int]:
    """Round numbers from 0 to at least the largest, at most four steps of 1, 2 or 5 times a power
    of ten."""
    least = max(largest, 1) / _MOST_TICKS
    power = 10 ** math.floor(math.log10(least))
    step = max(1, round(next(one * power for one in (1, 2, 5, 10) if one * power >= least)))
    return list(range(0, step * math.ceil(max(largest, 1) / step) + 1, step))


def stacked(
    series: Sequence[tuple[str, Sequence[int]]],
    labels: Sequence[str],
    said: Sequence[str],
    width: float,
    height: float,
) -> Chart:
    """Columns of parts, one above the other; `series` are (kind, values), the lowest first."""
    sums = [sum(values) for values in zip(*(values for _, values in series), strict=True)]
    steps = scale(max(sums, default=0))
    left, band = _plot([f"{one:,}" for one in steps], len(labels), width)
    floor = height - _BOTTOM
    unit = (floor - _TOP) / steps[-1]
    thick = min(band * 0.72, 30.0)
    bars = []
    for place in range(len(labels)):
        y = floor
        for kind, values in series:
            tall = values[place] * unit
            if tall:
                y -= tall
                x = left + band * place + (band - thick) / 2
                bars.append(Bar(kind, _r(x), _r(y), _r(thick), _r(tall)))
    up = [Tick(_r(floor - one * unit), f"{one:,}") for one in steps]
    return _chart((width, height, left, band), up, labels, said, bars=tuple(bars))


def durations(
    series: Sequence[tuple[str, Sequence[int]]],
    measured: Sequence[bool],
    labels: Sequence[str],
    said: Sequence[str],
    width: float,
    height: float,
) -> Chart:
    """Lines of seconds on a scale of logarithms; a step that is not `measured` is a gap."""
    known = [
        max(value, 1)
        for _, values in series
        for value, there in zip(values, measured, strict=True)
        if there
    ]
    least, most = min(known, default=60), max(known, default=3_600)
    lowest = max((one for one in LADDER if one <= least), default=LADDER[0])
    highest = min((one for one in LADDER if one >= most and one > lowest), default=LADDER[-1])
    ticks = [one for one in LADDER if lowest <= one <= highest]
    left, band = _plot([short(one) for one in ticks], len(labels), width)
    floor = height - _BOTTOM
    span = math.log(highest / lowest)

    def y_of(seconds: int) -> float:
        share = math.log(max(seconds, lowest) / lowest) / span
        return _r(floor - min(share, 1.0) * (floor - _TOP))

    lines = []
    for kind, values in series:
        pieces: list[list[tuple[float, float]]] = [[]]
        for place, value in enumerate(values):
            if measured[place]:
                pieces[-1].append((_r(left + band * (place + 0.5)), y_of(value)))
            elif pieces[-1]:
                pieces.append([])
        lines.append(Line(kind, tuple(tuple(piece) for piece in pieces if piece)))
    up = [Tick(y_of(one), short(one)) for one in ticks]
    return _chart((width, height, left, band), up, labels, said, lines=tuple(lines))


def short(seconds: float) -> str:
    """A duration in one unit, short enough for an axis: "10 min"."""
    for size, unit in ((604_800, "wk"), (86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds / size
            return f"{count:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:.0f} s"


def _plot(written: Sequence[str], count: int, width: float) -> tuple[float, float]:
    """Where the plot begins beside its axis, and how wide each of its steps is."""
    left = 10 + _CHARACTER * max(map(len, written))
    return left, (width - left - _RIGHT) / max(count, 1)


def _chart(
    measures: tuple[float, float, float, float],
    up: Sequence[Tick],
    labels: Sequence[str],
    said: Sequence[str],
    *,
    bars: tuple[Bar, ...] = (),
    lines: tuple[Line, ...] = (),
) -> Chart:
    width, height, left, band = measures
    longest = max(map(len, labels), default=1) * _CHARACTER + 14
    every = max(1, math.ceil(longest / band))
    across = [
        Tick(_r(left + band * (place + 0.5)), label)
        for place, label in enumerate(labels)
        if place % every == 0
    ]
    columns = [
        Column(_r(left + band * place), _r(band), sentence) for place, sentence in enumerate(said)
    ]
    return Chart(
        width,
        height,
        _r(left),
        _r(width - _RIGHT),
        _TOP,
        _r(height - _BOTTOM),
        tuple(across),
        tuple(up),
        tuple(columns),
        bars,
        lines,
    )


def _r(number: float) -> float:
    return round(number, 2)
