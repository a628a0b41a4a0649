"""Windows: every token is read, passes stay small, and no number is no score."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from moderation.classifier.windows import TOKENS_A_PASS, Reader, Window, highest, passes
from moderation.errors import ScoringFailed

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"w{number}" for number in range(400))]


def reader(window: int) -> Reader:
    """One token for each word, in a frame of two."""
    made = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, "[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    # As the file of a base model may come; it must not count.
    made.enable_truncation(5)
    made.enable_padding(length=20)
    return Reader(made, window)


def words(count: int) -> list[int]:
    """Numbers of the tokens of a text of so many words."""
    return [4 + number % 400 for number in range(count)]


def text(count: int) -> str:
    """That text."""
    return " ".join(WORDS[token] for token in words(count))


def window(length: int) -> Window:
    """An empty window."""
    return Window(0, np.zeros(length, dtype=np.int32))


@pytest.mark.parametrize("size", [8, 16, 64])
@pytest.mark.parametrize("count", [0, 1, 6, 7, 100, 395])
def test_every_token_of_a_text_is_read(size: int, count: int) -> None:
    windows = list(reader(size).windows([text(count)]))
    assert all(len(each.tokens) <= size for each in windows)
    assert all((each.tokens[0], each.tokens[-1]) == (2, 3) for each in windows)
    step = size - 2 - min(64, size // 4)
    put_together: list[int] = []
    for number, each in enumerate(windows):
        put_together = put_together[: number * step] + each.tokens[1:-1].tolist()
    assert put_together == words(count)


def test_windows_know_whose_they_are() -> None:
    owners = [each.owner for each in reader(16).windows([text(3), text(40), text(0)])]
    assert owners[0] == 0
    assert owners[-1] == 2
    assert set(owners[1:-1]) == {1}


def test_windows_are_grouped_within_the_budget() -> None:
    windows = [window(length) for length in sorted([5, 7, 30, *[96] * 9, TOKENS_A_PASS])]
    groups = list(passes(windows))
    assert [each for group in groups for each in group] == windows
    sizes = [len(group) * max(len(each.tokens) for each in group) for group in groups]
    assert max(sizes) <= TOKENS_A_PASS


def test_a_window_larger_than_a_pass_is_one_of_its_own() -> None:
    assert [len(group) for group in passes([window(10), window(TOKENS_A_PASS + 1)])] == [1, 1]


def lengths(groups: list[list[Window]]) -> list[list[int]]:
    """How long the windows of each pass are."""
    return [[len(each.tokens) for each in group] for group in groups]


@pytest.mark.parametrize(
    ("given", "at_once", "grouped"),
    [
        # A text of two windows, or with two readings: one for each thread, and none is padded.
        ([33, 96], 2, [[33], [96]]),
        ([40, 41], 2, [[40], [41]]),
        # One thread pads a little and not much.
        ([33, 96], 1, [[33], [96]]),
        ([40, 41], 1, [[40, 41]]),
        # Eight comments that came together: both threads have as much to do.
        ([45] * 8, 2, [[45, 45]] * 4),
        # Less than that is not worth a pass.
        ([8] * 8, 2, [[8] * 4] * 2),
        ([7], 2, [[7]]),
        ([], 2, []),
    ],
)
def test_windows_are_shared_out_among_threads(
    given: list[int], at_once: int, grouped: list[list[int]]
) -> None:
    assert lengths(list(passes([window(length) for length in given], at_once))) == grouped


def test_many_windows_fill_their_passes_whatever_the_threads() -> None:
    groups = list(passes([window(32)] * 640, at_once=4))
    assert {len(group) for group in groups} == {TOKENS_A_PASS // 32}


class Model:
    """Its first output is the largest token it is shown, over 100; the mask is believed."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, ids: Any, mask: Any) -> Any:
        self.shapes.append(ids.shape)
        assert ids.dtype == mask.dtype == np.int64
        assert (ids[mask == 0] == 9).all()
        largest = (ids * mask).max(axis=1, keepdims=True) / 100
        return np.repeat(largest, 3, axis=1).astype(np.float32)


def test_the_highest_window_counts_whatever_the_order() -> None:
    model = Model()
    texts = ["w3", "w1 w2", f"{'w0 ' * 50} w300 {'w0 ' * 50}", "w5 w5 w5 w5"]
    found = highest(texts, reader(16), model, labels=2, padding=9)
    expected = [1 / (1 + math.exp(-token / 100)) for token in (7, 6, 304, 9)]
    assert found.shape == (4, 2)
    assert found[:, 0] == pytest.approx(expected, abs=1e-6)


def test_what_reads_alike_is_scored_once_and_counts_for_each() -> None:
    model = Model()
    texts = ["w3", "w7 w2", "w3", "w7  w2", f"{'w0 ' * 14} w9 {'w1 ' * 14}", "w3"]
    found = highest(texts, reader(16), model, labels=1, padding=9, at_once=2)
    several = [highest([each], reader(16), Model(), labels=1, padding=9)[0] for each in texts]
    assert found.tolist() == pytest.approx(np.array(several))
    windows = {tuple(each.tokens) for each in reader(16).windows(texts)}
    assert sum(shape[0] for shape in model.shapes) == len(windows)
    assert len(windows) < len(list(reader(16).windows(texts)))


def test_passes_side_by_side_give_the_same() -> None:
    texts = [text(number) for number in range(1, 120)]
    one = highest(texts, reader(64), Model(), labels=1, padding=9)
    with ThreadPoolExecutor(3) as pool:
        model = Model()
        several = highest(
            texts, reader(64), model, labels=1, padding=9, several=pool.map, at_once=3
        )
    assert (one == several).all()
    assert len(model.shapes) > 5


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_no_number_is_no_score(broken: float) -> None:
    def forward(ids: Any, mask: Any) -> Any:
        logits = np.zeros((len(ids), 2), np.float32)
        logits[-1, -1] = broken
        return logits

    with pytest.raises(ScoringFailed):
        highest(["w1", "w2"], reader(16), forward, labels=2, padding=9)


def test_outputs_without_a_label_are_not_looked_at() -> None:
    def forward(ids: Any, mask: Any) -> Any:
        return np.array([[0.0, math.nan]], np.float32)

    assert highest(["w1"], reader(16), forward, labels=1, padding=9).tolist() == [[0.5]]


def test_very_certain_scores_stay_within_bounds_and_silent() -> None:
    def forward(ids: Any, mask: Any) -> Any:
        return np.array([[-3e4, 3e4]], np.float32)

    with np.errstate(all="raise", under="ignore"):
        assert highest(["w1"], reader(16), forward, labels=2, padding=9).tolist() == [[0.0, 1.0]]
