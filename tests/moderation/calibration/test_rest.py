"""Targets, agreement and drift against values worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from moderation.calibration.agreement import Verdicts, agreement
from moderation.calibration.drift import Week, below_by_chance, drift
from moderation.calibration.estimates import FEW, Decided, Load, Point, Share
from moderation.calibration.targets import Target, suggest

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def point(threshold: float, precision: float, recall: float, load: float) -> Point:
    """A point; -1 for a share that is not known."""
    shares = [
        Share(missing=FEW) if value < 0 else Share(value, hits=1, of=1)
        for value in (precision, recall)
    ]
    return Point(threshold, shares[0], shares[1], Load(load, load, load, load, int(load)))


POINTS = [
    point(0.2, 0.30, 0.99, 80),
    point(0.4, 0.60, 0.92, 30),
    # A dip: what is better below it does not count, for 0.6 would not keep it.
    point(0.5, 0.81, 0.90, 20),
    point(0.6, 0.79, 0.70, 12),
    point(0.7, 0.90, 0.50, 8),
    point(0.8, -1, 0.30, 3),
    point(1.0, -1, 0.0, 0),
]


@pytest.mark.parametrize(
    ("target", "wanted", "threshold", "reached"),
    [
        (Target.PRECISION, 0.9, 0.7, True),
        (Target.PRECISION, 0.8, 0.7, True),
        (Target.PRECISION, 0.79, 0.5, True),
        (Target.PRECISION, 0.95, 0.7, False),
        (Target.RECALL, 0.9, 0.5, True),
        (Target.RECALL, 0.99, 0.2, True),
        (Target.RECALL, 0.999, 0.2, False),
        (Target.LOAD, 20, 0.5, True),
        (Target.LOAD, 3, 0.8, True),
        (Target.LOAD, 1, 0.8, False),
    ],
)
def test_suggestions(target: Target, wanted: float, threshold: float, reached: bool):
    found = suggest(POINTS, target, wanted)
    assert found.point is not None
    assert (found.point.threshold, found.reached) == (threshold, reached)


def test_nothing_is_suggested_where_nothing_is_known():
    unknown = [point(0.2, -1, -1, 5)]
    for target in (Target.PRECISION, Target.RECALL):
        found = suggest(unknown, target, 0.5)
        assert (found.point, found.reached) == (None, False)


@pytest.mark.parametrize(
    ("verdicts", "raw", "kappa"),
    [
        # 20 + 15 of 50 alike, by chance 0.5: the textbook example of Cohen's kappa, 0.40.
        (Verdicts(20, 15, 10, 5), 0.7, 0.4),
        (Verdicts(30, 20, 0, 0), 1.0, 1.0),
        (Verdicts(0, 0, 10, 10), 0.0, -1.0),
        (Verdicts(25, 25, 25, 25), 0.5, 0.0),
    ],
)
def test_kappa(verdicts: Verdicts, raw: float, kappa: float):
    found = agreement(verdicts)
    assert (found.raw, found.kappa) == pytest.approx((raw, kappa))
    assert found.of_raw.low <= raw <= found.of_raw.high
    assert found.of_kappa.low <= kappa <= found.of_kappa.high


def test_the_interval_of_kappa():
    # Fleiss, Cohen and Everitt's standard error for 20, 5, 10, 15: by hand
    # A = .4(1-(.5+.6).6)² + .3(1-(.5+.4).6)² = .109720, B = .36(.1·1.1² + .2·.9²) = .101880,
    # C = (.4-.5·.6)² = .01; sqrt((A+B-C)/50)/.5 = .126994.
    found = agreement(Verdicts(20, 15, 10, 5))
    assert found.of_kappa.high - found.kappa == pytest.approx(1.959964 * 0.126994, abs=2e-3)


def test_kappa_says_when_it_says_nothing():
    assert not agreement(Verdicts(10, 5, 2, 2)).is_known
    same = agreement(Verdicts(both_approve=40))
    assert (same.is_known, same.raw, same.has_kappa) == (True, 1.0, False)


def weekly(*weeks: tuple[int, int, int]) -> list[Decided]:
    """Held cases: (weeks ago, rejected, approved)."""
    return [
        Decided(0.9, is_bad, at=NOW - timedelta(weeks=ago, hours=1))
        for ago, rejected, approved in weeks
        for is_bad in [True] * rejected + [False] * approved
    ]


def test_two_proportions():
    # z = (.8 - .6) / sqrt(.7·.3·(1/100 + 1/100)) = 3.0861; the tail beyond it is .00101.
    assert below_by_chance(Week(0, 60, 100), Week(4, 80, 100)) == pytest.approx(0.00101, abs=1e-5)
    assert below_by_chance(Week(0, 80, 100), Week(4, 60, 100)) == pytest.approx(0.99899, abs=1e-5)
    assert below_by_chance(Week(0, 50, 50), Week(4, 50, 50)) == 1.0


def test_a_drop_is_told_and_a_rise_is_not():
    lower = drift(weekly((0, 30, 20), (2, 30, 20), (5, 80, 20)), 0.5, NOW)
    assert (lower.recent.hits, lower.recent.of) == (60, 100)
    assert (lower.before.hits, lower.before.of) == (80, 100)
    assert lower.is_lower
    assert not drift(weekly((0, 80, 20), (5, 60, 40)), 0.5, NOW).is_lower
    assert [week.ago for week in lower.weeks] == list(range(11, -1, -1))


def test_few_cases_raise_no_alarm():
    few = drift(weekly((0, 0, 29), (5, 100, 0)), 0.5, NOW)
    assert (few.is_known, few.is_lower) == (False, False)


def test_only_what_was_certain_to_be_seen_and_held_counts():
    others = [
        Decided(0.9, True, weight=20.0, at=NOW),
        Decided(0.4, True, at=NOW),
        Decided(0.9, True),
        Decided(0.9, True, at=NOW - timedelta(weeks=13)),
    ]
    assert drift(others, 0.5, NOW).recent.of == 0
