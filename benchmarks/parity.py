"""Measures how far the shipped model's scores are from Detoxify's own, on some thousand texts.

Run `python -m benchmarks.parity`; takes some minutes, with --quick one. It prints a Markdown table.
It reads the labelled comments of `training/README.md`; most of the model's training texts are among
them, which does not matter here: two ways to compute the same model are compared.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moderation.classifier import DEFAULT_HOLD, Classifier
from moderation.classifier.detoxify_model import SHIPPED_FOLDER, load_plain
from moderation.classifier.export.packing import pack_beside
from moderation.classifier.loading import load_shipped
from moderation.classifier.packed import RUNTIME, open_packed
from moderation.classifier.pinned import MANIFEST_SHA256
from moderation.classifier.runtime import OnnxClassifier
from training import data, package

_BATCH = 64
Table = NDArray[np.float64]


def texts_of(folder: Path, count: int) -> dict[str, list[str]]:
    """Two groups of comments, as long as people write them: as they come, and toxic ones."""
    rng = random.Random(11)
    plain = [example.text for example in data.read_binary(folder)]
    six = data.read_jigsaw6(folder)
    toxic = [example.text for example in six if example.targets[data.TOXIC] == 1.0]
    return {"as they come": rng.sample(plain, count), "toxic": rng.sample(toxic, count)}


def scored(classifier: Classifier, texts: Sequence[str]) -> Table:
    """Probabilities, (texts, labels), from batches such as the service makes."""
    found = [
        list(scores.values.values())
        for at in range(0, len(texts), _BATCH)
        for scores in classifier.score(texts[at : at + _BATCH])
    ]
    return np.array(found)


def in_single_precision() -> OnnxClassifier:
    """The shipped weights run by ONNX Runtime without 8 bits."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / SHIPPED_FOLDER.name
        shutil.copytree(SHIPPED_FOLDER, folder)
        files = pack_beside(
            folder / f"{package.NAME}.ckpt", package.NAME, package.WINDOW, precisions=["fp32"]
        )
        for name, content in files.items():
            (folder / name).write_bytes(content)
        package.pin(folder, Path(scratch) / "pinned.py")
        return OnnxClassifier(open_packed(folder, None))


def precision() -> str:
    """The precision that the shipped model was packed in."""
    return str(json.loads((SHIPPED_FOLDER / RUNTIME).read_bytes())["precision"])


def alone_and_together(classifier: Classifier, texts: Sequence[str]) -> float:
    """The largest difference that it makes to a text with which others it is scored."""
    alone = np.array([list(classifier.score([text])[0].values.values()) for text in texts])
    return float(np.abs(alone - scored(classifier, texts)).max())


def line(name: str, labels: Sequence[str], ours: Table, theirs: Table) -> str:
    """One row of the table."""
    limits = np.array([DEFAULT_HOLD[label] for label in labels])
    drift = np.abs(ours - theirs)
    flipped = ((ours >= limits) != (theirs >= limits)).mean(axis=0)
    held = ((ours >= limits).any(axis=1) != (theirs >= limits).any(axis=1)).mean()
    worst = labels[int(flipped.argmax())]
    return (
        f"| {name} | {drift.mean():.4f} | {np.quantile(drift, 0.99):.4f} | {drift.max():.4f} "
        f"| {flipped.max():.2%} ({worst}) | {held:.2%} |"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=data.DEFAULT_FOLDER)
    parser.add_argument("--quick", action="store_true", help="fewer texts")
    given = parser.parse_args()
    groups = texts_of(given.data, 200 if given.quick else 2_000)
    plain = load_plain()
    print(f"As shipped: {precision()}.\n")
    ways: dict[str, Classifier] = {
        "as shipped": load_shipped(SHIPPED_FOLDER, MANIFEST_SHA256),
        "32 bits": in_single_precision(),
    }
    print(
        "| texts | run in | mean difference | 99 of 100 are below | largest | most decisions that "
        "flip at a threshold | texts held by one and not by the other |"
    )
    print("|---|---|---|---|---|---|---|")
    for group, texts in groups.items():
        theirs = scored(plain, texts)
        for name, classifier in ways.items():
            row = line(name, plain.labels, scored(classifier, texts), theirs)
            print(f"| {len(texts)} {group} {row}", flush=True)
    shipped, some = ways["as shipped"], groups["toxic"][:200]
    print(
        f"\nThe same text alone or among {_BATCH} others, 200 texts: its scores differ by at most "
        f"{alone_and_together(shipped, some):.1e}."
    )


if __name__ == "__main__":
    main()
