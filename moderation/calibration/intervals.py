"""Intervals that hold about 95 times in 100, for counts, shares and weighted shares; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

# The normal quantile of a two-sided interval at 95 %.
Z = 1.959964


@dataclass(frozen=True)
class Interval:
    """A lower and an upper bound, in the unit of what they enclose."""

    low: float
    high: float


@dataclass(frozen=True)
class Mass:
    """Some cases as they are weighed: how many, the sum of their weights, and of the squares."""

    count: int = 0
    weight: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Mass) -> Mass:
        return Mass(
            self.count + other.count, self.weight + other.weight, self.squares + other.squares
        )


def wilson(hits: int, of: int) -> Interval:
    """The interval of a share, `hits` of `of`. Raises ValueError for none at all.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if of <= 0:
        raise ValueError("a share of nothing has no interval")
    share, z2 = hits / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return Interval(
        max(0.0, middle - reach) if hits else 0.0, min(1.0, middle + reach) if hits < of else 1.0
    )


def poisson(count: int) -> Interval:
    """The score interval of the mean behind a count of events."""
    middle, reach = count + Z * Z / 2, Z * math.sqrt(count + Z * Z / 4)
    return Interval(max(0.0, middle - reach) if count else 0.0, middle + reach)


def weighted_count(mass: Mass, heaviest: float) -> Interval:
    """The interval of a sum of weighted events; `heaviest` is what one more could have weighed.

    It stays honest where nothing was found: zero among comments that stand for 200 each may well
    have been one or two. Fay and Feuer 1997, "Confidence intervals for directly standardized
    rates: a method based on the gamma distribution", equations 2 to 4.
    """
    low = 0.0
    if mass.weight > 0:
        scale = mass.squares / mass.weight
        low = scale / 2 * _chi_square(2 * mass.weight / scale, -Z)
    weight, squares = mass.weight + heaviest, mass.squares + heaviest * heaviest
    if not weight:
        return Interval(low, 0.0)
    scale = squares / weight
    return Interval(low, scale / 2 * _chi_square(2 * weight / scale, Z))


def _chi_square(freedom: float, z: float) -> float:
    """A quantile of the chi-square distribution (Wilson and Hilferty 1931)."""
    part = 2 / (9 * freedom)
    return float(freedom * max(0.0, 1 - part + z * math.sqrt(part)) ** 3)


def weighted_share(
    part: Mass, rest: Mass, heaviest_of_part: float, heaviest_of_rest: float
) -> Interval:
    """The interval of `part` in `part` and `rest` together, two weighted counts that are
    independent.

    The odds of the two are enclosed by MOVER-R from the interval of each (Newcombe 2016, "MOVER-R
    confidence intervals for ratios and products of two independently estimated quantities").
    """
    a, b = part.weight, rest.weight
    of_a = weighted_count(part, heaviest_of_part)
    of_b = weighted_count(rest, heaviest_of_rest)
    # The upper bound is the lower one from the other side: of the rest in all.
    return Interval(
        _share_below(a, b, of_a.low, of_b.high), 1 - _share_below(b, a, of_b.low, of_a.high)
    )


def _share_below(a: float, b: float, low_a: float, high_b: float) -> float:
    """The lower bound of a / (a + b), by way of the odds a / b; written so that what is certainly
    nothing divides nothing."""
    above, below = low_a * (2 * a - low_a), high_b * (2 * b - high_b)
    beneath = a * b + math.sqrt(max(0.0, a * a * b * b - above * below))
    return above / (above + beneath) if above else 0.0
