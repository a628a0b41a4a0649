"""What is typed into the search, as the database is asked: a table, and hostile input."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from jobs.transactions import reading
from models import Comment
from moderation.errors import Invalid
from moderation.filters import Filter
from moderation.wanted_words import query_of

TABLE = [
    # typed                 FTS5                              to_tsquery
    ("tea",                 '"tea"',                          "('tea')"),
    ("green tea",           '"green" AND "tea"',              "('green') & ('tea')"),
    ('"green tea"',         '"green tea"',                    "('green' <-> 'tea')"),
    ("tea -green",          '"tea" NOT "green"',              "('tea') & !(('green'))"),
    ("gree*",               '"gree"*',                        "('gree':*)"),
    ("gr*",                 '"gr"',                           "('gr')"),
    ("中*",                  '"中"*',                           "('中':*)"),
    ("don't",               '"don t"',                        "('don' <-> 't')"),
    ("AND OR NOT",          '"AND" AND "OR" AND "NOT"',       "('AND') & ('OR') & ('NOT')"),
    ("-green",              "",                               ""),
    ('!? "" -',             "",                               ""),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "fts5", "tsquery"), TABLE)
def test_the_query(typed: str, fts5: str, tsquery: str):
    assert query_of(typed, "sqlite") == fts5
    assert query_of(typed, "postgresql") == tsquery


def found(app: Flask, typed: str, site: int) -> list[str]:
    """The texts of the comments that a search finds."""
    with app.app_context(), reading() as session:
        clauses = Filter(words=typed).clauses(session, [site], select(Comment.id).cte())
        return list(session.scalars(select(Comment.text).where(*clauses).order_by(Comment.id)))


def test_comments_are_found_by_their_words_and_names_whatever_case_and_accents(
    app: Flask, site: int, make_comment: Callable[..., int]
):
    make_comment("The café is open.", name="Zoë")
    make_comment("A green tea, please.", name="Ada")
    assert found(app, "CAFE", site) == ["The café is open."]
    assert found(app, "zoe", site) == ["The café is open."]
    assert found(app, '"green tea"', site) == ["A green tea, please."]
    assert found(app, "tea -green", site) == []
    with pytest.raises(Invalid):
        found(app, "!!", site)


@given(typed=st.text(max_size=60))
def test_nothing_typed_breaks_the_search(typed: str):
    query = query_of(typed, "sqlite")
    if query and "\x00" not in query and query.isprintable():
        with sqlite3.connect(":memory:") as rows:
            rows.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
            rows.execute("SELECT * FROM words WHERE words MATCH ?", (query,)).fetchall()
