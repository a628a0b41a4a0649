"""What exports of real sites hold beside the ordinary: hidden pages, other clocks, other spellings,
and the ways in which files break."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from discussion.transfer import json_reading
from discussion.transfer.opening import open_export
from discussion.transfer.recognising import formats_of
from discussion.transfer.records import AuthorRecord, CommentRecord, Fate, Flaw
from discussion.transfer.staging import Staging
from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import comments, flaws, post, read, threads, wp_comment

ZEROS = "0" * 64


def hidden_item(more: str, *inner: str) -> str:
    """A page of WordPress about which more is known."""
    return f"<item><link>https://news.example/x</link>{more}{''.join(inner)}</item>"


@pytest.mark.parametrize(
    ("more", "fate"),
    [
        ("<wp:status>publish</wp:status>", Fate.PUBLISHED),
        ("", Fate.PUBLISHED),
        ("<wp:status>inherit</wp:status>", Fate.HELD),
        ("<wp:status>Private</wp:status>", Fate.HELD),
        ("<wp:status>private<wp:x>", Fate.HELD),
        ("<wp:status></wp:status>", Fate.HELD),
        ("<wp:status>publish</wp:status><wp:post_password><b>s</b></wp:post_password>", Fate.HELD),
        ("<wp:status><![CDATA[private]]></wp:status>", Fate.HELD),
        ("<wp:status>draft</wp:status>", Fate.HELD),
        ("<wp:status>publish</wp:status><wp:post_password>s</wp:post_password>", Fate.HELD),
        ("<wp:status>publish</wp:status><wp:post_password></wp:post_password>", Fate.PUBLISHED),
    ],
)
def test_below_a_hidden_page_of_wordpress_nothing_is_published(
    tmp_path: Path, more: str, fate: Fate
):
    path = exports.wordpress(
        tmp_path, hidden_item(more, wp_comment("1"), wp_comment("2", approved="spam"))
    )
    found = comments(read("wordpress", path))
    assert (found["1"].fate, found["2"].fate) == (fate, Fate.REJECTED)


def test_the_own_time_of_a_blog_is_as_far_from_utc_as_before(tmp_path: Path):
    path = exports.wordpress(
        tmp_path,
        exports.wp_item(
            wp_comment("1", date="2020-01-02 05:04:05", date_gmt="2020-01-02 03:04:05"),
            wp_comment("2", date="2020-01-02 05:04:05", date_gmt="0000-00-00 00:00:00"),
        ),
    )
    found = comments(read("wordpress", path))
    assert (
        found["1"].written_at == found["2"].written_at == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    )


CDATA = "<![CDATA[<p>Hello.</p>]]>"


def test_words_that_are_lost_with_their_tags_are_told_as_lost(tmp_path: Path):
    broken = post("1").replace(f"{CDATA}</message>", "Hello.")
    records = read("disqus", exports.disqus(tmp_path, broken, post("2")))
    assert [flaw.is_lost for flaw in flaws(records)] == [False, True]
    assert set(comments(records)) == {"1", "2"}


def test_character_data_needs_no_end_of_its_element(tmp_path: Path):
    broken = post("1").replace("</message>", "")
    records = read("disqus", exports.disqus(tmp_path, broken, post("2")))
    assert [flaw.is_lost for flaw in flaws(records)] == [False]
    assert comments(records)["1"].body == comments(records)["2"].body == "<p>Hello.</p>"
    broken = wp_comment("1").replace("</wp:comment_content>", "")
    path = exports.wordpress(tmp_path, exports.wp_item(broken, wp_comment("2")))
    found = comments(read("wordpress", path))
    assert found["1"].body == found["2"].body != ""


def test_html_that_nobody_escaped_is_the_words_of_its_comment(tmp_path: Path):
    words = "<p>One <b>two</b> &amp; three.</p><p>Four<br/></p>"
    loose = post("1").replace(CDATA, words)
    records = read("disqus", exports.disqus(tmp_path, loose, post("2")))
    assert flaws(records) == []
    assert [one.body for one in comments(records).values()] == [words, "<p>Hello.</p>"]
    # Broken besides, it is the same.
    records = read("disqus", exports.disqus(tmp_path, loose.replace("Ann", "A & B"), post("2")))
    assert comments(records)["1"].body == words


def test_tags_in_character_data_are_somebodys_words(tmp_path: Path):
    words = "Send <message>hi <b>you</b></message> to the server."
    records = read("disqus", exports.disqus(tmp_path, post("1", words), post("2")))
    assert flaws(records) == []
    assert comments(records)["1"].body == words
    nested = post("3").replace(CDATA, "x <message>y</message> z")
    records = read("disqus", exports.disqus(tmp_path, nested))
    assert comments(records)["3"].body == "x <message>y</message> z"


def test_of_a_broken_page_only_what_stood_in_it_is_lost(tmp_path: Path):
    whole = exports.isso(tmp_path, *({"id": n, "text": f"words {n} " * 9} for n in range(1, 3_000)))
    data = bytearray(whole.read_bytes())
    size = int.from_bytes(data[16:18])
    leaves = [at for at in range(0, len(data), size) if at and data[at] == 13]
    for at in leaves[len(leaves) // 2 : len(leaves) // 2 + 5]:
        data[at : at + size] = b"\xff" * size
    (tmp_path / "broken.db").write_bytes(data)
    with closing(sqlite3.connect(tmp_path / "broken.db")) as made:
        readable = {str(n) for n in range(1, 3_000) if _is_readable(made, n)}
    assert 2_000 < len(readable) < 2_999
    assert set(comments(read("isso", tmp_path / "broken.db"))) == readable


def _is_readable(made: sqlite3.Connection, number: int) -> bool:
    try:
        return bool(made.execute("SELECT * FROM comments WHERE id = ?", (number,)).fetchone())
    except sqlite3.DatabaseError:
        return False


def test_what_begins_over_and_over_is_one_flaw(tmp_path: Path):
    path = tmp_path / "backup"
    path.write_text('[{"id":"a"},' + "{" * 50_000 + '"id":1},{"commentHex":"b"}]')
    found: list[Flaw] = []
    with open_export(path) as export:
        values = [value for _, value in json_reading.members(export, found.append)]
    assert values[0] == {"id": "a"}
    assert len(found) <= 3


def test_lines_are_counted_on_from_where_they_were(tmp_path: Path):
    path = tmp_path / "backup"
    big = json.dumps({"x": "\n\n", "y": "z" * 600_000}, indent=1)
    path.write_text(f"[\n{big},\n\n" + ",\n".join('{"n":\n1}' for _ in range(50)) + "\n]")
    with open_export(path) as export:
        numbers = [number for number, _ in json_reading.values(export, print)]
    assert numbers == [2, *(7 + 2 * n for n in range(50))]


def test_what_is_no_utf_8_is_read_as_windows_writes_it(tmp_path: Path):
    path = exports.disqus(tmp_path, post("1").replace("Hello.", "QQ"), post("2"))
    path.write_bytes(path.read_bytes().replace(b"QQ", "„Café“ – déjà".encode("cp1252")))
    records = read("disqus", path)
    assert [flaw.is_lost for flaw in flaws(records)] == [False]
    assert comments(records)["1"].body == "<p>„Café“ – déjà</p>"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("system", ["disqus", "remark42"])
def test_two_bytes_a_character_need_no_mark(tmp_path: Path, system: str, encoding: str):
    if system == "disqus":
        path = exports.disqus(tmp_path, post("1", "<p>Größe</p>"))
    else:
        path = tmp_path / "backup"
        value = {"id": "1", "text": "Größe", "locator": {"url": "https://news.example/a"},
                 "user": {"id": "u", "name": "Ann"}, "time": "2020-01-02T03:04:05Z"}  # fmt: skip
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert formats_of(path.read_bytes())[0] == system
    (found,) = comments(read(system, path)).values()
    assert "Größe" in found.body


def test_the_first_accounts_of_two_blogs_are_two_people(tmp_path: Path):
    path = exports.wordpress(
        tmp_path, exports.wp_item(wp_comment("1", user_id="1"), wp_comment("2", user_id="1"))
    )
    ada, *_ = comments(read("wordpress", path)).values()
    assert ada.author.email
    assert ada.author.user_id == ""


def test_a_deleted_post_without_words_has_lost_none(tmp_path: Path):
    gone = post("1", flags="<isDeleted>true</isDeleted><isSpam>false</isSpam>")
    gone = gone.replace("<message><![CDATA[<p>Hello.</p>]]></message>", "")
    assert flaws(read("disqus", exports.disqus(tmp_path, gone))) == []


def test_a_page_that_isso_calls_by_a_name_keeps_it(tmp_path: Path):
    path = exports.isso(tmp_path, {"id": 1})
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("UPDATE threads SET uri = 'my-first-story'")
    (thread,) = threads(read("isso", path))
    assert (thread.url, thread.identifier) == ("", "my-first-story")


def test_bytes_in_a_database_of_isso_are_text(tmp_path: Path):
    path = exports.isso(tmp_path, {"id": 1, "text": "Grüße".encode(), "author": b"\xc3\x84nne"})
    (one,) = comments(read("isso", path)).values()
    assert (one.body, one.author.name) == ("Grüße", "Änne")


def holed(path: Path, *, cut: bool) -> int:
    """Break a database of Isso with many comments; how many there were."""
    many = 2_000
    exports.isso(path.parent, *({"id": n, "text": f"Comment {n}. " * 20} for n in range(1, many)))
    data = bytearray((path.parent / "isso.db").read_bytes())
    if cut:
        del data[len(data) // 2 + 123 :]
    else:
        # One page of comments in the middle of the file.
        at = len(data) // 2 // 4096 * 4096
        data[at : at + 4096] = b"\x00" * 4096
    path.write_bytes(data)
    return many


@pytest.mark.parametrize("cut", [True, False])
def test_of_a_broken_database_of_isso_the_other_pages_are_read(tmp_path: Path, cut: bool):
    path = tmp_path / "broken.db"
    many = holed(path, cut=cut)
    records = read("isso", path)
    found = comments(records)
    assert len(found) > many * (0.4 if cut else 0.95)
    assert all(one.body.startswith(f"Comment {number}.") for number, one in found.items())
    assert any(flaw.is_lost and "comments from number" in flaw.place for flaw in flaws(records))
    assert len(flaws(records)) == 1 + cut


def test_remark42_keeps_names_and_markdown_as_html_has_them(tmp_path: Path):
    path = exports.remark42(
        tmp_path,
        exports.remark("1", user={"name": "O&#39;Brien &amp; Sons", "id": "x"},
                       orig="it&#39;s `a &lt; b`"),
    )  # fmt: skip
    (one,) = comments(read("remark42", path)).values()
    assert (one.author.name, one.body) == ("O'Brien & Sons", "it's `a < b`")


@pytest.mark.parametrize("shape", ["one line", "indented", "array", "long array", "lost line end"])
def test_remark42_in_other_shapes_than_lines(tmp_path: Path, shape: str):
    values = [{"version": 1, "users": [], "posts": []}, *(exports.remark(n) for n in "abc")]
    long = [*values, *(exports.remark(str(n), orig="word " * 200) for n in range(100))]
    text = {
        "one line": "".join(map(json.dumps, values)),
        "indented": "\n".join(json.dumps(one, indent=2) for one in values),
        "array": json.dumps(values),
        "long array": json.dumps(long),
        "lost line end": "\n".join(map(json.dumps, values)).replace("\n", "", 2),
    }[shape]
    path = tmp_path / "backup"
    path.write_text(text)
    records = read("remark42", path)
    assert flaws(records) == []
    assert list(comments(records))[:3] == ["a", "b", "c"]
    assert len(comments(records)) == (103 if shape == "long array" else 3)


def test_comentario_tells_its_version_by_its_records(tmp_path: Path):
    comment = {"id": "1", "pageId": "p", "markdown": "Hello.", "isApproved": True,
               "createdTime": "2020-01-02T03:04:05Z", "userCreated": "u"}  # fmt: skip
    value = {
        "commenters": [{"id": "u", "name": "Ann", "email": "a@b.c"}],
        "comments": [comment],
        "pages": [{"id": "p", "path": "/story"}],
        "version": 3,
    }
    records = read("comentario", exports.as_json(tmp_path, value))
    assert AuthorRecord("Ann", "a@b.c", "u") in records
    assert comments(records)["1"].fate is Fate.PUBLISHED
    old = exports.commento_comment("x", commenterHex=ZEROS, host="news.example", path="/story")
    records = read("comentario", exports.as_json(tmp_path, {"comments": [old], "version": 1}))
    assert comments(records)["x"].author == AuthorRecord()


@pytest.mark.parametrize("system", ["commento", "comentario"])
def test_an_export_of_nothing_has_no_comment(tmp_path: Path, system: str):
    value = {"version": 1 if system == "commento" else 3, "comments": None, "commenters": None}
    assert read(system, exports.as_json(tmp_path, value)) == []


def test_an_element_that_is_no_comment_is_lost_and_told(tmp_path: Path):
    value = {"version": 1, "comments": ["x", exports.commento_comment("a")]}
    records = read("commento", exports.as_json(tmp_path, value))
    assert [type(one) for one in records if isinstance(one, CommentRecord)] == [CommentRecord]
    assert [flaw.is_lost for flaw in flaws(records)] == [True]


def test_people_with_endless_names_are_not_remembered():
    staging = Staging("isso", "key")
    long = [
        CommentRecord(str(n), "t", "x", author=AuthorRecord(f"{n}{'n' * 5_000}")) for n in (1, 2)
    ]
    short = CommentRecord("3", "t", "x", author=AuthorRecord("Ann", "ann@mail.example"))
    for one in (*long, short, short._replace(id="4")):
        staging.add(one)
    assert list(staging._people) == [short.author]
    staging.settle()
    assert staging._people == {}
    keys = [one.author_keys for batch in staging.batches(10) for one in batch]
    assert len(set(keys)) == 3
    assert keys[2] == keys[3]
    staging.close()
