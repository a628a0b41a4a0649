"""Knows a linear model over word and character n-grams, whose opinion the network also learns."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from training.data import DEFAULT_FOLDER, LABELS, SEED, Example, read

FOLDS = 3
WIKIPEDIA = ("jigsaw6", "binary")


def features(texts: Sequence[str]) -> Any:
    """Hash words (1 to 2) and characters within words (2 to 5): sparse (texts, 2^19 + 2^18)."""
    characters = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 5),
        n_features=2**19,
        alternate_sign=False,
        norm=None,
    )
    words = HashingVectorizer(
        ngram_range=(1, 2),
        token_pattern=r"\w+",
        n_features=2**18,
        alternate_sign=False,
        norm=None,
    )
    cut = [text[:3000] for text in texts]
    tfidf = TfidfTransformer(sublinear_tf=True)
    parts = [tfidf.fit_transform(kind.transform(cut)) for kind in (characters, words)]
    return sparse.hstack(parts).tocsr()


def _fit(rows: Any, answers: np.ndarray) -> LogisticRegression:
    known = ~np.isnan(answers)
    model = LogisticRegression(C=4.0, solver="liblinear", dual=False, tol=1e-2)
    return model.fit(rows[np.flatnonzero(known)], answers[known] > 0.5)


def opinions(train: Sequence[Example], others: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    """Give the teacher's probabilities, shape (texts, 6), for `train` and for `others`.

    A training text is judged by a model that never saw it (FOLDS folds), so that the teacher is
    as unsure there as on new text. Texts from outside Wikipedia get NaN: it knows nothing of them.
    """
    rows = features([example.text for example in [*train, *others]])
    targets = np.array([example.targets for example in train])
    wiki = np.array([example.source in WIKIPEDIA for example in train])
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(train))
    own = np.full((len(train), len(LABELS)), math.nan, dtype=np.float32)
    away = np.zeros((len(others), len(LABELS)), dtype=np.float32)
    for column in range(len(LABELS)):
        for number in range(FOLDS):
            inside = np.flatnonzero(wiki & (fold != number))
            outside = np.flatnonzero(wiki & (fold == number))
            model = _fit(rows[inside], targets[inside, column])
            own[outside, column] = model.predict_proba(rows[outside])[:, 1]
            away[:, column] += model.predict_proba(rows[len(train) :])[:, 1] / FOLDS
        print(f"teacher: {LABELS[column]} done", flush=True)
    return own, away


def main() -> None:
    """Write the opinions to a file for `training.train`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    parts = read(given.data)
    own, away = opinions(parts.train, [*parts.validation, *parts.held_out])
    given.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez(given.out, train=own, apart=away)


if __name__ == "__main__":
    main()
