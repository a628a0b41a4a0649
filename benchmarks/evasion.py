"""Measures how much abuse slips through when its words are disguised, and what it costs to look.

Run `python -m benchmarks.evasion`; takes some minutes, with --quick one. It prints a Markdown
table. The toxic texts come from the held-out part of the six-label file, which neither the model
nor the readings were made on.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.disguises import Way, ways, words_of
from benchmarks.harmless import harmless
from moderation.classifier import DEFAULT_HOLD, Classifier, Scores
from moderation.classifier.loading import load
from moderation.classifier.readings import readings
from moderation.classifier.worst_reading import WorstReading
from training import data

_TARGET_SCORE = 0.3
_BATCH = 256


@dataclass(frozen=True)
class Sizes:
    """How many texts are taken."""

    toxic: int
    clean: int
    made: int


FULL, QUICK = Sizes(500, 4_000, 1_000), Sizes(60, 400, 200)


class Remembering:
    """A classifier that is asked about each text once: most readings come up several times."""

    def __init__(self, inner: Classifier) -> None:
        self.name, self.version, self.labels = inner.name, inner.version, inner.labels
        self._inner = inner
        self._known: dict[str, Scores] = {}

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """As the classifier itself."""
        unknown = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= zip(unknown, self._inner.score(unknown), strict=True)
        return [self._known[text] for text in texts]


def is_held(scores: Scores) -> bool:
    """Whether any label reaches the threshold that a new site has."""
    return any(value >= DEFAULT_HOLD.get(label, 2.0) for label, value in scores.values.items())


def scored(classifier: Classifier, texts: Sequence[str]) -> list[Scores]:
    """All scores, in pieces that a server would take too."""
    return [
        score
        for at in range(0, len(texts), _BATCH)
        for score in classifier.score(texts[at : at + _BATCH])
    ]


def toxic_texts(part: str, count: int, rng: random.Random) -> list[str]:
    """Texts that people called toxic, of one part of the data; of the validation part too where
    the held-out one has too few. Raises FileNotFoundError."""
    split = data.read()
    examples = list(getattr(split, part))
    found = [e.text for e in examples if e.source == "jigsaw6" and e.targets[data.TOXIC] == 1.0]
    if len(found) < count and part == "held_out":
        found += [e.text for e in split.validation if e.targets[data.TOXIC] == 1.0]
    return rng.sample(found, min(count, len(found)))


def clean_texts(count: int, rng: random.Random) -> list[str]:
    """Texts that people called clean: held-out ones first, then of the binary file."""
    folder = data.DEFAULT_FOLDER
    six = [e for e in data.read_jigsaw6(folder) if not any(e.targets)]
    first = [e.text for e in six if data.share_of(e.text) < data.HELD_OUT_SHARE]
    more = [e.text for e in data.read_binary(folder) if e.targets[data.TOXIC] == 0.0]
    first = rng.sample(first, min(count, len(first)))
    return first + rng.sample(more, min(count - len(first), len(more)))


def targets_of(texts: Sequence[str], classifier: Classifier) -> frozenset[str]:
    """The words that alone make the model think of toxicity: those an author would disguise."""
    words = sorted({word.lower() for text in texts for word in words_of(text)})
    scores = scored(classifier, words)
    return frozenset(
        word
        for word, score in zip(words, scores, strict=True)
        if max(score.values.values()) >= _TARGET_SCORE
    )


@dataclass(frozen=True)
class Outcome:
    """Held texts in percent of all: as written, disguised, and disguised with the readings."""

    before: float
    without: float
    with_readings: float
    kept: float
    told: float

    @property
    def lost(self) -> float:
        """Points of recall that the disguise costs."""
        return self.before - self.with_readings


def measure(
    way: Way,
    texts: Sequence[str],
    targets: frozenset[str],
    plain: Sequence[Scores],
    inner: Classifier,
    rng: random.Random,
) -> tuple[Outcome, list[str]]:
    """One way of disguise on all texts, and those that slipped through only because of it."""
    changed = [way(text, targets, rng) for text in texts]
    without = [is_held(score) for score in scored(inner, changed)]
    found = scored(WorstReading(inner), changed)
    held = [is_held(score) for score in found]
    before = [is_held(score) for score in plain]
    really = [text != other for text, other in zip(texts, changed, strict=True)]
    told = [
        score.obfuscation is not None for score, is_so in zip(found, really, strict=True) if is_so
    ]
    kept = [now for now, then in zip(held, before, strict=True) if then]
    outcome = Outcome(_share(before), _share(without), _share(held), _share(kept), _share(told))
    slipped = zip(changed, before, held, strict=True)
    return outcome, [text for text, then, now in slipped if then and not now]


def _share(flags: Sequence[bool]) -> float:
    return 100 * sum(flags) / max(1, len(flags))


def report(outcomes: Mapping[str, Outcome]) -> str:
    """The table of recall."""
    lines = [
        "| disguise | held as written | disguised, read plainly | disguised, all readings "
        "| points lost | kept of those held | told as obfuscated |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in outcomes.items():
        lines.append(
            f"| {name} | {one.before:.1f} % | {one.without:.1f} % | {one.with_readings:.1f} % "
            f"| **{one.lost:.1f}** | {one.kept:.1f} % | {one.told:.0f} % |"
        )
    return "\n".join(lines)


def false_holds(inner: Classifier, texts: Mapping[str, Sequence[str]]) -> tuple[str, list[str]]:
    """The table of clean texts held, with and without the readings; and what only they hold."""
    lines = [
        "| clean texts | number | held, read plainly | held, all readings | points more "
        "| with more than one reading |",
        "|---|---|---|---|---|---|",
    ]
    only: list[str] = []
    rows: dict[str, list[tuple[bool, bool, bool]]] = {"all": []}
    for name, group in texts.items():
        plain, worst = scored(inner, group), scored(WorstReading(inner), group)
        for text, one, other in zip(group, plain, worst, strict=True):
            row = (is_held(one), is_held(other), other.obfuscation is not None)
            rows.setdefault(name, []).append(row)
            rows["all"].append(row)
            only += [text] if row[1] and not row[0] else []
    for name, found in [*list(rows.items())[1:], ("all", rows["all"])]:
        before, after, more = (_share([row[at] for row in found]) for at in range(3))
        lines.append(
            f"| {name} | {len(found)} | {before:.2f} % | {after:.2f} % "
            f"| **{after - before:+.2f}** | {more:.1f} % |"
        )
    return "\n".join(lines), only


def cost(texts: Sequence[str]) -> str:
    """What the readings cost apart from the model, per text."""
    times = []
    for text in texts:
        began = time.perf_counter()
        readings(text)
        times.append(1000 * (time.perf_counter() - began))
    return (
        f"Finding the readings of a clean comment takes {statistics.median(times):.2f} ms in the "
        f"median, {max(times):.1f} ms at most."
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="parley-small")
    parser.add_argument("--cache", type=Path, default=Path("instance/models"))
    parser.add_argument("--quick", action="store_true", help="fewer texts")
    parser.add_argument("--part", default="held_out", choices=("held_out", "validation", "train"))
    parser.add_argument("--seed", type=int, default=39)
    parser.add_argument("--show", type=int, default=0, help="print so many texts that slip through")
    given = parser.parse_args()
    sizes = QUICK if given.quick else FULL
    rng = random.Random(given.seed)
    inner = Remembering(load(given.model, given.cache))
    toxic = toxic_texts(given.part, sizes.toxic, rng)
    targets = targets_of(toxic, inner)
    plain = scored(inner, toxic)
    print(
        f"{inner.name} {inner.version}; {len(toxic)} toxic texts ({given.part}), "
        f"{len(targets)} words that carry toxicity, seed {given.seed}.\n"
    )
    outcomes = {}
    slipped: dict[str, list[str]] = {}
    for name, way in ways().items():
        outcomes[name], slipped[name] = measure(way, toxic, targets, plain, inner, rng)
    print(report(outcomes), "\n")
    made = harmless(sizes.made, rng)
    table, only = false_holds(inner, {"comments": clean_texts(sizes.clean, rng), **made})
    print(table, "\n")
    print(cost([text for group in made.values() for text in group]))
    for name, texts in {**slipped, "only the readings hold": only}.items():
        for text in texts[: given.show]:
            print(
                f"\n--- {name}: {text[:300]!r}\n    {[one[:300] for one in readings(text).others]}"
            )


if __name__ == "__main__":
    main()
