"""Counts over the scores from 0 to 1 as bars in a box of 100 by 100, for the templates; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_GAP = 0.18  # of a bar's width, between it and the next
_LEAST_HEIGHT = 1.6
# The highest bar so many times as high as the others on average: these would be flat.
_STEEP = 12


@dataclass(frozen=True)
class Bar:
    """How many score from `least` to `most`, and where it stands in the drawing."""

    least: str
    most: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Histogram:
    """The bars, what stands at the height of each line, and the thresholds, by their places.

    `is_root`: heights grow with the square root of the counts.
    """

    bars: list[Bar]
    up: list[tuple[float, str]]
    marks: list[tuple[float, str]]
    is_root: bool


def drawn(counts: Sequence[int], thresholds: Mapping[str, float]) -> Histogram:
    """The drawing of some counts; `thresholds` are scores by what happens from there on."""
    highest = max(max(counts, default=0), 1)
    filled = [one for one in counts if one]
    others = (sum(filled) - highest) / max(len(filled) - 1, 1)
    is_root = len(filled) > 1 and highest > _STEEP * others
    band = 100 / len(counts)

    def tall(count: float) -> float:
        share = count / highest
        return 100 * (share**0.5 if is_root else share)

    bars = []
    for place, count in enumerate(counts):
        height = round(max(tall(count), _LEAST_HEIGHT) if count else 0.0, 2)
        bars.append(
            Bar(
                f"{place / len(counts):.3f}",
                f"{(place + 1) / len(counts):.3f}",
                count,
                round(band * (place + _GAP / 2), 3),
                round(100 - height, 2),
                round(band * (1 - _GAP), 3),
                height,
            )
        )
    middle = highest / (4 if is_root else 2)
    up = [(0.0, f"{highest:,}"), (100.0, "0")]
    if middle >= 1 and middle == int(middle):
        up.insert(1, (50.0, f"{int(middle):,}"))
    marks = [(round(score * 100, 2), what) for what, score in thresholds.items()]
    return Histogram(bars, up, marks, is_root)
