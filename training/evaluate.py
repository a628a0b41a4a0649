"""Judges the shipped model on texts that training never saw and writes `training/report.md`.

Run `python -m training.evaluate`; takes a few minutes on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from moderation.classifier import DEFAULT_HOLD, Classifier, load
from moderation.classifier.detoxify_model import DetoxifyClassifier, load_plain
from moderation.classifier.worst_reading import WorstReading
from training import tables
from training.data import (
    DEFAULT_FOLDER,
    Example,
    NearCopies,
    Split,
    read,
    read_context,
    read_groups,
)
from training.drawing import calibration_plot
from training.measures import (
    NATURAL_ROWS,
    NATURAL_TOXIC_SHARE,
    interval,
    natural_weights,
    roc_auc,
)
from training.probes import probes as probing

REPORT = Path(__file__).resolve().parent / "report.md"
SHIPPED = "parley-small"


def scored(classifier: Classifier, texts: Sequence[str]) -> np.ndarray:
    """Probabilities, shape (texts, labels), in the classifier's order of labels."""
    rows = [
        [scores.values[label] for label in classifier.labels]
        for start in range(0, len(texts), 256)
        for scores in classifier.score(texts[start : start + 256])
    ]
    return np.array(rows)


def probes(classifier: Classifier) -> list[str]:
    """How many sentences of each group the default thresholds hold, and the worst misses."""
    lines = ["| group | sentences | held | should be |", "|---|---|---|---|"]
    wrong = []
    for name, (texts, expected) in probing().items():
        scores = classifier.score(texts)
        held = [holds(one.values) for one in scores]
        lines.append(f"| {name} | {len(texts)} | {sum(held)} | {len(texts) if expected else 0} |")
        wrong += [
            f"- {'held' if is_held else 'passed'}: “{text}” (toxicity {one.values['toxicity']:.2f})"
            for text, one, is_held in zip(texts, scores, held, strict=True)
            if is_held != expected
        ]
    return [*lines, "", "Wrong:", "", *(wrong or ["- none"])]


def holds(values: Mapping[str, float]) -> bool:
    """Whether any label reaches its default threshold."""
    return any(values[label] >= limit for label, limit in DEFAULT_HOLD.items())


def as_detoxify(
    plain: DetoxifyClassifier, shipped: Classifier, texts: Sequence[str], truth: np.ndarray
) -> str:
    """The same areas from Detoxify's own `predict`, and how far the scores that the service gives
    one reading of a text differ in eight bits and in single precision."""
    found = [plain.predict(text) for text in texts]
    theirs = np.array([[row[label] for label in plain.labels] for row in found])
    weights, columns = natural_weights(truth), range(len(plain.labels))
    even = np.mean([roc_auc(truth[:, i], theirs[:, i]) for i in columns])
    natural = np.mean([roc_auc(truth[:, i], theirs[:, i], weights) for i in columns])
    windowed, score = scored(plain, texts), scored(shipped, texts)
    drift = np.abs(score - windowed)
    flips = (tables.held(score, plain.labels) != tables.held(windowed, plain.labels)).mean()
    return (
        "The table is what the service sees: eight-bit weights, long texts read in windows of "
        f"{plain.window} tokens, disguised ones in other readings too, the worst counting. "
        "Detoxify's plain `predict` on the same checkpoint, which reads up to 512 tokens at once, "
        f"gives toxicity {roc_auc(truth[:, 0], theirs[:, 0]):.4f}, mean of six {even:.4f} "
        f"unweighted and {natural:.4f} at natural weight on the same texts. Read in the same "
        f"windows in single precision, scores differ by {drift.mean():.4f} on average and "
        f"{np.quantile(drift, 0.999):.3f} for one in a thousand, and {flips:.2%} of the texts are "
        "held by one and not by the other."
    )


