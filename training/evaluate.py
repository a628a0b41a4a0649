"""Judges the shipped model on texts that training never saw and writes `training/report.md`.

Run `python -m training.evaluate`; takes a few minutes on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from moderation.classifier import DEFAULT_HOLD, Classifier, load
from moderation.classifier.detoxify_model import DetoxifyClassifier
from training.data import DEFAULT_FOLDER, Example, NearCopies, Split, read, read_context
from training.measures import (
    NATURAL_TOXIC_SHARE,
    at_threshold,
    brier,
    interval,
    natural_weights,
    roc_auc,
)
from training.probes import PROBES

REPORT = Path(__file__).resolve().parent / "report.md"
BAR = 0.97
_STEPS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


def scored(classifier: Classifier, texts: Sequence[str]) -> np.ndarray:
    """Probabilities, shape (texts, labels), in the classifier's order of labels."""
    rows = [
        [scores.values[label] for label in classifier.labels]
        for start in range(0, len(texts), 256)
        for scores in classifier.score(texts[start : start + 256])
    ]
    return np.array(rows)


def areas(labels: Sequence[str], truth: np.ndarray, score: np.ndarray) -> list[str]:
    """The table of ROC-AUC per label, as the split is and weighted to the natural share."""
    weights = natural_weights(truth[:, 0])
    plain = np.ones(len(truth))
    lines = [
        (
            "| label | positive texts | unweighted | 95 % of resamplings | natural weight "
            "| 95 % of resamplings |"
        ),
        "|---|---|---|---|---|---|",
    ]
    totals = []
    for column, label in enumerate(labels):
        answers, values = truth[:, column], score[:, column]
        cells = []
        for kind in (plain, weights):
            low, high = interval(answers, values, kind)
            cells += [roc_auc(answers, values, kind), low, high]
        totals.append((cells[0], cells[3]))
        lines.append(
            f"| {label} | {int(answers.sum())} | {cells[0]:.4f} | {cells[1]:.3f} to {cells[2]:.3f} "
            f"| {cells[3]:.4f} | {cells[4]:.3f} to {cells[5]:.3f} |"
        )
    first, second = np.mean(totals, axis=0)
    lines += [f"| **mean** | | **{first:.4f}** | | **{second:.4f}** | |", ""]
    for name, value in (
        ("toxicity (weighting leaves it as it is)", totals[0][0]),
        ("mean of six, unweighted", first),
        ("mean of six, natural weight", second),
    ):
        verdict = "meets" if value >= BAR else "**falls short of**"
        lines.append(f"- {name}: {value:.4f} {verdict} the bar of {BAR}.")
    return [*lines, "", *fragility(labels, truth, score, weights)]


def fragility(
    labels: Sequence[str], truth: np.ndarray, score: np.ndarray, weights: np.ndarray
) -> list[str]:
    """How far one text moves a label's area at natural weight, and which texts weigh so much."""
    lines = [
        "How much hangs on one text: at natural weight, a text with a label but not labelled toxic "
        "counts as much as several toxic ones. Without the one positive text that costs a label "
        "most (not a better estimate, only a measure of how rough the figures are):",
        "",
        "| label | positives not labelled toxic | their share of the positives' weight | "
        "area | area without one text |",
        "|---|---|---|---|---|",
    ]
    for column, label in enumerate(labels):
        answers, values = truth[:, column], score[:, column]
        odd = (answers == 1) & (truth[:, 0] == 0)
        share = weights[odd].sum() / weights[answers == 1].sum()
        without = max(
            roc_auc(np.delete(answers, i), np.delete(values, i), np.delete(weights, i))
            for i in np.flatnonzero(answers == 1)
        )
        lines.append(
            f"| {label} | {odd.sum()} | {share:.0%} | {roc_auc(answers, values, weights):.4f} "
            f"| {without:.4f} |"
        )
    return lines


def as_detoxify(classifier: DetoxifyClassifier, parts: Split, truth: np.ndarray) -> str:
    """The same areas from the plain `predict` of Detoxify, one text at a time."""
    found = [classifier.predict(example.text) for example in parts.held_out]
    score = np.array([[row[label] for label in classifier.labels] for row in found])
    weights = natural_weights(truth[:, 0])
    columns = range(len(classifier.labels))
    plain = np.mean([roc_auc(truth[:, i], score[:, i]) for i in columns])
    natural = np.mean([roc_auc(truth[:, i], score[:, i], weights) for i in columns])
    return (
        "The table above is what the service sees: long texts are read in windows of "
        f"{classifier.window} tokens and the worst counts. Detoxify's plain `predict`, which "
        f"reads up to 512 at once, gives toxicity {roc_auc(truth[:, 0], score[:, 0]):.4f}, "
        f"mean of six {plain:.4f} unweighted and {natural:.4f} at natural weight on the same texts."
    )


