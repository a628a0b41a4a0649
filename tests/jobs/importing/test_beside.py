"""Reading and converting in a process of their own: the same as here, and nothing hangs with it."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest
from flask import Flask

from discussion.transfer import converting
from discussion.transfer.beside import Beside, convert
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
from models import db
from moderation.errors import Invalid
from tests.discussion.transfer import exports
from tests.jobs.importing.conftest import Bring, everything, rows
from tests.jobs.importing.test_command import many, post


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
    with pytest.raises(RuntimeError, match=r"ended by itself .* Begin the import again"):
        list(reading)
    assert time.monotonic() - begun < 30


def test_it_ends_with_whoever_asks(tmp_path: Path):
    process = Beside()
    reading = process.read("disqus", exports.disqus(tmp_path, *many(50_000)))
    next(reading)
    process.end()
    assert process._process.returncode == 0


@pytest.mark.parametrize("part", [1.0, 0.4])
def test_an_import_beside_comes_to_the_same(
    app: Flask, bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: float
):
    database, path = tmp_path / "parley.db", exports.disqus(tmp_path, *many(100))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    shutil.copy(database, tmp_path / "before.db")
    assert bring("disqus", path).exit_code == 0
    here = everything(database)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    shutil.copy(tmp_path / "before.db", database)
    monkeypatch.setattr(importing, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(importing, "BATCH", 30)
    monkeypatch.setattr(
        converting._Share, "converted", lambda share, _: setattr(share, "_part", part)
    )
    assert bring("disqus", path).exit_code == 0
    assert everything(database) == here
    assert rows(database, "SELECT count(*) FROM comment") == [(100,)]


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
