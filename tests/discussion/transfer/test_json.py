"""JSON of any size: element by element, and on behind what is broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from discussion.transfer import json_reading
from discussion.transfer.opening import open_export
from discussion.transfer.records import Flaw


def members(path: Path) -> tuple[list[tuple[str, object]], list[Flaw]]:
    """All members of a file, and its flaws."""
    flaws: list[Flaw] = []
    with open_export(path) as export:
        return list(json_reading.members(export, flaws.append)), flaws


@pytest.mark.parametrize("size", [1, 3, 50, 2**18])
@pytest.mark.parametrize("indent", [None, 2])
def test_members_come_one_by_one(
    tmp_path: Path, size: int, indent: int | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(json_reading, "_PIECE", size)
    value = {"version": 123, "x": {"y": [1, 2]}, "many": [{"a": "ü\n\\"}, [1], 12345], "none": []}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False))
    found, flaws = members(path)
    assert flaws == []
    assert found == [
        ("version", 123), ("x", {"y": [1, 2]}), ("many", {"a": "ü\n\\"}), ("many", [1]),
        ("many", 12345),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        ('{"a": 1}, {"a": 2, oops}, {"a": 3}', [1, 3]),
        ('{"a": 1}, {"a": "x", {"a": 3}', [1, 3]),
        ('{"a": 1},, {"a": 3}', [1, 3]),
        ('{"a": 1} {"a": 3}', [1, 3]),
    ],
)
def test_a_broken_element_costs_no_other(tmp_path: Path, broken: str, kept: list[int]):
    path = tmp_path / "a.json"
    path.write_text('{"many": [' + broken + '], "more": [7]}')
    found, _ = members(path)
    numbers = [one["a"] for name, one in found if name == "many" and isinstance(one, dict)]
    assert numbers[0] == kept[0]
    assert numbers[-1] == kept[-1]


def test_what_breaks_off_gives_what_stands_before(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text('{"many": [{"a": 1}, {"a": 2}, {"a": "thr')
    found, flaws = members(path)
    assert found == [("many", {"a": 1}), ("many", {"a": 2})]
    assert flaws


def test_deep_nesting_is_a_flaw(tmp_path: Path):
    path = tmp_path / "a.json"
    path.write_text('{"many": [' + "[" * 100_000 + "]" * 100_000 + "]}")
    found, flaws = members(path)
    assert found == []
    assert any("deeply" in flaw.reason for flaw in flaws)


def test_lines_are_read_and_broken_ones_named(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n\n{"a": \n{"a": 3}')
    flaws: list[Flaw] = []
    with open_export(path) as export:
        found = list(json_reading.lines(export, flaws.append))
    assert found == [(1, {"a": 1}), (4, {"a": 3})]
    assert [flaw.place for flaw in flaws] == ["line 3, column 6"]
    assert flaws[0].is_lost


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        # What ends the reading of one array is no reason not to read the next.
        ('{version": 1, "many": [{"a": 1}], "more": [7]}', ["many", "more"]),
        ('{"version" 1, "many": [{"a": 1}], "more": [7]}', ["many", "more"]),
        ('{"version": 1x, "many": [{"a": 1}], "more": [7]}', ["version", "many", "more"]),
        ('{"version": 1}, "many": [{"a": 1}], "more": [7]}', ["version", "many", "more"]),
        ('{"many": {"a": 1}, {"a": 2}], "more": [7]}', ["many", "many", "more"]),
        ('"many": [{"a": 1}], "more": [7]}', ["many", "more"]),
        ('{"many": [{"a": 1}, {"a": 2 x}], "more": [7]}', ["many", "more"]),
        ('{"many": [{"a": 1}]}}}', ["many"]),
    ],
)
def test_behind_a_broken_member_the_next_array_is_read(
    tmp_path: Path, broken: str, kept: list[str]
):
    path = tmp_path / "a.json"
    path.write_text(broken)
    assert [name for name, _ in members(path)[0]] == kept


def test_what_is_nested_too_deeply_costs_no_other(tmp_path: Path):
    path, deep = tmp_path / "a.json", '{"x": ' * 20_000 + "1" + "}" * 20_000
    path.write_text('{"many": [' + deep + ', {"a": 1}], "more": [7]}')
    assert members(path)[0] == [("many", {"a": 1}), ("more", 7)]