def thresholds(labels: Sequence[str], truth: np.ndarray, score: np.ndarray) -> list[str]:
    """Precision, recall and workload at several thresholds, at the natural share."""
    weights = natural_weights(truth[:, 0])
    lines = [
        "| label | threshold | precision | recall | comments held |",
        "|---|---|---|---|---|",
    ]
    for column, label in enumerate(labels):
        own = DEFAULT_HOLD[label]
        for step in sorted({*_STEPS, own}):
            at = at_threshold(truth[:, column], score[:, column], weights, step)
            shown = f"**{step:.2f}** (default)" if step == own else f"{step:.2f}"
            lines.append(
                f"| {label} | {shown} | {at.precision:.2f} | {at.recall:.2f} | {at.held:.1%} |"
            )
    lines += ["", together(labels, truth, score, weights), ""]
    errors = [brier(truth[:, i], score[:, i], weights) for i in range(len(labels))]
    shown = ", ".join(f"{k} {v:.4f}" for k, v in zip(labels, errors, strict=True))
    lines.append(f"Brier score at the natural share, smaller is better: {shown}.")
    return lines


def together(
    labels: Sequence[str], truth: np.ndarray, score: np.ndarray, weights: np.ndarray
) -> str:
    """What all default thresholds do together, against `toxic or any other label`."""
    limits = np.array([DEFAULT_HOLD[label] for label in labels])
    held = (score >= limits).any(axis=1).astype(float)
    at = at_threshold(truth.max(axis=1), held, weights, 0.5)
    return (
        f"All default thresholds together hold {at.held:.1%} of comments at the natural share; "
        f"{at.precision:.0%} of these carry a label, and {at.recall:.0%} of those that carry one "
        "are held."
    )


def probes(classifier: Classifier) -> list[str]:
    """How many sentences of each group the default thresholds hold, and the worst misses."""
    lines = ["| group | sentences | held | should be |", "|---|---|---|---|"]
    wrong = []
    for name, (texts, expected) in PROBES.items():
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


def report(classifier: DetoxifyClassifier, folder: Path) -> str:
    """Score the held-out part and put everything into one Markdown text."""
    parts = read(folder)
    truth = np.array([example.targets for example in parts.held_out])
    score = scored(classifier, [example.text for example in parts.held_out])
    removed = ", ".join(f"{name} {count}" for name, count in sorted(parts.removed.items()))
    lines = [
        f"# {classifier.name} {classifier.version}: the figures",
        "",
        "Written by `python -m training.evaluate`; do not edit.",
        "",
        (
            f"Trained on {len(parts.train)} texts, calibrated on {len(parts.validation)}, judged "
            f"here on {len(parts.held_out)} Jigsaw comments chosen by the hash of their text. "
            f"Dropped from training as copies or near copies of those kept apart: {removed}."
        ),
        "",
        (
            f"The held-out part is {truth[:, 0].mean():.1%} toxic, nature "
            f"{NATURAL_TOXIC_SHARE:.1%}. *Natural weight* gives a toxic text "
            "share / (its share here) and any other (1 - share) / (1 - its share here). "
            "A ROC-AUC for toxicity itself does not change with these weights; those of the other "
            "labels do, because most of their negatives become clean comments."
        ),
        "",
        "## ROC-AUC",
        "",
        *areas(classifier.labels, truth, score),
        "",
        as_detoxify(classifier, parts, truth),
        "",
        elsewhere(classifier, folder, parts),
        "",
        "## Thresholds, at the natural share",
        "",
        *thresholds(classifier.labels, truth, score),
        "",
        "## Sentences of our own, at the default thresholds",
        "",
        "None of them was trained on, though sentences of the same kinds were.",
        "",
        *probes(classifier),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Write the report and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--model", default="parley-small")
    parser.add_argument("--cache", type=Path, default=Path("instance/models"))
    parser.add_argument("--out", type=Path, default=REPORT)
    given = parser.parse_args()
    classifier = load(given.model, given.cache)
    assert isinstance(classifier, DetoxifyClassifier)
    text = report(classifier, given.data)
    given.out.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
