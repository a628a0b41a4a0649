"""Measures the marked words against those that people marked, beside what anybody could do.

Run `python -m benchmarks.explaining`; takes a few minutes. The measure is that of SemEval 2021
task 5 (Pavlopoulos et al. 2021): F1 over the characters of a text, averaged over texts; where
people marked nothing, 1 if nothing was marked and 0 otherwise.
"""

from __future__ import annotations

import argparse
import collections
import csv
import json
import random
import re
import statistics
from collections.abc import Callable
from pathlib import Path

from moderation.classifier import load
from moderation.classifier.explaining import explain
from moderation.classifier.worst_reading import WorstReading

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "toxicity"
Rows = list[tuple[str, frozenset[int]]]


def read(file: Path) -> Rows:
    """Texts with the set of characters that people marked, in code points."""
    with file.open(encoding="utf-8", newline="") as source:
        return [
            (row["text"], frozenset(json.loads(row["spans"]))) for row in csv.DictReader(source)
        ]


def agreement(marked: set[int], gold: frozenset[int]) -> float:
    """F1 of two sets of characters, from 0 to 1; 1 when both are empty."""
    if not marked or not gold:
        return float(not marked and not gold)
    return 2 * len(marked & gold) / (len(marked) + len(gold))


def rude_words(rows: Rows, count: int = 100) -> set[str]:
    """The words that people marked most often, and oftener than not."""
    marked, seen = collections.Counter[str](), collections.Counter[str]()
    for text, gold in rows:
        for match in re.finditer(r"\w+", text.lower()):
            seen[match.group()] += 1
            marked[match.group()] += match.start() in gold
    return {word for word, times in marked.most_common(3 * count) if 2 * times > seen[word]}


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", default="tsd_trial.csv")
    parser.add_argument("--sample", type=int, default=0, help="a seeded sample of so many texts")
    given = parser.parse_args()
    rows = read(DATA / given.file)
    if given.sample:
        rows = random.Random(11).sample(rows, given.sample)
    model = WorstReading(load("parley-small", Path("instance/models")))
    listed = rude_words(read(DATA / "tsd_train.csv"))

    def ours(text: str) -> set[int]:
        spans = explain(model.score, text, ["toxicity"])["toxicity"]
        return {place for span in spans for place in range(span.start, span.end)}

    def by_list(text: str) -> set[int]:
        found = (m for m in re.finditer(r"\w+", text) if m.group().lower() in listed)
        return {place for match in found for place in range(match.start(), match.end())}

    contenders: dict[str, Callable[[str], set[int]]] = {
        "nothing marked": lambda text: set(),
        "everything marked": lambda text: set(range(len(text))),
        f"{len(listed)} rude words learnt from the training half": by_list,
        f"{model.name} {model.version}, words left out": ours,
    }
    print(f"{len(rows)} texts of {given.file}\n\n| marked by | character F1 |\n|---|---|")
    for name, mark in contenders.items():
        mean = statistics.fmean(agreement(mark(text), gold) for text, gold in rows)
        print(f"| {name} | {mean:.3f} |", flush=True)


if __name__ == "__main__":
    main()
