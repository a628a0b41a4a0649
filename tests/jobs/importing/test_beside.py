"""Reading and converting in a process of their own: the same as here, and nothing hangs with it."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from discussion.transfer import converting
from discussion.transfer.beside import Beside, Ended, convert
from discussion.transfer.reading import portions
from discussion.transfer.records import (
    AuthorRecord,
    CommentRecord,
    Fate,
    Flaw,
    Markup,
    ThreadRecord,
    packed,
    unpacked,
)
from discussion.transfer.values import read_time
from jobs import importing
from moderation.errors import Invalid
from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import many, post
from tests.jobs.importing.conftest import Bring, rows

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def beside():
    process = Beside()
    yield process
    process.end()


@pytest.mark.parametrize(
    "record",
    [
        CommentRecord(
            "1", "t", "<p>Words.", "0", AuthorRecord("Ada", "ada@example.com", "17"),
            Markup.HTML_LINES, Fate.HELD, read_time("2020-02-03T04:05:06Z"), None, 3, 2, "why",
        ),
        CommentRecord("2", "t", "\ud800", edited_at=read_time(1_600_000_000)),
        ThreadRecord("t", "https://x.example/", "id", "Title", True, False),
        AuthorRecord("Ada", "", "17"),
        Flaw("line 7", "it is broken", is_lost=True),
    ],
)  # fmt: skip
def test_a_record_comes_back_from_its_tuple(record):
    assert unpacked(packed(record)) == record


def test_it_reads_what_is_read_here(beside: Beside, tmp_path: Path):
    path = exports.disqus(tmp_path, *many(1_200), post("x", "<b>", flags=""), "<post>broken & ")
    here, there = list(portions("disqus", path)), list(beside.read("disqus", path))
    assert len(here) > 2
    assert there == here
    # It is still there for the next thing.
    beside.ask([("html", "<b>one</b>"), ("markdown", "*two*")])
    bodies, seconds = beside.answer()
    assert bodies == convert([("html", "<b>one</b>"), ("markdown", "*two*")])
    assert 0 <= seconds < 60


def test_why_a_file_cannot_be_read_is_said_here(beside: Beside, tmp_path: Path):
    path = exports.disqus(tmp_path, *many(1))
    with pytest.raises(Invalid, match="looks like an export of Disqus, not of Isso"):
        list(beside.read("isso", path))


def test_one_that_was_killed_is_missed_at_once(beside: Beside, tmp_path: Path):
    path = exports.disqus(tmp_path, *many(50_000))
    reading = beside.read("disqus", path)
    next(reading)
    beside._process.send_signal(signal.SIGKILL)
    begun = time.monotonic()
    with pytest.raises(Ended, match=r"ended by itself .* Begin the import again"):
        list(reading)
    assert time.monotonic() - begun < 30


def test_let_go_in_the_midst_of_reading_it_ends(tmp_path: Path):
    process = Beside()
    reading = process.read("disqus", exports.disqus(tmp_path, *many(50_000)))
    next(reading)
    process.end()
    assert process._process.returncode == 0


# Has it convert for a long time, says what it is called, and waits to be killed.
_ASKING = """
import sys, time
from discussion.transfer.beside import Beside
beside = Beside()
beside.ask([("markdown", "words " * 2_000)] * 10_000)
print(beside._process.pid, flush=True)
time.sleep(600)
"""


def test_it_ends_with_whoever_asks_even_at_work(tmp_path: Path):
    # Neither is it found by the working directory, nor by a path that Python takes for unsafe.
    with subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path.append({str(ROOT)!r})\n{_ASKING}"],
        stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=os.environ | {"PYTHONSAFEPATH": "1"},
    ) as asking:  # fmt: skip
        assert asking.stdout is not None
        beside = Path(f"/proc/{int(asking.stdout.readline())}")
        assert beside.exists()
        asking.kill()
        asking.wait()
    until = time.monotonic() + 30
    while beside.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not beside.exists()


@pytest.mark.parametrize("size", [1, 2**20])
def test_a_file_that_is_gone_is_told_in_words(
    bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
):
    path = exports.disqus(tmp_path, *many(10))
    monkeypatch.setattr(importing, "_WORTH_A_PROCESS", size)
    # As a disk says it that gives out while it is read.
    monkeypatch.setattr("discussion.transfer.reading.open_parts", _giving_out)
    monkeypatch.setattr(Beside, "read", lambda self, *asked: portions(*asked))
    said = bring("disqus", path)
    assert said.exit_code == 1
    assert said.output.endswith(f"Error: {path.name} cannot be read: Input/output error.\n")


def _giving_out(path: Path) -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_one_that_ended_is_told_in_words(
    bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = exports.disqus(tmp_path, *many(10))
    monkeypatch.setattr(importing, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr("discussion.transfer.beside._START", "raise SystemExit(7)")
    said = bring("disqus", path)
    assert (said.exit_code, said.output.count("exit status 7")) == (1, 1)
    assert said.output.startswith("Error: The process that reads the file has ended by itself")


@pytest.mark.parametrize("part", [1.0, 0.4])
def test_an_import_beside_comes_to_the_same(
    twice: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: float
):
    def beside() -> None:
        monkeypatch.setattr(importing, "_WORTH_A_PROCESS", 1)
        monkeypatch.setattr(importing, "BATCH", 30)
        monkeypatch.setattr(
            converting._Share, "converted", lambda share, _: setattr(share, "_part", part)
        )

    here, there = twice(exports.disqus(tmp_path, *many(100)), beside)
    assert there == here
    assert rows(tmp_path / "parley.db", "SELECT count(*) FROM comment") == [(100,)]


def test_the_share_settles_where_both_are_ready_at_once():
    share = converting._Share()
    # All of it takes 3 s beside; storing takes 1 s: 2/3 beside is 2 s, and 1 s + 1 s here.
    for _ in range(3):
        share.begin(300)
        share._storing = 1.0
        share.converted(3.0 * share.cut / 300)
    share.begin(300)
    assert share.cut == 200
    # What stores long leaves all of it to the other.
    share._storing = 9.0
    share.converted(2.0)
    share.begin(300)
    assert share.cut == 300
