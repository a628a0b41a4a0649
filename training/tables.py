"""Knows the tables of the report: areas, calibration, thresholds, groups and lengths."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from moderation.classifier import DEFAULT_HOLD
from training.data import Example
from training.measures import (
    at_threshold,
    average_precision,
    brier,
    calibration_error,
    interval,
    natural_weights,
    roc_auc,
)

BAR, LATER_BAR, CALIBRATION_BAR = 0.97, 0.983, 0.03
_STEPS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_LENGTHS = ((1, 10), (11, 30), (31, 100), (101, 300), (301, 100_000))
# Words that name a group without insulting it, for the false holds of comments that mention one.
_MENTIONS: Mapping[str, str] = {
    "gay, lesbian, homosexual, queer": r"gays?|lesbians?|homosexual\w*|queer",
    "Muslim, Islam": r"muslims?|islam\w*",
    "Jewish": r"jews?|jewish|judaism",
    "Christian, Catholic": r"christian\w*|catholic\w*",
    "black, African": r"black people|blacks?|african\w*",
    "white": r"white people|whites?",
    "woman, female, girl": r"wom[ae]n|females?|girls?",
    "man, male, boy": r"m[ae]n|males?|boys?",
    "Asian, Chinese, Indian": r"asians?|chinese|indians?",
    "American, British, German, Russian": r"american\w*|british|germans?|russians?",
}


def areas(
    labels: Sequence[str], truth: np.ndarray, score: np.ndarray, baseline: np.ndarray | None
) -> list[str]:
    """ROC-AUC and average precision per label; `baseline` holds the linear model's scores."""
    weights, plain = natural_weights(truth), np.ones(len(truth))
    lines = [
        "| label | positive texts | ROC-AUC, natural weight | 95 % of resamplings | TF-IDF "
        "| ROC-AUC, unweighted | 95 % of resamplings | TF-IDF "
        "| average precision, natural weight |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    rows = []
    for column, label in enumerate(labels):
        answers, values = truth[:, column], score[:, column]
        row: list[float] = []
        cells = [label, f"{int(answers.sum())}"]
        for kind in (weights, plain):
            low, high = interval(answers, values, kind)
            own = roc_auc(answers, values, kind)
            other = np.nan if baseline is None else roc_auc(answers, baseline[:, column], kind)
            row += [own, other]
            cells += [f"{own:.4f}", f"{low:.3f} to {high:.3f}", _shown(other)]
        rows.append(row)
        cells.append(f"{average_precision(answers, values, weights):.3f}")
        lines.append(f"| {' | '.join(cells)} |")
    mean = np.mean(rows, axis=0)
    lines += [
        f"| **mean** | | **{mean[0]:.4f}** | | {_shown(mean[1])} "
        f"| **{mean[2]:.4f}** | | {_shown(mean[3])} | |",
        "",
        _verdict("toxicity, unweighted", rows[0][2], BAR),
        _verdict("mean of six, natural weight", mean[0], BAR),
        _verdict("mean of six, natural weight", mean[0], LATER_BAR),
    ]
    behind = [
        label for label, row in zip(labels, rows, strict=True) if row[0] < row[1] or row[2] < row[3]
    ]
    if baseline is not None:
        lines.append(f"- labels behind TF-IDF in either column: {', '.join(behind) or 'none'}.")
    return lines


def _shown(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.4f}"


def _verdict(name: str, value: float, bar: float) -> str:
    verdict = "meets" if value >= bar else "**falls short of**"
    return f"- {name}: {value:.4f} {verdict} the bar of {bar}."


def calibration(labels: Sequence[str], truth: np.ndarray, score: np.ndarray) -> list[str]:
    """Expected calibration error and Brier score per label, at natural weight."""
    weights = natural_weights(truth)
    lines = ["| label | expected calibration error | Brier score |", "|---|---|---|"]
    errors = []
    for column, label in enumerate(labels):
        answers, values = truth[:, column], score[:, column]
        errors.append(calibration_error(answers, values, weights))
        lines.append(f"| {label} | {errors[-1]:.4f} | {brier(answers, values, weights):.4f} |")
    verdict = "meets" if max(errors) <= CALIBRATION_BAR else "**falls short of**"
    return [
        *lines,
        "",
        f"- the largest, {max(errors):.4f}, {verdict} the bar of {CALIBRATION_BAR}.",
    ]


def held(score: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    """Whether any label reaches its default threshold, shape (texts,)."""
    limits = np.array([DEFAULT_HOLD[label] for label in labels])
    return np.any(score >= limits, axis=1)  # type: ignore[no-any-return]


def thresholds(labels: Sequence[str], truth: np.ndarray, score: np.ndarray) -> list[str]:
    """Precision, recall and workload at several thresholds, at the natural share."""
    weights = natural_weights(truth)
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
    at = at_threshold(truth.max(axis=1), held(score, labels).astype(float), weights, 0.5)
    summary = (
        f"All default thresholds together hold {at.held:.1%} of comments at the natural share; "
        f"{at.precision:.0%} of these carry a label, and {at.recall:.0%} of those that carry one "
        "are held."
    )
    return [*lines, "", summary]


def lengths(
    labels: Sequence[str], examples: Sequence[Example], truth: np.ndarray, score: np.ndarray
) -> list[str]:
    """What the default thresholds hold, by length in words: right and wrong."""
    words = np.array([len(example.text.split()) for example in examples])
    stopped, bad = held(score, labels), truth.max(axis=1) == 1
    lines = [
        "| words | labelled texts | of these held | clean texts | of these held |",
        "|---|---|---|---|---|",
    ]
    for first, last in _LENGTHS:
        inside = (words >= first) & (words <= last)
        shown = f"{first} to {last}" if last < _LENGTHS[-1][1] else f"{first} or more"
        lines.append(
            f"| {shown} | {_share(stopped, inside & bad)} | {_share(stopped, inside & ~bad)} |"
        )
    return lines


def mentions(
    labels: Sequence[str], examples: Sequence[Example], truth: np.ndarray, score: np.ndarray
) -> list[str]:
    """Of the comments that name a group, what the default thresholds hold."""
    stopped, bad = held(score, labels), truth.max(axis=1) == 1
    lines = [
        "| comments that say | labelled texts | of these held | clean texts | of these held |",
        "|---|---|---|---|---|",
    ]
    for name, words in _MENTIONS.items():
        pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
        inside = np.array([bool(pattern.search(example.text)) for example in examples])
        lines.append(
            f"| {name} | {_share(stopped, inside & bad)} | {_share(stopped, inside & ~bad)} |"
        )
    everything = np.ones(len(truth), dtype=bool)
    lines.append(
        f"| anything | {_share(stopped, everything & bad)} | {_share(stopped, everything & ~bad)} |"
    )
    return lines


def _share(stopped: np.ndarray, inside: np.ndarray) -> str:
    count = int(inside.sum())
    return f"{count} | {stopped[inside].mean():.0%}" if count else "0 | –"


def statements(
    labels: Sequence[str], groups: Sequence[str], truth: np.ndarray, score: np.ndarray
) -> list[str]:
    """Statements about groups, hateful or harmless by what they say, not by the words they use."""
    stopped, bad = held(score, labels), truth == 1
    lines = [
        "| statements about | hateful | of these held | harmless | of these held |",
        "|---|---|---|---|---|",
    ]
    names = np.array(groups)
    for name in sorted({name for name in groups if "," not in name or name == "asian, chinese"}):
        inside = np.array([name in one for one in names])
        lines.append(
            f"| {name} | {_share(stopped, inside & bad)} | {_share(stopped, inside & ~bad)} |"
        )
    lines.append(f"| any | {_share(stopped, bad)} | {_share(stopped, ~bad)} |")
    return lines
