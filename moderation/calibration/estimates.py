"""What a threshold of one label would do, from decided cases of which some stand for many; pure.

Whoever was held was looked at, and counts once. Of those that were published only a random sample
was looked at, and each of it stands for 1 / share comments (Horvitz and Thompson 1952, "A
generalization of sampling without replacement from a finite universe"). A case counts by how it
came to be looked at and never by its score, so a comment that another label or rule held counts
like any other: it was certain to be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from moderation.calibration.intervals import Interval, Mass, poisson, weighted_share, wilson

# Fewer decided cases than these, and no number is given.
LEAST_HELD = 20
LEAST_REJECTED = 10
LEAST_SAMPLED = 30
# The thresholds that a curve is drawn for: 0.00 to 1.00, a hundredth apart.
STEPS = 100

FEW, UNSAMPLED = "few", "unsampled"


@dataclass(frozen=True)
class Decided:
    """One comment that a person judged: its score (0 to 1), whether it should not be seen, and how
    many comments it stands for; `covered`: written while published ones were being sampled;
    `held_from`: the hold threshold in force when it was judged."""

    score: float
    is_bad: bool
    weight: float = 1.0
    covered: bool = True
    at: datetime | None = None
    held_from: float = 0.0


@dataclass(frozen=True)
class Screened:
    """One comment that was scored lately, whoever saw it; `elsewhere`: something besides this
    label's score would hold it; `waits`: it was held, and nothing speaks for it, so that a score to
    reject from would have spared a person."""

    score: float
    elsewhere: bool = False
    waits: bool = False


@dataclass(frozen=True)
class Share:
    """A share (0 to 1) with its interval, `hits` of `of` cases behind it; or why there is none."""

    value: float = 0.0
    low: float = 0.0
    high: float = 1.0
    hits: int = 0
    of: int = 0
    missing: str = ""


@dataclass(frozen=True)
class Load:
    """Comments held a day, with an interval; `only` of them nothing else would hold."""

    value: float
    low: float
    high: float
    only: float
    count: int


@dataclass(frozen=True)
class Point:
    """What one threshold would do."""

    threshold: float
    precision: Share
    recall: Share
    load: Load


@dataclass(frozen=True)
class Evidence:
    """All that is known of one label on one site.

    `hold` is where it holds today; `sampled` counts the published comments that were judged;
    `sees_all`: a person sees every comment, so that no sample is needed. `days` is the time that
    `screened` spans.
    """

    decided: Sequence[Decided]
    screened: Sequence[Screened]
    days: float
    hold: float
    sampled: int = 0
    sees_all: bool = False

    @property
    def is_sampled(self) -> bool:
        """Whether what nobody had to look at is known well enough."""
        return self.sees_all or self.sampled >= LEAST_SAMPLED


@dataclass(frozen=True)
class _Tally:
    """Some cases by verdict, and the bounds of what they weigh."""

    bad: Mass = Mass()
    good: Mass = Mass()
    lightest: float = float("inf")
    heaviest: float = 0.0

    def __add__(self, other: _Tally) -> _Tally:
        return _Tally(
            self.bad + other.bad,
            self.good + other.good,
            min(self.lightest, other.lightest),
            max(self.heaviest, other.heaviest),
        )

    @property
    def is_even(self) -> bool:
        return self.heaviest <= self.lightest


def step_of(score: float) -> int:
    """The highest step of a curve at which a score is still held."""
    return min(STEPS, int(score * STEPS + 1e-9))


def at(evidence: Evidence, threshold: float) -> Point:
    """What one threshold would do, wherever it lies."""
    return _points(evidence, [threshold], lambda score: int(score >= threshold))[0]


def curve(evidence: Evidence) -> list[Point]:
    """What each of the thresholds 0.00, 0.01 to 1.00 would do; one pass over the cases."""
    thresholds = [step / STEPS for step in range(STEPS + 1)]
    return _points(evidence, thresholds, lambda score: step_of(score) + 1)


def _points(
    evidence: Evidence, thresholds: Sequence[float], reaches: Callable[[float], int]
) -> list[Point]:
    """Points in ascending order; `reaches` says how many of the thresholds a score reaches."""
    most = len(thresholds)
    above, _ = _tallies(evidence.decided, reaches, most)
    held, missed = _tallies([one for one in evidence.decided if one.covered], reaches, most)
    loads = _loads(evidence, reaches, most)
    points = []
    for index, threshold in enumerate(thresholds, start=1):
        # Where people saw all there was, the time before sampling began counts too.
        is_seen = threshold >= evidence.hold or evidence.sees_all
        tally = above[index] if is_seen and above[index].is_even else held[index]
        precision = recall = Share(missing=UNSAMPLED)
        if is_seen or evidence.is_sampled:
            precision = _precision(tally)
        if evidence.is_sampled:
            recall = _recall(held[index], missed[index])
        points.append(Point(threshold, precision, recall, loads[index]))
    return points


def _tallies(
    cases: Iterable[Decided], reaches: Callable[[float], int], most: int
) -> tuple[list[_Tally], list[_Tally]]:
    """By a number of thresholds: the tally of the cases that reach so many, and of the others."""
    by_reached = [_Tally()] * (most + 1)
    for case in cases:
        reached = reaches(case.score)
        by_reached[reached] += _one(case)
    others = list(accumulate(by_reached, initial=_Tally()))[:-1]
    those = list(accumulate(reversed(by_reached)))[::-1]
    return those, others


def _loads(evidence: Evidence, reaches: Callable[[float], int], most: int) -> list[Load]:
    """By a number of thresholds: the comments a day that reach so many."""
    counts, alone = [0] * (most + 1), [0] * (most + 1)
    for one in evidence.screened:
        reached = reaches(one.score)
        counts[reached] += 1
        alone[reached] += not one.elsewhere
    found = zip(
        list(accumulate(reversed(counts)))[::-1],
        list(accumulate(reversed(alone)))[::-1],
        strict=True,
    )
    return [load_of(count, only, max(evidence.days, 1.0)) for count, only in found]


def load_of(count: int, only: int, days: float) -> Load:
    """So many comments in so many days, a day; `only` of them for this label alone."""
    reach = poisson(count)
    return Load(count / days, reach.low / days, reach.high / days, only / days, count)


def _one(case: Decided) -> _Tally:
    mass = Mass(1, case.weight, case.weight * case.weight)
    if case.is_bad:
        return _Tally(bad=mass, lightest=case.weight, heaviest=case.weight)
    return _Tally(good=mass, lightest=case.weight, heaviest=case.weight)


def _precision(held: _Tally) -> Share:
    hits, of = held.bad.count, held.bad.count + held.good.count
    if of < LEAST_HELD:
        return Share(hits=hits, of=of, missing=FEW)
    if held.is_even:
        return _share(hits / of, wilson(hits, of), hits, of)
    interval = weighted_share(held.bad, held.good, held.heaviest, held.heaviest)
    return _share(held.bad.weight / (held.bad.weight + held.good.weight), interval, hits, of)


def _recall(held: _Tally, missed: _Tally) -> Share:
    hits, of = held.bad.count, held.bad.count + missed.bad.count
    if of < LEAST_REJECTED:
        return Share(hits=hits, of=of, missing=FEW)
    if (held + missed).is_even:
        return _share(hits / of, wilson(hits, of), hits, of)
    interval = weighted_share(held.bad, missed.bad, held.heaviest, missed.heaviest)
    return _share(held.bad.weight / (held.bad.weight + missed.bad.weight), interval, hits, of)


def _share(value: float, interval: Interval, hits: int, of: int) -> Share:
    return Share(value, min(value, interval.low), max(value, interval.high), hits, of)
