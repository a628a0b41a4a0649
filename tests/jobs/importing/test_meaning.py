"""What an import makes of a discussion: its order, places, people, votes and record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from discussion import reading, votes
from discussion.reading import Sort
from discussion.transfer.records import CommentRecord
from discussion.transfer.staging import Staging
from jobs.transactions import writing
from models import Account, Comment, db
from tests.conftest import ORIGIN, OTHER_ORIGIN
from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import DISQUS_HEAD, post, wp_comment, wp_item
from tests.flows.invariants import broken_promises
from tests.jobs.importing.conftest import Bring, everything, rows

DELETED = "<isDeleted>true</isDeleted><isSpam>false</isSpam>"
SPAM = "<isDeleted>false</isDeleted><isSpam>true</isSpam>"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The application's file."""
    return tmp_path / "parley.db"


def shape(database: Path) -> dict[str, tuple[str | None, str, int]]:
    """By its number in the source: what a comment answers, where it stands, how deep."""
    return {
        key: (above, status, depth)
        for key, above, status, depth in rows(
            database,
            "SELECT c.source_id, p.source_id, m.status, m.depth FROM comment m"
            " JOIN comment_source c ON c.comment_id = m.id"
            " LEFT JOIN comment_source p ON p.comment_id = m.parent_id",
        )
    }


def whole(app: Flask, database: Path) -> None:
    """Nothing is broken, and the record says so as well."""
    assert broken_promises(database, drained=True) == []
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0


def test_replies_orphans_and_what_was_deleted(
    app: Flask, bring: Bring, tmp_path: Path, database: Path
):
    path = exports.disqus(
        tmp_path,
        post("2", parent="1"),
        post("1", "", flags=DELETED),
        post("3", parent="2"),
        post("4", parent="gone"),
        post("5", "", flags=DELETED, parent="3"),
        post("6", flags=SPAM, parent="1"),
        post("7", "Left words.", flags=DELETED),
        post("8", parent="7", flags=SPAM),
    )
    said = bring("disqus", path)
    assert said.exit_code == 0, said.output
    assert shape(database) == {
        "1": (None, "withdrawn", 0),
        "2": ("1", "published", 1),
        "3": ("2", "published", 2),
        "4": (None, "published", 0),
        "6": ("1", "rejected", 1),
        "7": (None, "withdrawn", 0),
        "8": ("7", "rejected", 1),
    }
    assert "1 whose parent is not in the file" in said.output
    whole(app, database)
    with app.app_context():
        thread_id = db.session().query(Comment).first().thread_id
        page = reading.page(db.session(), thread_id, Sort.OLDEST)
        roots = [(view.is_tombstone, view.html, view.descendant_count) for view in page.comments]
    # What has nothing public below it takes no place.
    assert sorted(roots) == [(False, "<p>Hello.</p>", 0), (True, "", 2)]


def test_pings_are_skipped_and_what_answers_them_moves_up(
    bring: Bring, tmp_path: Path, database: Path
):
    item = wp_item(
        wp_comment("1"),
        wp_comment("2", type="pingback", parent="1"),
        wp_comment("3", type="trackback", parent="2"),
        wp_comment("4", parent="3"),
        wp_comment("5", type="pingback"),
        wp_comment("6", parent="5"),
        status="closed",
    )
    said = bring("wordpress", exports.wordpress(tmp_path, item))
    assert said.exit_code == 0, said.output
    assert shape(database) == {
        "1": (None, "published", 0), "4": ("1", "published", 1), "6": (None, "published", 0),
    }  # fmt: skip
    assert "pingback or trackback" in said.output
    assert "whose parent" not in said.output
    assert rows(database, "SELECT state, title FROM thread") == [("closed", "A story")]


def test_circles_and_what_is_too_deep_are_kept(
    app: Flask, bring: Bring, tmp_path: Path, database: Path
):
    deep = [post(f"d{n}", parent=f"d{n - 1}" if n else "") for n in range(510)]
    circle = [post("a", parent="b"), post("b", parent="a"), post("c", parent="c")]
    said = bring("disqus", exports.disqus(tmp_path, *deep, *circle))
    assert said.exit_code == 0, said.output
    found = shape(database)
    assert len(found) == 513
    assert found["d509"] == ("d499", "published", 500)
    assert found["d500"] == ("d499", "published", 500)
    assert found["c"] == (None, "published", 0)
    assert "9 deeper than 500 levels" in said.output
    whole(app, database)


def test_numbers_that_come_twice_lose_nothing(bring: Bring, tmp_path: Path, database: Path):
    path = exports.disqus(tmp_path, post("1"), post("1"), post("1", "Another."), post("2"))
    for _ in range(2):
        said = bring("disqus", path)
        assert said.exit_code == 0, said.output
        assert sorted(text for (text,) in rows(database, "SELECT text FROM comment")) == [
            "Another.", "Hello.", "Hello.",
        ]  # fmt: skip
    assert "twice in the file" in said.output


