"""Whether moderators agree with a label less than they did: weeks, and a test; pure.

A case counts if the threshold that was in force when it was judged held it. The last weeks are
held against those before at equal scores, so that a threshold which was moved, and so brought
other cases, is no drift.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moderation.calibration.estimates import Decided
from moderation.calibration.intervals import Interval, wilson

WEEKS = 12
# The weeks at the end that are held against those before.
RECENT = 4
# In each of the two, or nothing is said.
LEAST = 30
# One in a hundred quiet labels may be called drifting by chance.
ALPHA = 0.01
SPAN = timedelta(weeks=WEEKS)
_WEEK_SECONDS = 7 * 86_400
# Scores as near as this are called equal: a twentieth.
_STRATA = 20


@dataclass(frozen=True)
class Week:
    """Held comments that were decided in one week, and how many of them were rejected.

    `ago` counts back: 0 is the week that ends now.
    """

    ago: int
    hits: int
    of: int

    @property
    def share(self) -> float:
        """The part (0 to 1) that was rejected; 0 for an empty week."""
        return self.hits / self.of if self.of else 0.0

    @property
    def within(self) -> Interval:
        """Its interval."""
        return wilson(self.hits, self.of) if self.of else Interval(0.0, 1.0)


@dataclass(frozen=True)
class Drift:
    """Twelve weeks, oldest first, and what the last ones say against those before.

    `recent` and `before` are the cases whose scores came up in both; `expected` is the share
    (0 to 1) of the recent ones that would be rejected if cases were judged as before at the same
    scores. `chance`: how likely so low a share would be if nothing had changed (one-sided p).
    """

    weeks: tuple[Week, ...]
    before: Week
    recent: Week
    expected: float
    chance: float
    is_known: bool

    @property
    def is_lower(self) -> bool:
        """Whether the last weeks are significantly below those before."""
        return self.is_known and self.chance < ALPHA

    @property
    def drop(self) -> float:
        """How much less was rejected than was to be expected, as a share; below 0 for more."""
        return self.expected - self.recent.share


@dataclass
class _Stratum:
    """The cases of about one score: rejected ones and all, of the last weeks and those before."""

    recent: list[int] = field(default_factory=lambda: [0, 0])
    before: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def is_comparable(self) -> bool:
        return bool(self.recent[1] and self.before[1])


def drift(cases: Iterable[Decided], now: datetime) -> Drift:
    """The share that was rejected of what was held, week by week, and the test of `below`.

    Only comments that were certain to be seen count (weight 1): the sample is too small for weeks.
    """
    weeks = [[0, 0] for _ in range(WEEKS)]
    strata = [_Stratum() for _ in range(_STRATA)]
    for case in cases:
        if case.at is None or case.weight != 1.0 or case.score < case.held_from:
            continue
        ago = int((now - case.at).total_seconds() // _WEEK_SECONDS)
        if not 0 <= ago < WEEKS:
            continue
        stratum = strata[min(int(case.score * _STRATA + 1e-9), _STRATA - 1)]
        for counts in (weeks[ago], stratum.recent if ago < RECENT else stratum.before):
            counts[0] += case.is_bad
            counts[1] += 1
    both = [one for one in strata if one.is_comparable]
    recent, before = (
        _sum(0, [one.recent for one in both]),
        _sum(RECENT, [one.before for one in both]),
    )
    is_known = min(recent.of, before.of) >= LEAST
    return Drift(
        tuple(Week(ago, *weeks[ago]) for ago in reversed(range(WEEKS))),
        before,
        recent,
        _expected(both),
        _below(both) if is_known else 1.0,
        is_known,
    )


def below(pairs: Sequence[tuple[Week, Week]]) -> float:
    """How likely the recent shares are to be this far down if, in each pair of a recent and an
    earlier count, both have one share.

    The test of Cochran 1954, "Some methods for strengthening the common χ² tests", in the form of
    Mantel and Haenszel 1959, "Statistical aspects of the analysis of data from retrospective
    studies of disease"; one-sided, without their correction for continuity.
    """
    off = spread = 0.0
    for recent, before in pairs:
        total, hits = recent.of + before.of, recent.hits + before.hits
        if total < 2:
            continue
        off += recent.hits - recent.of * hits / total
        spread += recent.of * before.of * hits * (total - hits) / (total * total * (total - 1))
    if not spread:
        return 1.0
    return 0.5 * math.erfc(-off / math.sqrt(2 * spread))


def _below(strata: Sequence[_Stratum]) -> float:
    return below([(Week(0, *one.recent), Week(RECENT, *one.before)) for one in strata])


def _expected(strata: Sequence[_Stratum]) -> float:
    """The earlier shares weighed by how many recent cases have each score (direct
    standardisation)."""
    recent = sum(one.recent[1] for one in strata)
    if not recent:
        return 0.0
    return sum(one.recent[1] * one.before[0] / one.before[1] for one in strata) / recent


def _sum(ago: int, counts: Sequence[list[int]]) -> Week:
    return Week(ago, sum(one[0] for one in counts), sum(one[1] for one in counts))
