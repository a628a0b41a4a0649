"""Targets, agreement and drift against values worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from moderation.calibration.agreement import Verdicts, agreement
from moderation.calibration.drift import Week, below, drift
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
    # 60 where 70 were expected; the spread is 100·100·140·60 / (200²·199) = 10.5528, so that
    # z = -10 / sqrt(10.5528) = -3.0783, and the tail beyond it is .00104.
    assert below([(Week(0, 60, 100), Week(4, 80, 100))]) == pytest.approx(0.00104, abs=1e-5)
    assert below([(Week(0, 80, 100), Week(4, 60, 100))]) == pytest.approx(0.99896, abs=1e-5)
    assert below([(Week(0, 50, 50), Week(4, 50, 50))]) == below([]) == 1.0


def test_several_strata_add_up():
    # Off by 60-70 and by 10-15; spreads 10.5528 and 50·50·30·70 / (100²·99) = 5.3030:
    # z = -15 / sqrt(15.8558) = -3.7670, tail .0000826.
    pairs = [(Week(0, 60, 100), Week(4, 80, 100)), (Week(0, 10, 50), Week(4, 20, 50))]
    assert below(pairs) == pytest.approx(0.0000826, abs=2e-7)
    # Simpson's paradox: nothing changed at either score, though the sums are far apart.
    same = [(Week(0, 9, 10), Week(4, 90, 100)), (Week(0, 10, 100), Week(4, 1, 10))]
    assert below(same) == pytest.approx(0.5, abs=0.01)


def test_a_drop_is_told_and_a_rise_is_not():
    lower = drift(weekly((0, 30, 20), (2, 30, 20), (5, 80, 20)), NOW)
    assert (lower.recent.hits, lower.recent.of) == (60, 100)
    assert (lower.before.hits, lower.before.of) == (80, 100)
    assert lower.is_lower
    assert not drift(weekly((0, 80, 20), (5, 60, 40)), NOW).is_lower
    assert [week.ago for week in lower.weeks] == list(range(11, -1, -1))


def test_few_cases_raise_no_alarm():
    few = drift(weekly((0, 0, 29), (5, 100, 0)), NOW)
    assert (few.is_known, few.is_lower) == (False, False)


def test_only_what_was_certain_to_be_seen_and_held_counts():
    others = [
        Decided(0.9, True, weight=20.0, at=NOW),
        Decided(0.4, True, at=NOW, held_from=0.5),
        Decided(0.9, True),
        Decided(0.9, True, at=NOW - timedelta(weeks=13)),
    ]
    assert drift([*others, *weekly((5, 1, 1))], NOW).recent.of == 0


def held(ago: int, score: float, held_from: float, rejected: int, approved: int) -> list[Decided]:
    """Cases of one week at one score, judged by one threshold."""
    return [
        Decided(score, is_bad, at=NOW - timedelta(weeks=ago, hours=1), held_from=held_from)
        for is_bad in [True] * rejected + [False] * approved
    ]


def test_a_threshold_that_was_lowered_is_no_drift():
    # High scores are rejected as often as ever; the low ones are only held since.
    cases = held(6, 0.9, 0.8, 90, 10) + held(1, 0.9, 0.3, 90, 10) + held(1, 0.4, 0.3, 20, 180)
    found = drift(cases, NOW)
    assert sum(week.of for week in found.weeks) == 400
    assert (found.recent.of, found.before.of) == (100, 100)
    assert (found.is_known, found.is_lower) == (True, False)
    assert found.expected == pytest.approx(0.9)
    # By today's threshold alone it would be one: 110 of 300 after 90 of 100.
    assert below([(Week(0, 110, 300), Week(4, 90, 100))]) < 0.01


def test_a_threshold_that_was_raised_hides_no_drift():
    cases = held(6, 0.9, 0.3, 95, 5) + held(6, 0.4, 0.3, 20, 180) + held(1, 0.9, 0.8, 70, 30)
    found = drift(cases, NOW)
    assert found.is_lower
    assert (found.expected, found.recent.share) == (pytest.approx(0.95), pytest.approx(0.7))
    assert found.drop == pytest.approx(0.25)
    # Of all that was held the share rose: 70 of 100 after 115 of 300.
    assert below([(Week(0, 70, 100), Week(4, 115, 300))]) > 0.99


def test_a_rejection_threshold_that_takes_the_worst_away_is_no_drift():
    before = held(6, 0.97, 0.5, 100, 0) + held(6, 0.6, 0.5, 50, 50)
    assert not drift(before + held(1, 0.6, 0.5, 50, 50), NOW).is_lower


def test_scores_that_never_met_say_nothing():
    found = drift(held(6, 0.9, 0.5, 100, 0) + held(1, 0.55, 0.5, 0, 100), NOW)
    assert (found.is_known, found.recent.of, found.expected) == (False, 0, 0.0)