def test_another_blog_with_the_same_numbers_is_another(
    bring: Bring, tmp_path: Path, database: Path
):
    bring("disqus", exports.disqus(tmp_path, post("1"), post("2", parent="1")))
    other = exports.disqus(
        tmp_path, post("1", "Other.", at="2021-01-01T00:00:00Z"),
        post("2", "Reply.", parent="1", at="2021-01-01T00:00:01Z"),
    )  # fmt: skip
    for _ in range(2):
        assert bring("disqus", other).exit_code == 0
    found = rows(
        database,
        "SELECT m.text, p.text FROM comment m LEFT JOIN comment p ON p.id = m.parent_id",
    )
    assert sorted(found, key=str) == [
        ("Hello.", "Hello."), ("Hello.", None), ("Other.", None), ("Reply.", "Other."),
    ]  # fmt: skip


def test_again_nothing_is_new_and_a_grown_file_adds_what_is(
    app: Flask, bring: Bring, tmp_path: Path, database: Path
):
    posts = [post(str(n), parent=str(n // 2) if n > 1 else "") for n in range(1, 30)]
    assert bring("disqus", exports.disqus(tmp_path, *posts[:12])).exit_code == 0
    before = everything(database)
    assert (
        "already there                                       12"
        in bring("disqus", exports.disqus(tmp_path, *posts[:12])).output
    )
    assert everything(database) == before
    said = bring("disqus", exports.disqus(tmp_path, *posts))
    assert said.exit_code == 0, said.output
    grown = everything(database)
    whole(app, database)
    # As if it had come at once, to another site's page of the same name.
    assert len(shape(database)) == 29
    assert shape(database)["29"] == ("14", "published", 4)
    assert len(grown) > len(before)


def test_two_sites_do_not_mix(
    app: Flask, bring: Bring, other_site: int, tmp_path: Path, database: Path
):
    path = exports.disqus(tmp_path, post("1", more="<email>a@b.example</email>"), post("2"))
    assert bring("disqus", path).exit_code == 0
    assert bring("disqus", path, slug="other").exit_code == 0
    found = rows(database, "SELECT site_id, count(DISTINCT author_id) FROM comment GROUP BY 1")
    assert found == [(1, 2), (other_site, 2)]
    assert rows(database, "SELECT count(*) FROM account WHERE kind = 'guest'") == [(4,)]
    assert sorted(url for (url,) in rows(database, "SELECT url FROM thread")) == [
        f"{ORIGIN}/story", f"{OTHER_ORIGIN}/story",
    ]  # fmt: skip
    whole(app, database)


def test_people_are_known_again_and_nothing_of_them_is_stored(
    bring: Bring, tmp_path: Path, database: Path
):
    path = exports.disqus(
        tmp_path,
        post("1", name="Ann", more="<email>Ann@Mail.Example</email><username>zebra77</username>"),
        post("2", name="Ann K.", more="<username>zebra77</username>"),
        post("3", name="Anna", more="<email> ann@mail.example</email>"),
        post("4", name="Ben"),
        post("5", name="BEN"),
        post("6", name="\u202eCarl" + "x" * 80),
    )
    said = bring("disqus", path)
    assert "1 whose author's name was cut" in said.output
    found = rows(database, "SELECT author_id, author_name FROM comment ORDER BY id")
    assert len({number for number, _ in found[:3]}) == 1
    assert [name for _, name in found[:5]] == ["Ann", "Ann K.", "Anna", "Ben", "BEN"]
    assert found[3][0] == found[4][0]
    assert len(found[5][1]) == 60
    # The same address in an export of another system is the same person.
    item = wp_item(wp_comment("1", author_email="ANN@mail.example"))
    bring("wordpress", exports.wordpress(tmp_path, item))
    newest = rows(database, "SELECT author_id FROM comment ORDER BY id DESC LIMIT 1")
    assert newest[0][0] == found[0][0]
    for name in ("parley.db", "parley.db-wal"):
        if (tmp_path / name).exists():
            stored = (tmp_path / name).read_bytes().lower()
            assert b"ann@mail" not in stored
            assert b"zebra77" not in stored


def test_votes_of_which_only_the_totals_are_known(
    app: Flask, bring: Bring, tmp_path: Path, database: Path
):
    path = exports.remark42(
        tmp_path, exports.remark("a", votes={"x": True, "y": True, "z": False}),
        exports.remark("b", score=-3),
    )  # fmt: skip
    assert bring("remark42", path).exit_code == 0
    found = rows(database, "SELECT up, down, imported_up, imported_down FROM comment ORDER BY id")
    assert found == [(2, 1, 2, 1), (0, 3, 0, 3)]
    with app.app_context(), writing() as session:
        reader = Account(name="Rita")
        session.add(reader)
        session.flush()
        assert votes.cast(session, session.get_one(Comment, 1), reader, -1) == (2, 2)
    whole(app, database)


def test_threads_that_are_there_take_the_comments(
    app: Flask, bring: Bring, make_comment: Callable[..., int], tmp_path: Path, database: Path
):
    make_comment("Written here.")
    link = "http://www.news.example/story/?utm_source=mail#comments"
    head = (
        DISQUS_HEAD + f'<thread dsq:id="t1"><id/><link>{link.replace("&", "&amp;")}</link></thread>'
    )
    said = bring("disqus", exports.disqus(tmp_path, post("1"), head=head))
    assert said.exit_code == 0, said.output
    assert "www.news.example" in said.output
    assert rows(database, "SELECT identity, comment_count FROM thread") == [("path:/story", 2)]
    whole(app, database)


@pytest.mark.parametrize("by_identifier", [True, False])
def test_threads_by_the_identifier_of_the_source(
    bring: Bring, tmp_path: Path, database: Path, by_identifier: bool
):
    head = DISQUS_HEAD + (
        f'<thread dsq:id="t1"><id>page-7</id><link>{ORIGIN}/story</link></thread>'
        '<thread dsq:id="t2"><id>page-8</id></thread>'
    )
    path = exports.disqus(
        tmp_path, post("1"), post("2", thread="t2"), post("3", thread="t3"), head=head
    )
    bring("disqus", path, *(["--by-identifier"] if by_identifier else []))
    names = [name for (name,) in rows(database, "SELECT identity FROM thread ORDER BY id")]
    first = "id:page-7" if by_identifier else "path:/story"
    assert names == [first, "id:page-8", "id:disqus:t3"]
    # None of them answers for the front page.
    assert not rows(database, f"SELECT 1 FROM thread WHERE url = '{ORIGIN}/'")


def test_old_addresses_become_new_ones(bring: Bring, tmp_path: Path, database: Path):
    csv = tmp_path / "map.csv"
    csv.write_text(
        "old,new\nhttps://old.example/a?x=1,https://news.example/new-a\n"
        "https://old.example/blog/*,https://news.example/articles/*\n"
        '/only/path,"https://news.example/p,q"\n'
    )
    urls = [
        "https://old.example/a/?x=1&utm_source=y",
        "https://old.example/blog/2020/b",
        "/only/path",
        "https://old.example/other",
    ]
    path = exports.remark42(
        tmp_path,
        *(exports.remark(str(n), locator={"url": url}) for n, url in enumerate(urls)),
    )
    said = bring("remark42", path, "--url-map", str(csv))
    assert said.exit_code == 0, said.output
    assert [name for (name,) in rows(database, "SELECT identity FROM thread ORDER BY id")] == [
        "path:/new-a", "path:/articles/2020/b", "path:/p,q", "path:/other",
    ]  # fmt: skip


def test_a_map_that_cannot_be_read_says_where(bring: Bring, tmp_path: Path):
    csv = tmp_path / "map.csv"
    csv.write_text("https://a.example,https://b.example\nonly one\n")
    path = exports.disqus(tmp_path, post("1"))
    said = bring("disqus", path, "--url-map", str(csv))
    assert said.exit_code == 1
    assert "line 2" in said.output


def test_long_texts_stay_whole_and_unstorable_signs_go(
    bring: Bring, tmp_path: Path, database: Path
):
    text = "Word " * 20_000
    path = exports.remark42(
        tmp_path, exports.remark("a", orig=text), exports.remark("b", orig="a\x00b \ud800c")
    )
    said = bring("remark42", path)
    assert "characters that cannot be stored" in said.output
    found = [row[0] for row in rows(database, "SELECT text FROM comment ORDER BY id")]
    assert found[0] == text.strip()
    assert found[1] == "ab \ufffdc"


def test_what_was_imported_is_found_by_its_words(
    app: Flask, bring: Bring, make_comment: Callable[..., int], tmp_path: Path, database: Path
):
    bring("disqus", exports.disqus(tmp_path, post("1", "<p>A <b>walrus</b>.</p>")))
    later = make_comment("Another walrus, written here.")
    found = rows(database, "SELECT rowid FROM comment_words WHERE comment_words MATCH 'walrus'")
    assert [number for (number,) in found] == [1, later]


def test_the_decision_names_where_it_was_made(bring: Bring, tmp_path: Path, database: Path):
    bring("disqus", exports.disqus(tmp_path, post("1")))
    columns = 'actor_kind, actor_name, "before", "after", reasons'
    assert rows(database, f"SELECT {columns} FROM decision") == [
        ("system", "Import", "unscored", "published", '["imported:disqus"]')
    ]
    assert rows(database, "SELECT version, comment_count FROM thread") == [(2, 1)]


def test_large_bodies_come_in_small_batches():
    """2,000 comments of 65 kB took 500 MB at once."""
    staging = Staging("isso", "a secret")
    for number in range(300):
        staging.add(
            CommentRecord(
                id=str(number), thread_id="/story", body=f"{number} " + "x" * 65_000,
                written_at=datetime(2019, 5, 1, tzinfo=UTC),
            )
        )  # fmt: skip
    staging.settle()
    sizes = [sum(len(one.body) for one in batch) for batch in staging.batches(2_000)]
    assert max(sizes) < 3_000_000
    assert sum(sizes) > 300 * 65_000
