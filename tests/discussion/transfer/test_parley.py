"""Parley's own export: written, read into an empty database, and written again, byte for byte."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from discussion.transfer.records import Flaw
from jobs.transactions import writing
from models import Account, Comment, Policy, Site, db
from moderation import policies
from moderation.decisions import SYSTEM
from moderation.errors import Invalid
from moderation.values import Values
from tests.discussion.transfer.parley_files import changed, empty, exported, taken
from tests.jobs.backup.conftest import run


def test_written_read_and_written_again_it_is_the_same(first: bytes, there: Flask, tmp_path: Path):
    found = taken(there, tmp_path / "first.jsonl")
    assert found.flaws == []
    assert (
        exported(there, tmp_path / "second.jsonl").decode().splitlines()
        == first.decode().splitlines()
    )
    answer = run(there, "audit", "verify")
    assert answer.exit_code == 0, answer.output


def test_packed_it_is_the_same_too(first: bytes, there: Flask, tmp_path: Path):
    taken(there, tmp_path / "first.jsonl")
    packed = exported(there, tmp_path / "first.jsonl.gz")
    assert exported(there, tmp_path / "again.jsonl.gz") == packed
    assert gzip.decompress(packed) == first


def test_it_is_read_packed(first: bytes, there: Flask, tmp_path: Path):
    (tmp_path / "first.jsonl.gz").write_bytes(gzip.compress(first))
    assert taken(there, tmp_path / "first.jsonl.gz").flaws == []
    assert exported(there, tmp_path / "second.jsonl") == first


def test_a_second_time_there_is_nothing_new(first: bytes, there: Flask, tmp_path: Path):
    taken(there, tmp_path / "first.jsonl")
    before = exported(there, tmp_path / "once.jsonl")
    found = taken(there, tmp_path / "first.jsonl")
    assert not found.new
    assert found.there["comment"] == 7
    assert exported(there, tmp_path / "twice.jsonl") == before


def test_taken_back_to_where_it_came_from_there_is_nothing_new(
    app: Flask, everything: None, tmp_path: Path
):
    before = exported(app, tmp_path / "first.jsonl")
    found = taken(app, tmp_path / "first.jsonl")
    assert not found.new, found.new
    assert exported(app, tmp_path / "again.jsonl") == before


def test_over_a_third_database_it_is_still_the_same(
    first: bytes, there: Flask, migrated: Path, tmp_path: Path
):
    third = empty(tmp_path / "third", migrated)
    taken(there, tmp_path / "first.jsonl")
    exported(there, tmp_path / "second.jsonl")
    taken(third, tmp_path / "second.jsonl")
    assert exported(third, tmp_path / "third.jsonl") == first


@pytest.mark.parametrize("lines", range(1, 40, 3))
def test_cut_short_anywhere_it_is_gone_on_with(
    first: bytes, there: Flask, tmp_path: Path, lines: int
):
    half = b"".join(first.splitlines(keepends=True)[:lines])
    (tmp_path / "half.jsonl").write_bytes(half)
    cut = taken(there, tmp_path / "half.jsonl")
    is_whole = lines >= len(first.splitlines())
    assert cut.flaws == (
        [] if is_whole else [Flaw("the end", "The file breaks off before its last line.")]
    )
    assert taken(there, tmp_path / "first.jsonl").flaws == []
    assert exported(there, tmp_path / "second.jsonl") == first
    assert run(there, "audit", "verify").exit_code == 0


def test_a_rehearsal_says_the_same_and_writes_nothing(first: bytes, there: Flask, tmp_path: Path):
    told = taken(there, tmp_path / "first.jsonl", dry_run=True)
    with there.app_context():
        assert not any(db.session().query(table).count() for table in (Site, Account, Comment))
    assert told.new == taken(there, tmp_path / "first.jsonl").new


def test_what_was_written_since_comes_along_the_next_time(
    app: Flask, everything: None, make_comment: Callable[..., int], there: Flask, tmp_path: Path
):
    exported(app, tmp_path / "first.jsonl")
    taken(there, tmp_path / "first.jsonl")
    make_comment("Written since.", "Rita", parent=1)
    later = exported(app, tmp_path / "later.jsonl")
    found = taken(there, tmp_path / "later.jsonl")
    assert found.new["comment"] == 1
    assert found.there["comment"] == 7
    assert exported(there, tmp_path / "second.jsonl") == later


def test_into_a_site_that_is_there_already(
    app: Flask, everything: None, other_site: int, there: Flask, tmp_path: Path
):
    """Its own policies stay; what is taken in is decided under the newest of them."""
    exported(app, tmp_path / "first.jsonl")
    with there.app_context(), writing() as session:
        mine = Site(slug="mine", name="Mine")
        session.add(mine)
        session.flush()
        policies.begin(session, mine, Values(), SYSTEM)
    assert run(app, "export", str(tmp_path / "one.jsonl"), "--site", "news").exit_code == 0
    with pytest.raises(Invalid, match="holds 2 sites"):
        taken(there, tmp_path / "first.jsonl", into="mine")
    found = taken(there, tmp_path / "one.jsonl", into="mine")
    assert found.flaws == []
    assert found.new["comment"] == 7
    assert run(there, "audit", "verify").exit_code == 0
    with there.app_context():
        assert db.session().query(Site).count() == 1
        assert db.session().query(Policy).count() == 1


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (["--site", "other"], 0),
        (["--thread", "https://news.example/story"], 7),
        (["--since", "2020-01-01", "--until", "2100-01-01"], 7),
        (["--until", "2020-01-01"], 0),
    ],
)
def test_what_is_asked_for_is_what_is_written(
    app: Flask,
    everything: None,
    other_site: int,
    there: Flask,
    tmp_path: Path,
    words: list[str],
    texts: int,
):
    lines = [json.loads(line) for line in exported(app, tmp_path / "x", *words).splitlines()]
    assert sum(line["type"] == "comment" for line in lines) == texts
    is_whole = not {"--thread", "--since", "--until"} & set(words)
    assert lines[0]["whole"] == is_whole
    assert any(line["type"] == "audit" for line in lines) == (is_whole and texts > 0)
    assert taken(there, tmp_path / "x").flaws == []
    assert run(there, "audit", "verify").exit_code == 0


def test_no_secret_travels(app: Flask, everything: None, tmp_path: Path):
    with app.app_context(), writing() as session:
        for number, account in enumerate(session.query(Account)):
            account.password = account.tf_totp_secret = f"hush-{number}"
        marks = [one.fs_uniquifier for one in session.query(Account)]
    content = exported(app, tmp_path / "x").decode()
    assert "hush-" not in content
    assert not [mark for mark in marks if mark in content]


DISQUS = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
<thread dsq:id="7"><id>page-9</id><link>https://news.example/old</link><title>Old</title>
<createdAt>2019-05-01T10:00:00Z</createdAt><isClosed>false</isClosed><isDeleted>false</isDeleted></thread>
<post dsq:id="71"><message><![CDATA[<p>An <b>old</b> word.</p>]]></message>
<createdAt>2019-05-01T10:01:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>Ida</name><isAnonymous>true</isAnonymous></author><thread dsq:id="7"/></post>
<post dsq:id="72"><message><![CDATA[<p>Answered.</p>]]></message>
<createdAt>2019-05-01T10:02:00Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam>
<author><name>Ole</name><isAnonymous>true</isAnonymous></author><thread dsq:id="7"/>
<parent dsq:id="71"/></post>
</disqus>
"""


