"""The measure of marked words: that of SemEval 2021 task 5, on cases counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.explaining import agreement, read, rude_words


@pytest.mark.parametrize(
    ("marked", "gold", "expected"),
    [
        (set(), set(), 1.0),
        ({1}, set(), 0.0),
        (set(), {1}, 0.0),
        ({1, 2}, {1, 2}, 1.0),
        ({1, 2, 3, 4}, {3, 4}, 2 * 0.5 * 1.0 / 1.5),
        ({1, 2}, {3, 4}, 0.0),
    ],
)
def test_agreement_is_the_f1_of_characters(
    marked: set[int], gold: set[int], expected: float
) -> None:
    assert agreement(marked, frozenset(gold)) == pytest.approx(expected)


def test_offsets_are_read_as_code_points(tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text('spans,text\n"[2, 3, 4]","😀 fool"\n[],Fine.\n', encoding="utf-8")
    assert read(file) == [("😀 fool", frozenset({2, 3, 4})), ("Fine.", frozenset())]


def test_the_list_holds_words_that_are_marked_oftener_than_not() -> None:
    rows = [("a fool", frozenset(range(2, 6))), ("Fool a", frozenset(range(4)))] * 2
    assert rude_words([*rows, ("a", frozenset({0}))]) == {"fool"}
