"""Where the sentences of a text begin and end."""

from __future__ import annotations

import re
from itertools import pairwise

# With the whole text as many as the model scores in one pass (classifier/batching.py).
MOST = 31

# What ends a sentence in the scripts of this world that write such a mark, what may close behind
# it, and a blank; those of Chinese and Japanese need none. A new line ends one too.
_END = re.compile(
    r"(?<![.!?…؟۔।։።])[.!?…؟۔।։።]++[\"'”’»)\]]*+(?=\s)|[。！？]++[\"'”’」』）]*+|\n++"
)
# A stop behind one of these ends nothing, as behind a single letter: "Dr. J. Smith".
_SHORT = re.compile(
    r"(?:^|[\s(])(?:\w|mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|no|fig|approx|e\.g|i\.e)\.$", re.IGNORECASE
)
_LONGEST_SHORT = 8


def sentences(text: str) -> list[tuple[int, int]]:
    """Begin and end of each sentence, in characters, without the blanks around it; in order.

    At least one for a text that is not blank, and MOST at most: of more, neighbours are joined, so
    that nothing is left out.
    """
    found: list[tuple[int, int]] = []
    begin = 0
    for mark in _END.finditer(text):
        end = mark.end()
        before = text[max(begin, end - _LONGEST_SHORT) : end]
        if mark[0] == "." and _SHORT.search(before):
            continue
        found += _trimmed(text, begin, end)
        begin = end
    found += _trimmed(text, begin, len(text))
    return _joined(found)


def _trimmed(text: str, begin: int, end: int) -> list[tuple[int, int]]:
    part = text[begin:end]
    left = begin + len(part) - len(part.lstrip())
    right = begin + len(part.rstrip())
    return [(left, right)] if left < right else []


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    if len(found) <= MOST:
        return found
    bounds = [len(found) * number // MOST for number in range(MOST + 1)]
    return [(found[first][0], found[last - 1][1]) for first, last in pairwise(bounds)]
