"""Knows how near a packed model comes to Detoxify's own `predict`, and what is near enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.classifier.scores import Classifier
from moderation.classifier.thresholds import DEFAULT_HOLD

# What a score may differ by at most and on average, by precision.
LARGEST: Mapping[str, float] = {"int8": 0.1, "mixed": 0.1, "fp32": 0.02}
_MEAN: Mapping[str, float] = {"int8": 0.01, "mixed": 0.01, "fp32": 0.002}
# The share of sentences on which one label's decision may be another one. They were written to
# crowd around the thresholds: a model that decides one in fifty of them otherwise does so with one
# in some hundred ordinary comments (training/report.md, `python -m benchmarks.parity`), and 0.5 %
# of these may be.
_FLIPPED = 0.02
# A label without a default threshold holds from here on.
_OTHERWISE = 0.6


@dataclass(frozen=True)
class Comparison:
    """Differences of probabilities over `texts` texts.

    `flipped` is the share of texts, for the worst label, that are on the other side of its
    threshold and not only by a hair's breadth: the sentences crowd around the thresholds.
    """

    texts: int
    mean: float
    largest: float
    flipped: float

    def holds(self, precision: str) -> bool:
        """Whether a model that differs by this may stand in for Detoxify."""
        return (
            self.largest <= LARGEST[precision]
            and self.mean <= _MEAN[precision]
            and self.flipped <= _FLIPPED
        )

    def as_record(self) -> dict[str, float]:
        """For a JSON file."""
        return {name: round(value, 6) for name, value in asdict(self).items()}


def compare(
    labels: Sequence[str], ours: NDArray[np.float64], theirs: NDArray[np.float64]
) -> Comparison:
    """Compare two tables of probabilities, (texts, labels)."""
    limits = np.array([DEFAULT_HOLD.get(label, _OTHERWISE) for label in labels])
    difference = np.abs(ours - theirs)
    flipped = ((ours >= limits) != (theirs >= limits)) & (difference > LARGEST["fp32"])
    figures = difference.mean(), difference.max(), flipped.mean(axis=0).max()
    return Comparison(len(ours), *map(float, figures))


def predicted(detoxify: Any, texts: Sequence[str]) -> NDArray[np.float64]:
    """What Detoxify's `predict` says of each text alone, (texts, labels)."""
    rows = [detoxify.predict(text) for text in texts]
    return np.array([[row[label] for label in detoxify.class_names] for row in rows])


def scored(classifier: Classifier, texts: Sequence[str]) -> NDArray[np.float64]:
    """What a classifier says of them, (texts, labels)."""
    return np.array([list(scores.values.values()) for scores in classifier.score(texts)])
