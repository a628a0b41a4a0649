"""Measures scoring: time per comment, alone and in a batch, against plain Detoxify.

Run `python -m benchmarks.scoring`; takes about a minute.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from moderation.classifier import load

CONTENDERS = ("Detoxify one by one", "ours")
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


def resident() -> float:
    """The memory of this process, in MB (VmRSS)."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def _ours(short: str, texts: list[str]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    classifier = load("parley-small", Path("instance/models"))
    return partial(classifier.score, [short]), partial(classifier.score, texts)


def _plain(short: str, texts: list[str]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    from moderation.classifier.detoxify_model import load_plain

    plain = load_plain()
    return partial(plain.predict, short), lambda: [plain.predict(text) for text in texts]


def measure(contender: str, count: int) -> None:
    """Print one row of the table; run in a process of its own, so that memory is its own."""
    texts, short = comments(count), " ".join(_WORDS[:30])
    began = time.perf_counter()
    one, all_of_them = _ours(short, texts) if contender == "ours" else _plain(short, texts)
    one()
    first = time.perf_counter() - began
    alone = sorted(timed(one) for _ in range(40))
    together = timed(all_of_them)
    print(
        f"| {contender} | {count / together:.0f} | {statistics.median(alone) * 1000:.1f} "
        f"| {alone[37] * 1000:.1f} | {resident():.0f} | {first:.1f} |",
        flush=True,
    )


def main() -> None:
    """Print a Markdown table, each contender measured in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=256)
    parser.add_argument("--only", choices=CONTENDERS)
    given = parser.parse_args()
    if given.only:
        measure(given.only, given.count)
        return
    print(
        "| parley-small | texts/s | 30 words, p50 ms | p95 ms | resident MB | first score s |\n"
        "|---|---|---|---|---|---|",
        flush=True,
    )
    for contender in CONTENDERS:
        command = [sys.executable, "-m", "benchmarks.scoring", "--only", contender]
        subprocess.run([*command, "--count", str(given.count)], check=True)


if __name__ == "__main__":
    main()
