"""Measures scoring: time per comment, alone and in a batch, against plain Detoxify.

Run `python -m benchmarks.scoring`; takes about a minute.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moderation.classifier import load

_SENTENCE = (
    "the council said today that nobody in this town would pay more for water while I think "
    "they should explain why last year was different and who decides such things anyway"
)
_WORDS = _SENTENCE.split()


def comments(count: int, seed: int = 5) -> list[str]:
    """Made-up comments of 5 to 300 words, most of them short (mean about 45)."""
    rng = random.Random(seed)
    lengths = [min(300, max(5, int(rng.lognormvariate(3.4, 0.9)))) for _ in range(count)]
    return [" ".join(rng.choices(_WORDS, k=length)) for length in lengths]


def timed(work: Callable[[], Any]) -> float:
    """Seconds that one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    """Print a small table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="parley-small")
    parser.add_argument("--cache", type=Path, default=Path("instance/models"))
    parser.add_argument("--count", type=int, default=256)
    given = parser.parse_args()
    started = time.perf_counter()
    classifier: Any = load(given.model, given.cache)
    print(f"{classifier.name} {classifier.version} loaded in {time.perf_counter() - started:.1f} s")
    texts = comments(given.count)
    short = " ".join(_WORDS[:30])
    classifier.score(texts[:8])
    alone = [timed(lambda: classifier.score([short])) for _ in range(30)]
    print(f"one 30-word comment: median {statistics.median(alone) * 1000:.1f} ms")
    together = timed(lambda: classifier.score(texts))
    print(f"{given.count} comments in one call: {given.count / together:.0f} comments/s")
    plain = timed(lambda: [classifier.predict(text) for text in texts])
    print(f"the same, Detoxify's predict one by one: {given.count / plain:.0f} comments/s")


if __name__ == "__main__":
    main()
