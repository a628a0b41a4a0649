"""How often a foreign comment is noticed, and how often an English one is called foreign.

Run `python -m benchmarks.languages`. The foreign ones are those of foreign.tsv, written for this;
the English ones are the labelled comments of ../shared/data/toxicity, where they are.
"""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from moderation.classifier.languages import ENGLISH, detect, prepare, reads_of

HERE = Path(__file__).resolve().parent
TOXICITY = HERE.parents[1] / "shared" / "data" / "toxicity"
_COLUMNS = {
    "jigsaw6_train.csv": "comment_text",
    "tsd_train.csv": "text",
    "davidson.csv": "tweet",
    "edos_labelled_aggregated.csv": "text",
    "surge_en.csv": "text",
    "cat_without_parent.csv": "text",
}


def _foreign() -> Iterator[tuple[str, str]]:
    for line in (HERE / "foreign.tsv").read_text(encoding="utf-8").splitlines():
        language, _, text = line.partition("\t")
        yield language, text


def _english() -> Iterator[str]:
    csv.field_size_limit(1 << 30)
    for name, column in _COLUMNS.items():
        if (TOXICITY / name).is_file():
            with (TOXICITY / name).open(encoding="utf-8") as file:
                yield from (row[column] for row in csv.DictReader(file) if row[column])


def _size(text: str) -> str:
    words = len(text.split())
    return "up to 3 words" if words <= 3 else "4 to 6 words" if words <= 6 else "7 words and more"


def _resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def main() -> None:
    """Print the table."""
    before = _resident_megabytes()
    prepare()
    detect("Once, so that everything is loaded.")
    print(f"memory of both detectors: {_resident_megabytes() - before:.0f} MB")
    for name, reads in (("English", ENGLISH), ("multilingual", reads_of("multilingual"))):
        noticed: Counter[str] = Counter()
        there: Counter[str] = Counter()
        named = 0
        for language, text in _foreign():
            if language in reads:
                continue
            found = detect(text)
            kind = _size(text) if found.script in ("", "Latn") else "another script"
            there[kind] += 1
            noticed[kind] += found.is_foreign_to(reads)
            named += found.code == language
        print(f"foreign comments noticed for a model that reads {name}:")
        for kind in sorted(there):
            print(f"  {kind:<18} {noticed[kind] / there[kind]:6.1%} of {there[kind]}")
        print(f"  {'all':<18} {noticed.total() / there.total():6.1%} of {there.total()}")
        print(f"  language named right: {named / there.total():.1%}")
    texts = list(_english())
    begun = time.perf_counter()
    wrong = [text for text in texts if detect(text).is_foreign_to(ENGLISH)]
    seconds = time.perf_counter() - begun
    if texts:
        short = [text for text in texts if len(text.split()) <= 6]
        wrong_short = sum(len(text.split()) <= 6 for text in wrong)
        print(f"English comments called foreign: {len(wrong) / len(texts):.2%} of {len(texts):,}")
        print(f"  up to 6 words: {wrong_short / len(short):.2%} of {len(short):,}")
        print(f"  {seconds / len(texts) * 1e3:.2f} ms a comment")


if __name__ == "__main__":
    main()
