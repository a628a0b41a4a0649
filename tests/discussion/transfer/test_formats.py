"""What each system's export says, and what becomes of it as a record."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from discussion.transfer import values
from discussion.transfer.formats import READERS, check_looks
from discussion.transfer.opening import open_export
from discussion.transfer.records import AuthorRecord, Fate, Markup
from moderation.errors import Invalid
from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import comments, flaws, post, read, threads

AT = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_disqus(tmp_path: Path):
    flags = "<isDeleted>{}</isDeleted><isSpam>{}</isSpam>"
    path = exports.disqus(
        tmp_path,
        post("1", more="<email> A@Mail.Example </email><username>ann</username>"),
        post("2", "", parent="1", flags=flags.format("true", "false")),
        post("3", flags=flags.format("false", "true")),
        post("4", flags=flags.format("false", "false") + "<isApproved>false</isApproved>"),
        post("5", at="never"),
    )
    records = read("disqus", path)
    found = comments(records)
    assert found["1"].author == AuthorRecord("Ann", "A@Mail.Example", "ann")
    assert (found["1"].written_at, found["1"].markup) == (AT, Markup.HTML)
    assert [found[n].fate for n in "12345"] == [
        Fate.PUBLISHED, Fate.DELETED, Fate.REJECTED, Fate.HELD, Fate.PUBLISHED,
    ]  # fmt: skip
    assert found["5"].written_at is None
    assert len(flaws(records)) == 1
    (thread,) = threads(records)
    assert (thread.url, thread.title) == ("https://news.example/story", "A story")


@pytest.mark.parametrize("vocabulary", ["http", "https"])
def test_wordpress(tmp_path: Path, vocabulary: str):
    path = exports.wordpress(
        tmp_path,
        exports.wp_item(
            exports.wp_comment("1", "One.\nTwo."),
            exports.wp_comment("2", approved="0", parent="1", user_id="7"),
            exports.wp_comment("3", approved="spam"),
            exports.wp_comment("4", approved="trash"),
            exports.wp_comment("5", type="pingback"),
            exports.wp_comment("6", type="comment", parent="5", author="A &amp; B"),
            exports.wp_comment("7", approved="whatever"),
            status="closed",
        ),
        exports.wp_item(link="https://news.example/quiet"),
        name=f"{vocabulary}://wordpress.org/export/1.0/",
    )
    records = read("wordpress", path)
    found = comments(records)
    assert [found[n].fate for n in "1234567"] == [
        Fate.PUBLISHED, Fate.HELD, Fate.REJECTED, Fate.REJECTED, Fate.LEFT_OUT, Fate.PUBLISHED,
        Fate.HELD,
    ]  # fmt: skip
    assert found["1"].body == "One.\nTwo."
    assert found["2"].parent_id == "1"
    assert found["2"].author == AuthorRecord("Ann", "ann@mail.example", "")
    assert found["6"].author.name == "A & B"
    assert found["1"].written_at == AT
    # A page without comments is no discussion.
    (thread,) = threads(records)
    assert thread.is_closed
    assert len(flaws(records)) == 1


def test_wordpress_in_a_blog_about_feeds(tmp_path: Path):
    about = "<content><![CDATA[<item><wp:comment></wp:comment></item>]]></content>"
    path = exports.wordpress(tmp_path, exports.wp_item(about, exports.wp_comment("1")))
    records = read("wordpress", path)
    assert flaws(records) == []
    assert list(comments(records)) == ["1"]


def test_isso(tmp_path: Path):
    path = exports.isso(
        tmp_path,
        {"id": 1, "author": "Ann", "email": "a@b.c", "likes": 3, "dislikes": 1, "modified": 1.6e9},
        {"id": 2, "parent": 1, "mode": 2},
        {"id": 3, "mode": 4, "text": ""},
        {"id": 4, "mode": 9, "created": "2020-01-02T03:04:05"},
        columns=", notification",
    )
    found = comments(read("isso", path))
    assert (found["1"].up, found["1"].down) == (3, 1)
    assert found["1"].edited_at == datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
    assert found["1"].written_at == AT.replace(microsecond=250_000)
    assert found["2"].parent_id == "1"
    assert [found[n].fate for n in "1234"] == [
        Fate.PUBLISHED, Fate.HELD, Fate.DELETED, Fate.HELD,
    ]  # fmt: skip
    assert threads(read("isso", path))[0].url == "/story"


def test_an_older_isso_without_some_columns(tmp_path: Path):
    path = exports.isso(tmp_path, {"id": 1})
    assert list(comments(read("isso", path))) == ["1"]


def test_another_sqlite_is_refused(tmp_path: Path):
    import sqlite3

    path = tmp_path / "x.db"
    made = sqlite3.connect(path)
    made.execute("CREATE TABLE x (y)")
    made.commit()
    made.close()
    with pytest.raises(Invalid, match="no threads and comments"):
        read("isso", path)


def test_isso_as_json(tmp_path: Path):
    page = {"id": "/a/", "title": "A+%26+B", "comments": [
        {"id": 0, "author": "Ann", "email": "", "created": "2020-01-02 03:04:05", "text": "Hi."}
    ]}  # fmt: skip
    path = exports.as_json(tmp_path, [page, page | {"id": "/b/"}, {"id": "/c/"}])
    records = read("isso", path)
    assert sorted(comments(records)) == ["/a/#0", "/b/#0"]
    assert threads(records)[0].title == "A & B"
    assert len(flaws(records)) == 1


def test_remark42(tmp_path: Path):
    url = "https://news.example/closed"
    path = exports.remark42(
        tmp_path,
        exports.remark("a", votes={"x": True, "y": False, "z": True}, title="T",
                       edit={"time": "2020-01-03T00:00:00Z"}),
        exports.remark("b", pid="a", delete=True, text="", orig=""),
        exports.remark("c", orig="", text="<p>From <b>HTML</b></p>", score=-2),
        head={"version": 1, "users": [{"id": "u"}], "posts": [{"url": url, "read_only": True}]},
    )  # fmt: skip
    records = read("remark42", path)
    found = comments(records)
    assert (found["a"].up, found["a"].down) == (2, 1)
    assert found["a"].written_at == datetime(2020, 1, 2, 2, 4, 5, 123456, tzinfo=UTC)
    assert found["a"].edited_at == datetime(2020, 1, 3, tzinfo=UTC)
    assert found["a"].markup is Markup.MARKDOWN
    assert (found["b"].fate, found["b"].parent_id) == (Fate.DELETED, "a")
    assert (found["c"].markup, found["c"].up, found["c"].down) == (Markup.HTML, 0, 2)
    assert [one.url for one in threads(records) if one.is_closed] == [url]


def test_lines_of_remark42_that_are_something_else_are_lost_and_told(tmp_path: Path):
    records = read("remark42", exports.remark42(tmp_path, {"a": 1}, exports.remark("x")))
    assert [flaw.is_lost for flaw in flaws(records)] == [True]
    assert list(comments(records)) == ["x"]


def test_commento(tmp_path: Path):
    one = exports.commento_comment
    value = {
        "version": 1,
        "comments": [
            one("b", parentHex="a", commenterHex="c1", score=-1, state="unapproved"),
            one("a", score=4, html="<p>x</p>"),
            one("d", markdown="[deleted]", html="[deleted]"),
            one("e", deleted=True),
            one("f", state="flagged"),
        ],
        "commenters": [{"commenterHex": "c1", "name": "Ann", "email": "a@b.c"}] * 2,
    }
    records = read("commento", exports.as_json(tmp_path, value))
    found = comments(records)
    assert [found[n].fate for n in "badef"] == [
        Fate.HELD, Fate.PUBLISHED, Fate.DELETED, Fate.DELETED, Fate.HELD,
    ]  # fmt: skip
    assert (found["b"].parent_id, found["a"].parent_id) == ("a", "")
    assert [(found[n].up, found[n].down) for n in "ba"] == [(0, 1), (4, 0)]
    assert found["a"].author == AuthorRecord()
    assert found["d"].body == ""
    assert AuthorRecord("Ann", "a@b.c", "c1") in records
    assert threads(records)[0].url == "https://news.example/story"
    # Comentario reads it as well.
    assert comments(read("comentario", exports.as_json(tmp_path, value))) == found


def test_comentario(tmp_path: Path):
    comment = {
        "id": "1", "pageId": "p", "markdown": "Hello.", "createdTime": "2020-01-02T03:04:05Z",
        "isApproved": True, "isPending": False, "isDeleted": False, "userCreated": "u", "score": 2,
    }  # fmt: skip
    value = {
        "version": 3,
        "pages": [{"id": "p", "path": "/story", "title": "T", "isReadonly": True}],
        "comments": [
            comment,
            comment | {"id": "2", "parentId": "1", "isPending": True, "isApproved": False},
            comment | {"id": "3", "isApproved": False},
            comment | {"id": "4", "isDeleted": True},
            comment | {"id": "5", "userCreated": "00000000-0000-0000-0000-000000000000",
                       "authorName": "Guest", "markdown": "", "html": "<p>x</p>"},
        ],
        "commenters": [{"id": "u", "name": "Ann", "email": "a@b.c"}],
    }  # fmt: skip
    records = read("comentario", exports.as_json(tmp_path, value))
    found = comments(records)
    assert [found[n].fate for n in "12345"] == [
        Fate.PUBLISHED, Fate.HELD, Fate.REJECTED, Fate.DELETED, Fate.PUBLISHED,
    ]  # fmt: skip
    assert found["2"].parent_id == "1"
    assert found["5"].author == AuthorRecord("Guest")
    assert found["5"].markup is Markup.HTML
    assert threads(records)[0].is_closed


@pytest.mark.parametrize("system", ["commento", "comentario"])
def test_other_versions_are_refused(tmp_path: Path, system: str):
    with pytest.raises(Invalid, match="version 481"):
        read(system, exports.as_json(tmp_path, {"version": 481}))


def _files(folder: Path) -> dict[str, Path]:
    made: dict[str, Path] = {}
    for name, write in {
        "disqus": lambda to: exports.disqus(to, post("1")),
        "wordpress": lambda to: exports.wordpress(to, exports.wp_item(exports.wp_comment("1"))),
        "isso": lambda to: exports.isso(to, {"id": 1}),
        "remark42": lambda to: exports.remark42(to, exports.remark("a")),
        "commento": lambda to: exports.as_json(
            to, {"version": 1, "comments": [exports.commento_comment("a")], "commenters": []}
        ),
        "comentario": lambda to: exports.as_json(
            to, {"version": 3, "pages": [{"id": "p"}], "comments": []}
        ),
    }.items():
        (folder / name).mkdir()
        made[name] = write(folder / name)
    return made


def test_a_file_of_another_system_is_called_by_its_name(tmp_path: Path):
    files = _files(tmp_path)
    for system in READERS:
        for other, path in files.items():
            with open_export(path) as export:
                if system == other or (system, other) == ("comentario", "commento"):
                    check_looks(export, system)
                    continue
                with pytest.raises(Invalid, match=f"flask import {other}"):
                    check_looks(export, system)


@pytest.mark.parametrize(
    "text", ["Dear diary", "<html><body>x</body></html>", '{"a": 1}', "\0" * 9]
)
@pytest.mark.parametrize("system", list(READERS))
def test_a_file_of_no_system_is_refused(tmp_path: Path, text: str, system: str):
    path = tmp_path / "file"
    path.write_text(text)
    with open_export(path) as export, pytest.raises(Invalid, match="does not look like"):
        check_looks(export, system)


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2020-01-02T03:04:05Z", AT),
        ("2020-01-02 03:04:05", AT),
        ("2020-01-02T05:04:05.000000001+02:00", AT),
        ("Thu, 02 Jan 2020 03:04:05 +0000", AT),
        (1577934245, AT),
        ("1577934245.0", AT),
        (1577934245000, AT),
        ("0001-01-01T00:00:00Z", None),
        ("0000-00-00 00:00:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        ("2011-x09-30T22:48:43Z", None),
        ({}, None),
    ],
)
def test_times_are_read_in_utc(written: Any, at: datetime | None):
    assert values.read_time(written) == at


def test_hostile_values_break_no_reader(tmp_path: Path):
    strange = ["", "\x00", "\ud800", "9" * 5_000, "-1", "null", "]]>", "<", "&", "../../x"]
    for n, value in enumerate([*strange, None, [], {}, True, 1e308, -5]):
        comment = dict.fromkeys(exports.remark("x"), value)
        path = tmp_path / f"{n}.jsonl"
        path.write_text(json.dumps(comment))
        read("remark42", path)
        value = dict.fromkeys(exports.commento_comment("x"), value)
        read("commento", exports.as_json(tmp_path, {"version": 1, "comments": [value]}))


@pytest.mark.parametrize("system", ["disqus", "wordpress", "remark42"])
def test_a_broken_first_sign_hides_no_export(tmp_path: Path, system: str):
    path = _files(tmp_path)[system]
    path.write_bytes(b"\xfa" + path.read_bytes()[1:])
    with open_export(path) as export:
        check_looks(export, system)
    assert len(comments(read(system, path))) == 1