def test_what_was_imported_before_is_known_by_its_first_name(
    app: Flask, site: int, there: Flask, tmp_path: Path
):
    (tmp_path / "disqus.xml").write_text(DISQUS)
    bring = ("import", "disqus", str(tmp_path / "disqus.xml"), "--site", "news")
    done = run(app, *bring)
    assert done.exit_code == 0, done.output
    first = exported(app, tmp_path / "first.jsonl")
    assert b'"id":"disqus:71"' in first
    found = run(there, "import", "parley", str(tmp_path / "first.jsonl"))
    assert found.exit_code == 0, found.output
    assert exported(there, tmp_path / "second.jsonl") == first
    again = run(there, *bring)
    assert again.exit_code == 0
    assert "already there" in again.output
    with there.app_context():
        assert db.session().query(Comment).count() == 2


def test_the_command_says_what_became_of_it(first: bytes, there: Flask, tmp_path: Path):
    file = str(tmp_path / "first.jsonl")
    told = run(there, "import", "parley", file, "--dry-run")
    assert told.exit_code == 0, told.output
    assert "Nothing was written." in told.output
    done = run(there, "import", "parley", file)
    assert done.output.split() == told.output.replace("Nothing was written.", "").split()
    assert done.output.split()[:5] == ["Comments", "read", "7", "new", "7"]
    again = run(there, "import", "parley", file)
    assert again.output.split()[:8] == [
        "Comments", "read", "7", "new", "0", "already", "there", "7",
    ]  # fmt: skip
    changed(tmp_path / "first.jsonl", "comment", text=7, id="x-1")
    flawed = run(there, "import", "parley", file)
    assert flawed.exit_code == 3
    assert "1 flaw in the file" in flawed.output
    for words in (["--rescore"], ["--by-identifier"]):
        assert run(there, "import", "parley", file, *words).exit_code == 2
    assert run(there, "import", "disqus", file).exit_code == 2


def test_a_zip_with_an_export_of_parleys_is_opened(first: bytes, there: Flask, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "first.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("gazette.jsonl", first)
    assert taken(there, tmp_path / "first.zip").flaws == []
