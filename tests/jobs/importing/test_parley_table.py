"""The table of `flask import parley`: read, new, already there, skipped and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import post
from tests.jobs.importing.conftest import Bring

Lines = list[dict[str, Any]]


@pytest.fixture
def lines(app: Flask, bring: Bring, tmp_path: Path) -> Lines:
    """An export of a site with three comments."""
    bring("disqus", exports.disqus(tmp_path, post("1"), post("2", parent="1"), post("3")))
    path = tmp_path / "export.jsonl"
    done = app.test_cli_runner().invoke(args=["export", str(path), "--site", "news"])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def take(app: Flask, other_site: int, tmp_path: Path) -> Callable[..., Result]:
    """Types `flask import parley`, into another site, for some lines and what stands behind."""

    def typed(lines: Lines, behind: str = "") -> Result:
        path = tmp_path / "again.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines) + behind)
        args = ["import", "parley", str(path), "--site", "other"]
        return app.test_cli_runner().invoke(args=args)

    return typed


def told(said: Result) -> list[str]:
    """The lines of a table, without the blanks between its columns."""
    return [" ".join(line.split()) for line in said.output.splitlines()]


def test_comments_are_read_new_already_there_or_skipped_and_why(
    lines: Lines, take: Callable[..., Result]
):
    comments = [line for line in lines if line["type"] == "comment"]
    assert len(comments) == 3
    comments[0]["thread"] = "path:/nowhere"
    comments[1]["decisions"][0]["after"] = "rejected"
    said = take(lines)
    assert said.exit_code == 3, said.output
    assert told(said)[:8] == [
        "Comments read 3",
        "new 1",
        "published 1",
        "already there 0",
        "skipped 2",
        "its decisions do not lead to where it stands 1",
        "its thread is nowhere in the file before it 1",
        "Threads new 1",
    ]
    assert sum("(lost)" in line for line in told(said)) == 2
    again = told(take(lines))
    assert again[:4] == ["Comments read 3", "new 0", "already there 1", "skipped 2"]


def test_other_lines_that_are_skipped_are_counted_too(lines: Lines, take: Callable[..., Result]):
    (thread,) = (line for line in lines if line["type"] == "thread")
    lines.insert(-1, thread | {"url": 7, "identity": "path:/other"})
    lines.insert(-1, {"type": "poem"})
    said = told(take(lines, "{oops\n[]\n"))
    assert said[:2] == ["Comments read 3", "new 3"]
    at = said.index("Threads new 1")
    assert said[at + 1 : at + 4] == [
        "already there 0", "skipped 1", "“url” is of another kind than it has to be 1",
    ]  # fmt: skip
    at = said.index("skipped 3")
    assert said[at - 1] == f"Lines read {len(lines) - 1 + 2}"
    assert sorted(said[at + 1 : at + 4]) == [
        "it is no JSON 1", "it is no JSON object 1", "this is no kind of line 1",
    ]  # fmt: skip


def test_an_export_of_the_other_kind_is_called_by_its_name(
    app: Flask, bring: Bring, lines: Lines, take: Callable[..., Result], tmp_path: Path
):
    said = bring("disqus", tmp_path / "export.jsonl")
    assert (said.exit_code, "flask import parley" in said.output) == (1, True), said.output
    args = ["import", "parley", str(exports.disqus(tmp_path, post("1")))]
    said = app.test_cli_runner().invoke(args=args)
    assert (said.exit_code, "flask import disqus" in said.output) == (1, True), said.output
