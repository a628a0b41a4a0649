"""Precision, recall and workload against a truth that is known."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from moderation.calibration import estimates
from moderation.calibration.estimates import FEW, UNSAMPLED, Decided, Evidence, Screened, at, curve
from tests.simulated import Truth, draw


def evidence(
    decided: Sequence[Decided], screened: Sequence[Screened] = (), **changes: object
) -> Evidence:
    """Evidence of a site that holds from 0.6 and is sampled well."""
    known = {"days": 28.0, "hold": 0.6, "sampled": 1_000} | changes
    return Evidence(decided, screened, **known)  # type: ignore[arg-type]


def cases(score: float, good: int, bad: int, weight: float = 1.0) -> list[Decided]:
    """So many decided comments of one score."""
    return [Decided(score, is_bad, weight) for is_bad in [False] * good + [True] * bad]


def test_by_hand():
    known = evidence([*cases(0.9, 5, 25), *cases(0.7, 20, 10), *cases(0.2, 27, 3, 20.0)])
    high, today, low = at(known, 0.8), at(known, 0.6), at(known, 0.1)
    assert (high.precision.hits, high.precision.of) == (25, 30)
    assert high.precision.value == pytest.approx(25 / 30)
    assert today.precision.value == pytest.approx(35 / 60)
    # Each of the three that were drawn stands for twenty.
    assert today.recall.value == pytest.approx(35 / 95)
    assert high.recall.value == pytest.approx(25 / 95)
    assert low.recall.value == 1.0
    assert low.precision.value == pytest.approx(95 / 660)
    assert (low.precision.hits, low.precision.of) == (38, 90)
    for share in (high.precision, today.recall, low.precision):
        assert share.low < share.value < share.high


def test_the_curve_is_what_each_point_is():
    chance = random.Random(3)
    known = evidence(
        [Decided(chance.random(), chance.random() < 0.3, 9.0) for _ in range(500)],
        [Screened(chance.random(), chance.random() < 0.5) for _ in range(500)],
    )
    for point in curve(known):
        assert point == at(known, point.threshold)


@pytest.mark.parametrize("step", range(101))
def test_a_score_on_a_step_is_held_by_it(step: int):
    assert estimates.step_of(step / 100) == step
    held = [point.load.count for point in curve(evidence([], [Screened(step / 100)]))]
    assert held == [int(point <= step) for point in range(101)]


def test_workload():
    known = evidence([], [Screened(0.9)] * 56 + [Screened(0.7, elsewhere=True)] * 28)
    load = at(known, 0.6).load
    assert (load.value, load.only, load.count) == (3.0, 2.0, 84)
    assert load.low < 3.0 < load.high
    assert at(known, 0.8).load.value == 2.0


def test_too_little_is_said_to_be_too_little():
    few = at(evidence(cases(0.9, 10, 9)), 0.6)
    assert (few.precision.missing, few.precision.of, few.recall.missing) == (FEW, 19, FEW)
    assert at(evidence(cases(0.9, 10, 10)), 0.6).precision.missing == ""
    unsampled = evidence(cases(0.9, 50, 50), sampled=29)
    assert at(unsampled, 0.6).recall.missing == UNSAMPLED
    assert at(unsampled, 0.6).precision.value == 0.5
    # Below today's threshold nobody looked.
    assert at(unsampled, 0.5).precision.missing == UNSAMPLED
    seen = evidence([*cases(0.9, 50, 50), *cases(0.3, 50, 50)], sampled=0, sees_all=True)
    assert at(seen, 0.5).recall.value == 0.5


def test_before_the_sampling_began_counts_for_precision_alone():
    before = [Decided(0.9, True, covered=False)] * 100
    known = evidence([*before, *cases(0.9, 10, 20), *cases(0.1, 40, 1, 20.0)])
    today = at(known, 0.6)
    assert (today.precision.hits, today.precision.of) == (120, 130)
    assert today.recall.value == pytest.approx(20 / 40)


def look(truth: Truth, chance: random.Random, share: float, hold: float = 0.6) -> Evidence:
    """What such a site would know: all that was held, and a sample of the rest."""
    decided = [Decided(score, is_bad) for score, is_bad in truth.comments if score >= hold]
    drawn = [
        Decided(score, is_bad, 1 / share)
        for score, is_bad in truth.comments
        if score < hold and chance.random() < share
    ]
    return evidence([*decided, *drawn], hold=hold, sampled=len(drawn))


def test_intervals_cover_the_truth_and_without_the_sample_recall_is_flattered():
    runs, covered, found, naive, real = (
        150,
        dict.fromkeys(("p3", "r3", "r6", "r8"), 0),
        0.0,
        0.0,
        0.0,
    )
    for seed in range(runs):
        chance = random.Random(seed)
        truth = Truth([draw(chance) for _ in range(3_000)])
        known = look(truth, chance, 0.04)
        for name, threshold in (("3", 0.3), ("6", 0.6), ("8", 0.8)):
            point = at(known, threshold)
            recall, precision = truth.recall(threshold), truth.precision(threshold)
            covered[f"r{name}"] += point.recall.low <= recall <= point.recall.high
            if name == "3":
                covered["p3"] += point.precision.low <= precision <= point.precision.high
            if name == "6":
                found, real = found + point.recall.value, real + recall
        # Only what people had to look at, as if it were all.
        seen = [one for one in known.decided if one.score >= 0.6]
        naive += at(evidence(seen, sees_all=True), 0.6).recall.value
    # 95 % nominally; three standard errors of 150 runs below that is 90 %.
    assert all(0.90 <= count / runs <= 1.0 for count in covered.values()), covered
    assert found / runs == pytest.approx(real / runs, abs=0.04)
    assert naive / runs == 1.0
    assert real / runs < 0.65
