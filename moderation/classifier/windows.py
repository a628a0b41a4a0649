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
# Below so many tokens passes are not made smaller for there to be more of them side by side; and
# what a pass costs by itself, in tokens: padding that costs more is another pass.
_FEWEST_A_PASS, _A_PASS = 32, 8
# Passes for each thread, where there are windows for them: so none of them waits long for another.
_TURNS = 2
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
    at_once: int = 1,
) -> NDArray[np.float64]:
    """Probabilities, (texts, labels): of each label the highest in any window of the text.

    Windows of the same tokens are scored once: readings of a text often differ in capitals alone,
    or in one place of many. The others are grouped by `passes`; `several` does several passes,
    `at_once` of them at the same time. Raises ScoringFailed when the model gives no number.
    """
    found = np.zeros((len(texts), labels))
    owners: dict[bytes, list[int]] = {}
    different: list[Window] = []
    for window in reader.windows(texts):
        alike = owners.setdefault(window.tokens.tobytes(), [])
        if not alike:
            different.append(window)
        alike.append(window.owner)
    # The largest come first: what is done last should not keep the other threads waiting.
    groups = list(passes(sorted(different, key=lambda one: len(one.tokens)), at_once))[::-1]
    go_through = several if len(groups) > 1 else map
    done = go_through(lambda group: forward(*_padded(group, padding)), groups)
    for group, given in zip(groups, done, strict=True):
        logits = given[:, :labels].astype(np.float64)
        # Not a number is below every threshold: it would publish what was never judged.
        if not np.isfinite(logits).all():
            raise ScoringFailed("The model gave no number for this text.")
        probabilities = np.exp(-np.logaddexp(0, -logits))
        for window, row in zip(group, probabilities, strict=True):
            np.maximum.at(found, owners[window.tokens.tobytes()], row)
    return found


def passes(windows: Sequence[Window], at_once: int = 1) -> Iterator[list[Window]]:
    """Group windows sorted by length, for `at_once` passes side by side.

    No pass is larger than TOKENS_A_PASS once padded. None is so large that other threads have
    nothing to do meanwhile, and none is padded where another pass costs less: one text of two
    windows, or with two readings, is read by two threads.
    """
    most = TOKENS_A_PASS
    if at_once > 1:
        share = sum(len(window.tokens) for window in windows) // (at_once * _TURNS)
        most = min(most, max(_FEWEST_A_PASS, share))
    group: list[Window] = []
    for window in windows:
        size = len(window.tokens)
        padded = (size - len(group[-1].tokens)) * len(group) if group else 0
        if group and (size * (len(group) + 1) > most or padded > _A_PASS):
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
