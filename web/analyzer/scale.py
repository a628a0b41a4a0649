"""Turns a model's number into what Perspective gave, where a map for that very model was fitted.

The map is made by `python -m training.perspective_scale`, which also says how far it is off.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

PERSPECTIVE, MODEL = "perspective", "model"
MAP = Path(__file__).with_name("perspective_scale.json")
# Beyond this a logit says nothing any more; a probability of 0 or 1 is taken for one as near to it.
_NEAREST = 1e-9


@dataclass(frozen=True)
class Curve:
    """A map of one attribute: straight between its points, in logits of probabilities, and on
    beyond the first and the last. Every slope is positive, so that an order is always kept."""

    points: Sequence[tuple[float, float]]

    def __call__(self, value: float) -> float:
        """A number (0 to 1) on the other scale."""
        x = _logit(value)
        at = min(max(bisect_right([one for one, _ in self.points], x), 1), len(self.points) - 1)
        (left, low), (right, high) = self.points[at - 1], self.points[at]
        return _probability(low + (x - left) * (high - low) / (right - left))


@dataclass(frozen=True)
class Scale:
    """The maps of one model, by attribute."""

    model: str
    version: str
    curves: Mapping[str, Curve]


def shown(attribute: str, value: float, scale: str, model: str, version: str) -> float:
    """A score as a program is given it: mapped where that is wanted and there is a map for it."""
    fitted = shipped()
    if scale != PERSPECTIVE or (model, version) != (fitted.model, fitted.version):
        return value
    curve = fitted.curves.get(attribute)
    return curve(value) if curve else value


@cache
def shipped() -> Scale:
    """The maps that lie beside this file."""
    kept = json.loads(MAP.read_text(encoding="utf-8"))
    curves = {
        name: Curve([(x, y) for x, y in one["points"]]) for name, one in kept["attributes"].items()
    }
    for curve in curves.values():
        rises = all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(curve.points))
        if len(curve.points) < 2 or not rises:
            raise ValueError(f"{MAP.name} has a map that does not rise")
    return Scale(kept["model"], kept["version"], curves)


def _logit(value: float) -> float:
    value = min(max(value, _NEAREST), 1 - _NEAREST)
    return math.log(value / (1 - value))


def _probability(logit: float) -> float:
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else 1 - 1 / (1 + math.exp(logit))
