"""Knows how abuse hides: among harmless words, and behind odd spelling."""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.templates import Targets

_SHORT_WORDS = 18


def buried(
    clean: Sequence[str], abuse: Sequence[tuple[str, Targets]], rng: random.Random, count: int
) -> list[tuple[str, Targets]]:
    """Hide a short abusive text inside harmless ones, with the abusive one's targets."""
    short = [(text, targets) for text, targets in abuse if len(text.split()) <= _SHORT_WORDS]
    made = []
    for _ in range(count if short else 0):
        before, after = (rng.choice(clean).split() for _ in range(2))
        text, targets = rng.choice(short)
        first, last = rng.randrange(0, 40), rng.randrange(0, 30)
        parts = [" ".join(before[:first]), text, " ".join(after[:last])]
        made.append((" ".join(part for part in parts if part), targets))
    return made


_LEET = {"a": "@4", "e": "3", "i": "1!", "o": "0", "s": "$5", "t": "7", "u": "v*", "c": "k("}


def misspelt(
    examples: Sequence[tuple[str, Targets]], rng: random.Random
) -> list[tuple[str, Targets]]:
    """Write some letters as people do who hurry or hide: stars, digits, doubled and lost ones.

    Clean texts get the same treatment as abusive ones, so that odd spelling alone means nothing.
    """
    made = []
    for text, targets in examples:
        words = [_misspelt(word, rng) if rng.random() < 0.35 else word for word in text.split(" ")]
        made.append((" ".join(words), targets))
    return made


def _misspelt(word: str, rng: random.Random) -> str:
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(5)
    if kind == 0:
        return word[:at] + "*" + word[at + 1 :]
    if kind == 1:
        return "".join(
            rng.choice(_LEET[c.lower()]) if c.lower() in _LEET and rng.random() < 0.6 else c
            for c in word
        )
    if kind == 2:
        return word[:at] + word[at] * rng.randrange(2, 5) + word[at:]
    if kind == 3:
        return word[:at] + word[at + 1 :]
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
