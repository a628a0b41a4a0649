"""Whether moderators agree with a label less than they did: weeks, and a test; pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from moderation.calibration.estimates import Decided
from moderation.calibration.intervals import Interval, wilson

WEEKS = 12
# The weeks at the end that are held against those before.
RECENT = 4
# In each of the two, or nothing is said.
LEAST = 30
# One in a hundred quiet labels may be called drifting by chance.
ALPHA = 0.01
_WEEK_SECONDS = 7 * 86_400


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

    `chance`: how likely so low a share would be if nothing had changed (one-sided p).
    """

    weeks: tuple[Week, ...]
    before: Week
    recent: Week
    chance: float
    is_known: bool

    @property
    def is_lower(self) -> bool:
        """Whether the last weeks are significantly below those before."""
        return self.is_known and self.chance < ALPHA


def drift(cases: Iterable[Decided], threshold: float, now: datetime) -> Drift:
    """The precision of a threshold week by week, and the two-proportion z test with a pooled
    share of the last RECENT weeks against the weeks before.

    Only comments that were certain to be seen count (weight 1): the sample is too small for weeks.
    """
    hits, of = [0] * WEEKS, [0] * WEEKS
    for case in cases:
        if case.at is None or case.weight != 1.0 or case.score < threshold:
            continue
        ago = int((now - case.at).total_seconds() // _WEEK_SECONDS)
        if 0 <= ago < WEEKS:
            of[ago] += 1
            hits[ago] += case.is_bad
    recent = Week(0, sum(hits[:RECENT]), sum(of[:RECENT]))
    before = Week(RECENT, sum(hits[RECENT:]), sum(of[RECENT:]))
    weeks = tuple(Week(ago, hits[ago], of[ago]) for ago in reversed(range(WEEKS)))
    is_known = min(recent.of, before.of) >= LEAST
    chance = below_by_chance(recent, before) if is_known else 1.0
    return Drift(weeks, before, recent, chance, is_known)


def below_by_chance(recent: Week, before: Week) -> float:
    """How likely a difference this far down is if both have one share."""
    pooled = (recent.hits + before.hits) / (recent.of + before.of)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / recent.of + 1 / before.of))
    if not spread:
        return 1.0
    return 0.5 * math.erfc((before.share - recent.share) / spread / math.sqrt(2))