def elsewhere(classifier: Classifier, folder: Path, parts: Split) -> str:
    """ROC-AUC for toxicity on the context corpus, without copies of anything trained on."""
    known = NearCopies(example.text for example in [*parts.train, *parts.validation])
    fresh: list[Example] = [e for e in read_context(folder) if e.text not in known]
    truth = np.array([example.targets[0] for example in fresh])
    values = scored(classifier, [example.text for example in fresh])[:, 0]
    area = roc_auc(truth, values)
    low, high = interval(truth, values, np.ones(len(truth)))
    return (
        f"Context corpus (Wikipedia talk pages, other annotators, {len(fresh)} texts of which "
        f"{int(truth.sum())} toxic, all toxic ones and a sample of the rest): ROC-AUC for toxicity "
        f"{area:.4f} (95 % of resamplings: {low:.3f} to {high:.3f})."
    )


def report(
    classifier: WorstReading,
    plain: DetoxifyClassifier,
    folder: Path,
    baseline: np.ndarray | None,
) -> tuple[str, str]:
    """Score what is kept apart and put everything into one Markdown text and one SVG.

    `classifier` is what the service runs, `plain` the same weights run by Detoxify itself;
    `baseline` the linear model's scores of the held-out part, shape (texts, labels), or None.
    """
    parts = read(folder)
    truth = np.array([example.targets for example in parts.held_out])
    texts = [example.text for example in parts.held_out]
    score = scored(classifier, texts)
    labels = classifier.labels
    spoken = read_groups(folder)
    removed = ", ".join(f"{name} {count}" for name, count in sorted(parts.removed.items()))
    lines = [
        f"# {classifier.name} {classifier.version}: the figures",
        "",
        "Written by `python -m training.evaluate`; do not edit.",
        "",
        f"Trained on {len(parts.train)} texts, calibrated on {len(parts.validation)}, judged "
        f"here on {len(parts.held_out)} Jigsaw comments chosen by the hash of their text. "
        f"Dropped from training as copies or near copies of those kept apart: {removed}.",
        "",
        f"The held-out part is {truth[:, 0].mean():.1%} toxic, nature {NATURAL_TOXIC_SHARE:.1%}. "
        "*Natural weight* weighs three kinds of text, toxic ones, those with another label only "
        f"and those with none, to their shares in all {NATURAL_ROWS:,} comments of the source.",
        "",
        "## Areas",
        "",
        *tables.areas(labels, truth, score, baseline),
        "",
        as_detoxify(plain, classifier.inner, texts, truth),
        "",
        elsewhere(classifier, folder, parts),
        "",
        "## Calibration, at natural weight",
        "",
        "![Said against true, per label](calibration.svg)",
        "",
        *tables.calibration(labels, truth, score),
        "",
        "## Thresholds, at natural weight",
        "",
        *tables.thresholds(labels, truth, score),
        "",
        "## By length, at the default thresholds",
        "",
        *tables.lengths(labels, parts.held_out, truth, score),
        "",
        "## By the group that is spoken of, at the default thresholds",
        "",
        "Held-out comments (many of the clean ones come from quarrels about religion and history):",
        "",
        *tables.mentions(labels, parts.held_out, truth, score),
        "",
        "Statements about groups (ToxiGen, kept apart like the rest; what is harmless or hateful "
        "hangs on what they say, seldom on a word):",
        "",
        *tables.statements(
            labels,
            [group for _, group in spoken],
            np.array([example.targets[0] for example, _ in spoken]),
            scored(classifier, [example.text for example, _ in spoken]),
        ),
        "",
        "## Sentences of our own, at the default thresholds",
        "",
        "None of them was trained on, though sentences of the same kinds were.",
        "",
        *probes(classifier),
        "",
    ]
    return "\n".join(lines), calibration_plot(labels, truth, score)


def main() -> None:
    """Write the report and its plot, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--cache", type=Path, default=Path("instance/models"))
    parser.add_argument("--teacher", type=Path, default=Path("build/training/teacher.npz"))
    parser.add_argument("--out", type=Path, default=REPORT)
    given = parser.parse_args()
    baseline = None
    if given.teacher.exists():
        opinions = np.load(given.teacher)["apart"]
        baseline = opinions[len(opinions) - len(read(given.data).held_out) :]
    text, plot = report(
        WorstReading(load(SHIPPED, given.cache)), load_plain(), given.data, baseline
    )
    given.out.write_text(text, encoding="utf-8")
    given.out.with_name("calibration.svg").write_text(plot, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
