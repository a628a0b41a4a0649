"""Fits the map from each of the shipped model's scores to the one that Perspective gave.

The 1,000 comments of Wikipedia with Perspective's scores of 2018 are scored through the service's
own code. Those that the model was trained on, or near copies of them,
are left out: it is surer of them than of anything that it will meet. A map is fitted on six tenths
of the rest, chosen by the SHA-256 of their number, and judged on the other four.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moderation.classifier.loading import SHIPPED, load
from moderation.classifier.scores import Classifier
from moderation.classifier.worst_reading import WorstReading
from training.data import DEFAULT_FOLDER, NearCopies, read
from web.analyzer.attributes import LABELS
from web.analyzer.scale import MAP, Curve

# The file's columns name versions of Perspective's models: the later one of each is taken.
COLUMNS: Mapping[str, str] = {
    "TOXICITY": "TOXICITY@6",
    "SEVERE_TOXICITY": "SEVERE_TOXICITY@2",
    "IDENTITY_ATTACK": "IDENTITY_ATTACK",
    "INSULT": "INSULT",
    "PROFANITY": "PROFANITY",
    "THREAT": "THREAT",
}
FILE = "perspective_scores_1k.csv"
SOURCE = "conversationai/perspectiveapi, 1,000 Wikipedia comments scored in 2018 (Apache-2.0)"
# Points of a map; two are a straight line in logits. From two to seven were tried, and errors on
# what is held out differed by less than 0.004: the figures are that much too good at most.
POINTS = 4
FITTED_SHARE = 0.6
THRESHOLDS = (0.7, 0.8, 0.9)
# Keeps slopes near each other where few comments say anything.
_STIFFNESS = 1e-5
_LEAST_SLOPE = 1e-3
_NEAREST = 1e-9

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Scored:
    """Comments with both models' numbers of one attribute; `fits`: those a map is fitted on."""

    ours: Numbers
    theirs: Numbers
    fits: NDArray[np.bool_]


def fit(ours: Numbers, theirs: Numbers, points: int = POINTS) -> Curve:
    """The rising map that comes nearest to `theirs` in squares, both from 0 to 1, (comments,)."""
    from scipy.optimize import minimize

    x = _logit(ours)
    first, last = np.quantile(x, [0.02, 0.995])
    knots = np.linspace(float(first), float(last), points)

    def heights(given: Numbers) -> Numbers:
        steps = np.exp(given[1:]) + _LEAST_SLOPE * np.diff(knots)
        return np.concatenate([given[:1], given[0] + np.cumsum(steps)])

    def loss(given: Numbers) -> float:
        y = heights(given)
        at = np.clip(np.searchsorted(knots, x, side="right"), 1, points - 1)
        slopes = (y[at] - y[at - 1]) / (knots[at] - knots[at - 1])
        missed = 1 / (1 + np.exp(-(y[at - 1] + (x - knots[at - 1]) * slopes))) - theirs
        return float(np.mean(missed**2) + _STIFFNESS * np.sum(np.diff(y) ** 2))

    start = np.concatenate([[-3.0], np.full(points - 1, np.log(4 / (points - 1)))])
    found = heights(minimize(loss, start, method="BFGS").x)
    pairs = zip(knots, found, strict=True)
    return Curve([(round(float(x), 4), round(float(y), 4)) for x, y in pairs])


def judge(curve: Curve, ours: Numbers, theirs: Numbers) -> dict[str, Any]:
    """How far a map is off on comments that it was not fitted on."""
    mapped = np.array([curve(float(value)) for value in ours])
    agreement = {}
    for threshold in THRESHOLDS:
        we, they = mapped >= threshold, theirs >= threshold
        agreement[f"{threshold:g}"] = {
            "same": round(float(np.mean(we == they)), 4),
            "both": int(np.sum(we & they)),
            "only_parley": int(np.sum(we & ~they)),
            "only_perspective": int(np.sum(~we & they)),
        }
    return {
        "comments": len(ours),
        "mean_absolute_error": round(float(np.mean(np.abs(mapped - theirs))), 4),
        "without_map": round(float(np.mean(np.abs(ours - theirs))), 4),
        "agreement": agreement,
    }


def rows_of(folder: Path) -> list[dict[str, str]]:
    """The comments, with Perspective's numbers."""
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def is_fitted_on(number: str) -> bool:
    """Whether a comment is one that maps are fitted on, by its number alone."""
    digest = hashlib.sha256(number.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2.0**32 < FITTED_SHARE


def fresh(rows: Sequence[Mapping[str, str]], folder: Path) -> list[Mapping[str, str]]:
    """The comments that the model has not been trained on."""
    seen = NearCopies(example.text for example in read(folder).train)
    return [row for row in rows if row["comment_text"] not in seen]


def scored(rows: Sequence[Mapping[str, str]], classifier: Classifier) -> dict[str, Scored]:
    """Both numbers of each attribute, for each comment."""
    ours = [classifier.score([row["comment_text"]])[0].values for row in rows]
    fits = np.array([is_fitted_on(row["id"]) for row in rows])
    return {
        name: Scored(
            np.array([values[LABELS[name]] for values in ours]),
            np.array([float(row[column]) for row in rows]),
            fits,
        )
        for name, column in COLUMNS.items()
    }


def made(found: Mapping[str, Scored], classifier: Classifier) -> dict[str, Any]:
    """All that is kept: the maps, and what is known of them."""
    attributes = {}
    for name, one in found.items():
        curve = fit(one.ours[one.fits], one.theirs[one.fits])
        attributes[name] = {
            "label": LABELS[name],
            "column": COLUMNS[name],
            "points": [list(point) for point in curve.points],
            "held_out": judge(curve, one.ours[~one.fits], one.theirs[~one.fits]),
        }
    return {
        "model": classifier.name,
        "version": classifier.version,
        "made": datetime.now(UTC).date().isoformat(),
        "source": SOURCE,
        "form": "points (x, y) in logits; straight between them and on beyond the ends",
        "fitted_on": int(np.sum(next(iter(found.values())).fits)),
        "attributes": attributes,
    }


def main() -> None:
    """Fit all maps, write them where the analyzer reads them, and print how far they are off."""
    parser = argparse.ArgumentParser(prog="python -m training.perspective_scale")
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--out", type=Path, default=MAP)
    given = parser.parse_args()
    classifier = WorstReading(load(SHIPPED, Path()))
    kept = made(scored(fresh(rows_of(given.data), given.data), classifier), classifier)
    given.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    for name, one in kept["attributes"].items():
        off = one["held_out"]
        same = ", ".join(f"{at}: {share['same']:.3f}" for at, share in off["agreement"].items())
        print(
            f"{name:16} off by {off['mean_absolute_error']:.3f} "
            f"(without the map {off['without_map']:.3f}); the same side of {same}"
        )


def _logit(values: Numbers) -> Numbers:
    near = np.clip(values, _NEAREST, 1 - _NEAREST)
    return np.asarray(np.log(near / (1 - near)), dtype=np.float64)


if __name__ == "__main__":
    main()
