"""Knows the arithmetic of the report: areas, intervals, precision and workload at a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Share of toxic comments in the Jigsaw Toxic Comment Classification training set: 15,294 of
# 159,571 rows.
NATURAL_TOXIC_SHARE = 15_294 / 159_571


def natural_weights(toxic: np.ndarray, share: float = NATURAL_TOXIC_SHARE) -> np.ndarray:
    """Weigh an enriched sample back to nature; `toxic` holds 0 or 1 per text.

    With p the share of toxic texts in the sample, a toxic text weighs share / p and any other
    (1 - share) / (1 - p), so that the weights sum to the number of texts and the toxic ones make
    up `share` of that sum. Raises ValueError when one of the two kinds is missing.
    """
    present = float(np.mean(toxic == 1))
    if not 0 < present < 1:
        raise ValueError("weights need both toxic and other texts")
    return np.where(toxic == 1, share / present, (1 - share) / (1 - present))


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
