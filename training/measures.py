"""Knows the arithmetic of the report: areas, intervals, precision and workload at a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# The Jigsaw Toxic Comment Classification training set has 159,571 rows, of which 15,294 are
# labelled toxic and 931 carry one of the other labels without it.
NATURAL_ROWS, NATURAL_TOXIC, NATURAL_OTHERWISE = 159_571, 15_294, 931
NATURAL_TOXIC_SHARE = NATURAL_TOXIC / NATURAL_ROWS
ECE_BINS = 15


def natural_weights(truth: np.ndarray) -> np.ndarray:
    """Weigh an enriched sample back to nature; `truth` has shape (texts, labels), toxic first.

    Three kinds of text are weighed each to its share in nature: toxic ones, those with another
    label only, and those with none; share / (share in the sample), so the weights sum to the number
    of texts. Texts with another label only are few, and in an enriched sample several times too
    many: counted among the clean ones, each would outweigh several toxic ones. Raises ValueError
    when there are no toxic or no clean texts.
    """
    toxic = truth[:, 0] == 1
    otherwise = ~toxic & (truth == 1).any(axis=1)
    kinds = (
        (toxic, NATURAL_TOXIC),
        (otherwise, NATURAL_OTHERWISE),
        (~toxic & ~otherwise, NATURAL_ROWS - NATURAL_TOXIC - NATURAL_OTHERWISE),
    )
    weights = np.zeros(len(truth))
    for kind, rows in kinds:
        if kind.any():
            weights[kind] = rows / NATURAL_ROWS / kind.mean()
        elif kind is not otherwise:
            raise ValueError("weights need both toxic and clean texts")
    weights *= len(truth) / weights.sum()
    return weights


def roc_auc(truth: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Area under the ROC curve, ties counted half.

    The chance that a positive scores above a negative, each drawn with its weight (Hanley and
    McNeil 1982, with weights). NaN when one class is missing.
    """
    weights = np.ones(len(truth)) if weights is None else weights
    positive = np.where(truth == 1, weights, 0.0)
    negative = np.where(truth == 1, 0.0, weights)
    _, group = np.unique(score, return_inverse=True)
    up = np.bincount(group, positive)
    down = np.bincount(group, negative)
    if up.sum() == 0 or down.sum() == 0:
        return float("nan")
    below = np.cumsum(down) - down
    return float((up * (below + down / 2)).sum() / (up.sum() * down.sum()))


def interval(
    truth: np.ndarray,
    score: np.ndarray,
    weights: np.ndarray,
    rounds: int = 300,
    seed: int = 7,
) -> tuple[float, float]:
    """The middle 95 % of the area over texts drawn with replacement."""
    rng = np.random.default_rng(seed)
    areas = []
    for _ in range(rounds):
        drawn = rng.integers(0, len(truth), len(truth))
        areas.append(roc_auc(truth[drawn], score[drawn], weights[drawn]))
    low, high = np.nanpercentile(areas, (2.5, 97.5))
    return float(low), float(high)


@dataclass(frozen=True)
class AtThreshold:
    """What holding every text from `threshold` on means: all three are shares in [0, 1]."""

    threshold: float
    precision: float
    recall: float
    held: float


def at_threshold(
    truth: np.ndarray, score: np.ndarray, weights: np.ndarray, threshold: float
) -> AtThreshold:
    """Precision, recall and share held; precision is NaN when nothing is held."""
    held = score >= threshold
    hits = weights[held & (truth == 1)].sum()
    total = weights[held].sum()
    return AtThreshold(
        threshold,
        float(hits / total) if total else float("nan"),
        float(hits / weights[truth == 1].sum()),
        float(total / weights.sum()),
    )


def brier(truth: np.ndarray, score: np.ndarray, weights: np.ndarray) -> float:
    """Weighted mean square between probability and outcome (Brier 1950); smaller is better."""
    return float(np.average((score - truth) ** 2, weights=weights))


def average_precision(truth: np.ndarray, score: np.ndarray, weights: np.ndarray) -> float:
    """Area under the steps of the precision-recall curve, ties taken together."""
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(np.where(truth[order] == 1, weights[order], 0.0))
    seen = np.cumsum(weights[order])
    last = np.append(np.diff(score[order]) != 0, True)
    hits, seen = hits[last], seen[last]
    return float((np.diff(hits, prepend=0.0) * hits / seen).sum() / hits[-1])


@dataclass(frozen=True)
class Bin:
    """Texts of like score: their mean score, the share that carries the label, their weight."""

    said: float
    true: float
    share: float


def bins(truth: np.ndarray, score: np.ndarray, weights: np.ndarray) -> list[Bin]:
    """Group texts by score into ECE_BINS intervals of equal width; empty ones are left out."""
    place = np.minimum((score * ECE_BINS).astype(int), ECE_BINS - 1)
    found = []
    for number in range(ECE_BINS):
        inside = place == number
        total = weights[inside].sum()
        if total:
            said, true = (np.average(v[inside], weights=weights[inside]) for v in (score, truth))
            found.append(Bin(float(said), float(true), float(total / weights.sum())))
    return found


def calibration_error(truth: np.ndarray, score: np.ndarray, weights: np.ndarray) -> float:
    """Expected calibration error: the bins' mean distance between said and true, by their weight.

    Naeini et al. 2015, in the form of Guo et al., arXiv:1706.04599, section 2.
    """
    return sum(one.share * abs(one.said - one.true) for one in bins(truth, score, weights))
