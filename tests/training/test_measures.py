"""The report's arithmetic, against values worked out by hand or by scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from training.measures import (
    NATURAL_OTHERWISE,
    NATURAL_ROWS,
    NATURAL_TOXIC,
    NATURAL_TOXIC_SHARE,
    at_threshold,
    average_precision,
    bins,
    brier,
    calibration_error,
    interval,
    natural_weights,
    roc_auc,
)


def test_the_weights_bring_the_natural_share_back() -> None:
    truth = np.array([[1, 0]] * 20 + [[1, 1]] * 10 + [[0, 1]] * 10 + [[0, 0]] * 60)
    weights = natural_weights(truth)
    assert weights.sum() == pytest.approx(100)
    assert weights[:30].sum() / 100 == pytest.approx(NATURAL_TOXIC_SHARE)
    assert weights[30:40].sum() / 100 == pytest.approx(NATURAL_OTHERWISE / NATURAL_ROWS)
    assert weights[0] == pytest.approx(NATURAL_TOXIC_SHARE / 0.3)


def test_without_texts_of_the_third_kind_the_others_share_the_whole() -> None:
    weights = natural_weights(np.array([[1, 1], [0, 0]]))
    assert weights.sum() == pytest.approx(2)
    clean = NATURAL_ROWS - NATURAL_TOXIC - NATURAL_OTHERWISE
    assert weights[0] / weights[1] == pytest.approx(NATURAL_TOXIC / clean)


@pytest.mark.parametrize("toxic", [[[0], [0]], [[1], [1]]])
def test_weights_need_both_kinds(toxic: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="both"):
        natural_weights(np.array(toxic))


@pytest.mark.parametrize(
    ("truth", "score", "area"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], 1.0),
        ([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9], 0.0),
        ([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5], 0.5),
        ([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], 0.75),
    ],
)
def test_the_area_by_hand(truth: list[int], score: list[float], area: float) -> None:
    assert roc_auc(np.array(truth), np.array(score)) == pytest.approx(area)


def test_a_weight_counts_as_that_many_copies() -> None:
    truth, score = np.array([0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    weights = np.array([3, 1, 2, 4])
    copied = roc_auc(np.repeat(truth, weights), np.repeat(score, weights))
    assert roc_auc(truth, score, weights.astype(float)) == pytest.approx(copied)


def test_the_area_without_positives_is_not_a_number() -> None:
    assert np.isnan(roc_auc(np.zeros(3), np.arange(3)))


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 500)
    score = np.round(rng.random(500) + truth * 0.3, 2)
    weights = rng.random(500)
    # By its definition: every positive beside every negative, a tie being half right.
    bad, good = truth == 1, truth == 0
    gap = score[bad][:, None] - score[good][None, :]
    pair = weights[bad][:, None] * weights[good][None, :]
    expected = float((pair * ((gap > 0) + 0.5 * (gap == 0))).sum() / pair.sum())
    assert roc_auc(truth, score, weights) == pytest.approx(expected)


def test_weighting_by_the_label_itself_leaves_its_area_alone() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 300)
    score = rng.random(300) + truth * 0.5
    weighted = roc_auc(truth, score, natural_weights(truth[:, None]))
    assert weighted == pytest.approx(roc_auc(truth, score))


def test_the_interval_holds_the_area() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 400)
    score = rng.random(400) + truth * 0.5
    low, high = interval(truth, score, np.ones(400), rounds=50)
    assert low < roc_auc(truth, score) < high


def test_precision_recall_and_workload() -> None:
    truth = np.array([1, 1, 0, 0])
    score = np.array([0.9, 0.3, 0.8, 0.1])
    at = at_threshold(truth, score, np.array([1.0, 1.0, 3.0, 5.0]), 0.5)
    assert (at.precision, at.recall, at.held) == pytest.approx((0.25, 0.5, 0.4))
    assert np.isnan(at_threshold(truth, score, np.ones(4), 0.95).precision)


def test_the_brier_score() -> None:
    found = brier(np.array([1, 0]), np.array([0.8, 0.4]), np.array([3.0, 1.0]))
    assert found == pytest.approx((3 * 0.04 + 0.16) / 4)


def test_average_precision_agrees_with_counting_by_hand() -> None:
    truth = np.array([1, 0, 1, 0])
    score = np.array([0.9, 0.8, 0.7, 0.1])
    assert average_precision(truth, score, np.ones(4)) == pytest.approx((1 + 2 / 3) / 2)
    # A tie is one step: whoever comes first in the list makes no difference.
    tied = np.array([0.5, 0.5, 0.5, 0.5])
    assert average_precision(truth, tied, np.ones(4)) == pytest.approx(0.5)


def test_honest_scores_have_no_calibration_error_and_bold_ones_have() -> None:
    truth = np.array([1] * 8 + [0] * 2 + [0] * 9 + [1])
    honest = np.array([0.8] * 10 + [0.1] * 10)
    assert calibration_error(truth, honest, np.ones(20)) == pytest.approx(0)
    bold = np.array([1.0] * 10 + [0.0] * 10)
    assert calibration_error(truth, bold, np.ones(20)) == pytest.approx(0.15)
    assert [round(one.true, 2) for one in bins(truth, honest, np.ones(20))] == [0.1, 0.8]
