"""Measures looking for a site's words in comments, against one regular expression of them all.

Run `python -m benchmarks.wordlists`; takes half a minute. It prints a Markdown table: milliseconds
a comment, by how many entries the list has. RE2 is measured where its package is installed
(`pip install google-re2`). The expressions find the words as they are typed, ours in disguise too.
"""

from __future__ import annotations

import importlib
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.scoring import comments
from moderation.signals.words import WordList

SIZES = (10, 500, 5_000)
_COMMENTS = 300
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

Find = Callable[[str], object]


def entries(count: int, rng: random.Random) -> list[str]:
    """Made-up entries: words of 4 to 10 letters, every fifth a phrase, every tenth a stem."""

    def word() -> str:
        return "".join(rng.choices(_LETTERS, k=rng.randrange(4, 11)))

    made = []
    for number in range(count):
        entry = f"{word()} {word()}" if number % 5 == 0 else word()
        made.append(f"{entry}*" if number % 10 == 1 else entry)
    return made


def expression(listed: Sequence[str]) -> str:
    """One expression of all entries, whole words only."""
    each = [re.escape(one.rstrip("*")) + (r"\w*" if one.endswith("*") else "") for one in listed]
    return rf"(?i)\b(?:{'|'.join(each)})\b"


def milliseconds(find: Find, texts: Sequence[str]) -> float:
    """The median over the texts."""
    spent = []
    for text in texts:
        began = time.perf_counter()
        find(text)
        spent.append(1000 * (time.perf_counter() - began))
    return statistics.median(spent)


def _re2(pattern: str) -> Find | None:
    try:
        re2 = importlib.import_module("re2")
    except ModuleNotFoundError:
        return None
    options = re2.Options()
    options.max_mem = 256 << 20
    compiled = re2.compile(pattern, options)
    return lambda text: list(compiled.finditer(text))


def main() -> None:
    """Print the table."""
    texts = comments(_COMMENTS)
    print("| entries | ours | `re` | RE2 |\n|---|---|---|---|")
    for size in SIZES:
        listed = entries(size, random.Random(4))
        words, compiled = WordList(listed), re.compile(expression(listed))
        found = _re2(expression(listed))
        cells = [
            milliseconds(words.find, texts),
            milliseconds(lambda text, compiled=compiled: list(compiled.finditer(text)), texts),
        ]
        shown = [f"{cell:.3f}" for cell in cells]
        shown.append(f"{milliseconds(found, texts):.4f}" if found else "not installed")
        print(f"| {size:,} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
