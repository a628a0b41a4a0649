"""Parley's own export: written, read into an empty database, and written again, byte for byte."""

from __future__ import annotations

import gzip
import json
import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from discussion.transfer.parley.names import Names
from discussion.transfer.parley.taken import Taken
from discussion.transfer.records import Flaw
from jobs import importing_parley
from jobs.transactions import reading, writing
from models import Account, AccountKind, AccountName, Comment, DatabaseMark, Policy, Site, db
from moderation import policies
from moderation.decisions import SYSTEM
from moderation.errors import Invalid
from moderation.values import Values
from tests.jobs.backup.conftest import elsewhere, run


def exported(app: Flask, file: Path, *words: str) -> bytes:
    """What `flask export` writes."""
    answer = run(app, "export", str(file), *words)
    assert answer.exit_code == 0, answer.output + repr(answer.exception)
    return file.read_bytes()


def taken(app: Flask, file: Path, into: str = "", *, dry_run: bool = False) -> Taken:
    """What `flask import parley` does."""
    with app.app_context():
        return importing_parley.take(file, into, dry_run=dry_run, told=lambda *_: None)


_WRITTEN: list[bytes] = []


@pytest.fixture
def first(request: pytest.FixtureRequest, tmp_path: Path) -> bytes:
    """The export of a site on which everything happened, made once, in first.jsonl."""
    if not _WRITTEN:
        request.getfixturevalue("everything")
        _WRITTEN.append(exported(request.getfixturevalue("app"), tmp_path / "made.jsonl"))
    (tmp_path / "first.jsonl").write_bytes(_WRITTEN[0])
    return _WRITTEN[0]


@pytest.fixture
def there(migrated: Path, tmp_path: Path) -> Iterator[Flask]:
    """Parley on another machine, with an empty database."""
    made = empty(tmp_path / "there", migrated)
    yield made
    with made.app_context():
        db.engine.dispose()


def empty(folder: Path, migrated: Path) -> Flask:
    """The same at a place of its own."""
    folder.mkdir()
    shutil.copy(migrated, folder / "parley.db")
    with closing(sqlite3.connect(folder / "parley.db")) as rows, rows:
        rows.execute("UPDATE database_mark SET mark = ?", [secrets.token_hex(5)])
    return elsewhere(folder)


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


