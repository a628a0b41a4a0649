"""Which pages the discussions of an import come to, and what is said of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.conftest import ORIGIN
from tests.discussion.transfer import exports
from tests.jobs.importing.conftest import Bring, rows


def test_a_site_that_was_http_once_is_no_other_site(bring: Bring, tmp_path: Path):
    url = ORIGIN.replace("https", "http") + "/story"
    said = bring("remark42", exports.remark42(tmp_path, exports.remark("1", locator={"url": url})))
    assert said.exit_code == 0, said.output
    assert "not the site's" not in said.output
    assert rows(tmp_path / "parley.db", "SELECT url FROM thread") == [(f"{ORIGIN}/story",)]


def test_a_page_that_isso_calls_by_a_name_goes_by_it(bring: Bring, tmp_path: Path):
    path = exports.isso(tmp_path, {"id": 1})
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("UPDATE threads SET uri = 'my-first-story'")
    assert bring("isso", path).exit_code == 0
    found = rows(tmp_path / "parley.db", "SELECT identity FROM thread")
    assert found == [("id:my-first-story",)]


def test_a_time_that_another_comment_tells_doubles_nothing(bring: Bring, tmp_path: Path):
    def comment(number: str, gmt: str, own: str) -> str:
        return exports.wp_comment(number, f"Comment {number}.", date_gmt=gmt, date=own)

    winter = comment("1", "2020-01-02 03:00:00", "2020-01-02 04:00:00")
    summer = comment("2", "2020-07-02 03:00:00", "2020-07-02 05:00:00")
    alone = comment("3", "0000-00-00 00:00:00", "2020-08-01 12:00:00")
    # Of the same number, and of another blog.
    other = comment("3", "2011-01-02 03:00:00", "2011-01-02 03:00:00")
    for some in ((winter, alone), (winter, summer, alone), (alone,), (other,)):
        path = exports.wordpress(tmp_path, exports.wp_item(*some))
        assert bring("wordpress", path).exit_code == 0
    stored = rows(tmp_path / "parley.db", "SELECT text, count(*) FROM comment GROUP BY 1")
    assert stored == [("Comment 1.", 1), ("Comment 2.", 1), ("Comment 3.", 2)]
