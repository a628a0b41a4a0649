"""Knows how texts become windows of tokens, windows passes, and passes a score for each text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from moderation.errors import ScoringFailed

# Padded tokens in one pass of the model: larger ones cost memory and were slower, because what is
# computed no longer fits into the processor's cache.
TOKENS_A_PASS = 512
# Tokens that two neighbouring windows share, so that no insult is split between them.
OVERLAP = 64
MOST_TOKENS = 512

Numbers = NDArray[np.int64]
# Token numbers and a mask of words, both (windows, tokens), to logits, (windows, outputs).
Forward = Callable[[Numbers, Numbers], NDArray[np.float32]]


@dataclass(frozen=True)
class Window:
    """A stretch of one text's tokens, frame tokens included."""

    owner: int
    tokens: NDArray[np.int32]


# As the built-in `map`: from what is done to one group of windows, and the groups, to the results.
Several = Callable[
    [Callable[[list[Window]], NDArray[np.float32]], list[list[Window]]],
    Iterable[NDArray[np.float32]],
]


class Reader:
    """Cuts texts into overlapping windows of at most `window` tokens; nothing is left out."""

    def __init__(self, tokenizer: Tokenizer, window: int) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(window, stride=min(OVERLAP, window // 4))

    def windows(self, texts: Sequence[str]) -> Iterator[Window]:
        """Every window of every text, those of one text in order."""
        for owner, text in enumerate(texts):
            # One text at a time: a tokenizer's own record of a long text is a hundred times as
            # large as its tokens.
            first = self._tokenizer.encode(_encodable(text))
            for part in (first, *first.overflowing):
                yield Window(owner, np.array(part.ids, dtype=np.int32))


def highest(
    texts: Sequence[str],
    reader: Reader,
    forward: Forward,
    *,
    labels: int,
    padding: int,
    several: Several = map,
) -> NDArray[np.float64]:
    """Probabilities, (texts, labels): of each label the highest in any window of the text.

    Windows are sorted by length, so that little is padded, and taken in passes of at most
    TOKENS_A_PASS; `several` does several passes, one after the other or at the same time. Raises
    ScoringFailed when the model gives no number.
    """
    found = np.zeros((len(texts), labels))
    groups = list(passes(sorted(reader.windows(texts), key=lambda window: len(window.tokens))))
    go_through = several if len(groups) > 1 else map
    done = go_through(lambda group: forward(*_padded(group, padding)), groups)
    for group, given in zip(groups, done, strict=True):
        logits = given[:, :labels].astype(np.float64)
        # Not a number is below every threshold: it would publish what was never judged.
        if not np.isfinite(logits).all():
            raise ScoringFailed("The model gave no number for this text.")
        probabilities = np.exp(-np.logaddexp(0, -logits))
        np.maximum.at(found, [window.owner for window in group], probabilities)
    return found


def passes(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Group windows sorted by length so that no pass is larger than TOKENS_A_PASS once padded."""
    group: list[Window] = []
    for window in windows:
        if group and len(window.tokens) * (len(group) + 1) > TOKENS_A_PASS:
            yield group
            group = []
        group.append(window)
    if group:
        yield group


def _padded(group: Sequence[Window], padding: int) -> tuple[Numbers, Numbers]:
    """Token numbers and their mask, both (windows, tokens of the longest)."""
    width = max(len(window.tokens) for window in group)
    ids = np.full((len(group), width), padding, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, window in enumerate(group):
        ids[row, : len(window.tokens)] = window.tokens
        mask[row, : len(window.tokens)] = 1
    return ids, mask


def _encodable(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates: JSON can carry them, no tokenizer takes."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