def changed(file: Path, kind: str, **changes: object) -> None:
    """Somebody changes the first line of a kind."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    next(line for line in lines if line["type"] == kind).update(changes)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"status": "rejected"}, "Its decisions do not lead to where it stands"),
        ({"decisions": []}, "Its decisions do not lead to where it stands"),
        ({"status": "loved"}, "“status” is not known: 'loved'."),
        ({"text": 7}, "“text” is of another kind than it has to be."),
        ({"text": "a\0b"}, "“text” holds what cannot be stored."),
        ({"text": "\ud800"}, "“text” holds what cannot be stored."),
        ({"author_name": "x" * 121}, "“author_name” has more than 120 characters."),
        ({"created_at": "yesterday"}, "“created_at” is no time."),
        ({"created_at": "2026-01-01T00:00:00"}, "“created_at” says no zone."),
        ({"created_at": None}, "“created_at” is empty."),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "“created_at” is no time."),
        ({"risk": 10**400}, "“risk” is larger than it can be."),
        ({"author": "nobody"}, "Its author is nowhere in the file before it."),
        ({"thread": "path:/nowhere"}, "Its thread is nowhere in the file before it."),
        ({"site": "nowhere"}, "Its site is nowhere in the file before it."),
        ({"decisions": "many"}, "“decisions” is no list of objects."),
        ({"votes": [{"account": "x", "value": 5, "created_at": "2026-01-01T00:00:00Z"}]},
         "A vote is 1 or -1."),
        ({"imported_up": True}, "“imported_up” is of another kind than it has to be."),
        ({"id": ""}, "There is no “id”."),
        ({"id": "a\0b"}, "“id” holds what cannot be stored."),
        ({"imported_up": 10**30}, "“imported_up” is larger than it can be."),
        ({"risk": float("inf")}, "“risk” is larger than it can be."),
        ({"thread": []}, "of another kind"),
        ({"sanctions": [[]]}, "“sanctions” is no list of numbers."),
        ({"signals": [{"kind": "x", "advice": "hold", "evidence": [1],
                       "created_at": "2026-01-01T00:00:00Z"}]}, "“evidence” is of another kind"),
        ({"decisions": [{"before": "unscored", "after": "published", "actor_kind": "system",
                         "actor_name": "x", "reasons": {}}]}, "“reasons” is no list of words."),
        ({"type": "poem"}, "This is no kind of line: 'poem'."),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_taken_is_told_and_the_rest_is_read(
    first: bytes, there: Flask, tmp_path: Path, changes: dict[str, object], fault: str
):
    changed(tmp_path / "first.jsonl", "comment", **changes)
    found = taken(there, tmp_path / "first.jsonl")
    (flaw,) = found.flaws
    assert flaw.place.startswith("line ")
    assert fault in flaw.reason
    assert found.new["comment"] == 6
    # What answered it stands at the first level.
    assert run(there, "audit", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("site", {"staff": [{"account": None, "role": "king"}, 7]}),
        ("site", {"policies": [7]}),
        ("site", {"policies": [{"version": 1, "values": [], "actor_kind": "system",
                                "actor_name": "x", "created_at": "2026-01-01T00:00:00Z"}]}),
        ("batch", {"criteria": []}),
        ("thread", {"points": [7]}),
    ],
)  # fmt: skip
def test_a_line_of_another_shape_leaves_nothing_half_done(
    first: bytes, there: Flask, tmp_path: Path, kind: str, changes: dict[str, object]
):
    changed(tmp_path / "first.jsonl", kind, **changes)
    found = taken(there, tmp_path / "first.jsonl")
    assert found.flaws[0].reason
    with there.app_context():
        for site in db.session().query(Site):
            assert db.session().query(Policy).filter_by(site_id=site.id).count()
    assert run(there, "audit", "verify").exit_code == 0


def test_many_flaws_are_counted_and_not_kept(there: Flask, tmp_path: Path):
    head = b'{"type":"header","format":"parley-export","version":1,"sites":[],"whole":true}\n'
    deep = b'{"type":' + b"[" * 100_000 + b"\n"
    (tmp_path / "x").write_bytes(head + b"\n" + deep + b"nonsense\n" * 5_000)
    found = taken(there, tmp_path / "x")
    assert found.flaw_count == 5_002
    assert len(found.flaws) == 1_000


def test_what_a_file_says_is_not_trusted_to_be_harmless(first: bytes, there: Flask, tmp_path: Path):
    changed(
        tmp_path / "first.jsonl", "comment",
        html='<p onclick="x()">a</p><script>alert(1)</script><a href="javascript:x">b</a>',
    )  # fmt: skip
    assert taken(there, tmp_path / "first.jsonl").flaws == []
    with there.app_context():
        html = db.session().get_one(Comment, 1).html
    assert "onclick" not in html
    assert "script" not in html


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("hello\n", "There is no line"),
        ('{"type":"header"}\n', "no export of Parley's"),
        ('{"type":"comment"}\n', "no export of Parley's"),
        ('{"type":"header","format":"parley-export","version":9}\n', "Install a newer one"),
        ("[1]\n", "There is no line"),
    ],
)
def test_another_file_is_refused(app: Flask, tmp_path: Path, content: str, fault: str):
    (tmp_path / "x").write_text(content)
    with pytest.raises(Invalid, match=fault):
        taken(app, tmp_path / "x")


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


def test_people_are_found_by_name_and_staff_by_e_mail_address(there: Flask, tmp_path: Path):
    lines = [
        {"type": "header", "format": "parley-export", "version": 1, "sites": [], "whole": True},
        *(
            {"type": "account", "id": name, "kind": kind, "name": name, "email": email,
             "created_at": "2020-01-01T00:00:00Z"}
            for name, kind, email in (
                ("a", "staff", "ada@example.com"),
                # The same person under a name from another database.
                ("b", "staff", "ada@example.com"),
                # A reader has no address here, whatever a file says.
                ("c", "guest", "ada@example.com"),
                ("c", "guest", None),
            )
        ),
        {"type": "end", "lines": 5, "comments": 0},
    ]  # fmt: skip
    path = tmp_path / "people.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = taken(there, path)
    assert (found.new["account"], found.there["account"], found.flaws) == (2, 2, [])
    assert taken(there, path).there["account"] == 4
    with there.app_context(), reading() as session:
        named = session.execute(
            select(AccountName.name, Account.kind, Account.email)
            .join(Account, Account.id == AccountName.account_id)
            .order_by(AccountName.name)
        ).all()
    assert [tuple(row) for row in named] == [
        ("a", AccountKind.STAFF, "ada@example.com"),
        ("b", AccountKind.STAFF, "ada@example.com"),
        ("c", AccountKind.GUEST, None),
    ]


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5_000])
def test_a_number_that_no_database_has_is_nobodys(there: Flask, digits: str):
    with there.app_context(), reading() as session:
        names = Names(session)
        mark = session.scalars(select(DatabaseMark.mark)).one()
        assert names.own_account(f"{mark}-a7") == 7
        assert names.own_account(f"{mark}-a{digits}") == names.own_comment(f"{mark}-{digits}") == 0


def test_a_zip_with_an_export_of_parleys_is_opened(first: bytes, there: Flask, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "first.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("gazette.jsonl", first)
    assert taken(there, tmp_path / "first.zip").flaws == []
