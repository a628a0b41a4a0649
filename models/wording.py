"""Where the words of all comments are looked up: FTS5 in SQLite, an expression index in PostgreSQL.

Made by a migration, kept by the database itself (triggers, or the index), and no table class: the
words are the comment's own, and are gone from here in the statement that changes or removes them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    column,
    false,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from models.bulk import insert_many
from models.comment import Comment
from models.visibility import public

# The table of the full-text index in SQLite; FTS5 makes further ones whose names begin alike.
TABLE = "comment_words"
_INDEX = table(TABLE, column("rowid", Integer))
MOST_FOUND = 100_000
# As the migration made the index, or the two would not find the same.
_ALIKE = (
    "CREATE VIRTUAL TABLE words USING"
    " fts5(author_name, text, tokenize='unicode61 remove_diacritics 2')"
)
# Word for word what PostgreSQL's index is made of, or it is not used.
_VECTOR = "to_tsvector('simple', comment.author_name || ' ' || comment.text)"


def comments_with(session: Session, query: str) -> Select[int]:
    """The numbers of the comments that a query finds, in the database's own language of queries
    (FTS5's or that of `to_tsquery`)."""
    if session.get_bind().dialect.name == "sqlite":
        found = text(f"{TABLE} MATCH :words").bindparams(words=query)
        return select(_INDEX.c.rowid.label("id")).where(found)
    wanted = func.to_tsquery(literal_column("'simple'"), query)
    return select(Comment.id).where(literal_column(_VECTOR).op("@@")(wanted))


def has_words(session: Session, query: str, among: CTE) -> ColumnElement[bool]:
    """The same as a condition on comments that are `among` others: a few, by their `id`.

    In SQLite of the comments between the first and the last of them only the newest MOST_FOUND
    that have the words are seen, so that what it costs has a bound.
    """
    if session.get_bind().dialect.name != "sqlite":
        wanted = func.to_tsquery(literal_column("'simple'"), query)
        return literal_column(_VECTOR).op("@@")(wanted)
    number = _INDEX.c.rowid
    found = (
        select(number.label("id"))
        .where(
            text(f"{TABLE} MATCH :words").bindparams(words=query),
            number >= select(func.min(among.c.id)).scalar_subquery(),
            number <= select(func.max(among.c.id)).scalar_subquery(),
        )
        .order_by(number.desc())
        .limit(MOST_FOUND)
        .subquery("with_words")
    )
    # Asking the index for each comment by itself opens it anew each time, which takes longer.
    return Comment.id.in_(select(found.c.id).where(found.c.id.in_(select(among.c.id))))


def found_among(query: str, texts: Iterable[tuple[int, str, str]]) -> set[int]:
    """Which of some comments (number, author's name, text) a query of FTS5 finds, without the
    index of all: in a small one of the same make, in memory, at the cost of these texts alone."""
    database = sqlite3.connect(":memory:")
    try:
        database.execute(_ALIKE)
        database.executemany(
            "INSERT INTO words(rowid, author_name, text) VALUES (?, ?, ?)", list(texts)
        )
        found = database.execute("SELECT rowid FROM words WHERE words MATCH ?", (query,))
        return {number for (number,) in found}
    finally:
        database.close()


def in_public_thread(session: Session, query: str, thread_id: int, most: int) -> Sequence[int]:
    """The numbers of the published comments of a thread that a query finds: the last `most`.

    In SQLite of what has the words from the thread's first comment to its last, whatever thread it
    is in, only the newest MOST_FOUND are looked at.
    """
    in_thread = (Comment.thread_id == thread_id, public())
    found = select(Comment.id).where(*in_thread)
    if session.get_bind().dialect.name == "sqlite":
        with_words = (
            select(_INDEX.c.rowid.label("id"))
            .where(
                text(f"{TABLE} MATCH :words").bindparams(words=query),
                _INDEX.c.rowid >= select(func.min(Comment.id)).where(*in_thread).scalar_subquery(),
                _INDEX.c.rowid <= select(func.max(Comment.id)).where(*in_thread).scalar_subquery(),
            )
            .order_by(_INDEX.c.rowid.desc())
            .limit(MOST_FOUND)
            .subquery("with_words")
        )
        found = found.join(with_words, with_words.c.id == Comment.id)
    else:
        wanted = func.to_tsquery(literal_column("'simple'"), query)
        found = found.where(literal_column(_VECTOR).op("@@")(wanted))
    return session.scalars(found.order_by(Comment.id.desc()).limit(most)).all()


_TRIGGER = f"{TABLE}_new"
_ALIKE_AT_FIRST: dict[str, Any] = {
    "by_staff": false(),
    "trapped": false(),
    "escalated": false(),
    "email_domain": literal_column("''"),
    "language": literal_column("'und'"),
    "revision": literal_column("1"),
    "version": literal_column("1"),
    "open_reports": literal_column("0"),
    "report_weight": literal_column("0.0"),
    "risk": literal_column("0.0"),
    "doubt": literal_column("1.0"),
}


def insert_comments(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store new comments, given by their columns and in the order of their numbers, and index their
    words all at once.

    With its trigger SQLite writes a piece of the index to the disk for every row, which takes three
    times as long as all the rest. So the trigger is away meanwhile, for this transaction alone.
    """
    connection = session.connection()
    # What every new comment has alike is no parameter: that is half of them.
    alike = {name: value for name, value in _ALIKE_AT_FIRST.items() if name not in rows[0]}
    store = insert(Comment.__table__).values(alike)  # type: ignore[arg-type]
    if connection.dialect.name != "sqlite":
        insert_many(session, store, rows)
        return
    trigger = connection.scalar(
        text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"),
        {"name": _TRIGGER},
    )
    connection.exec_driver_sql(f"DROP TRIGGER {_TRIGGER}")
    insert_many(session, store, rows)
    connection.execute(_WORDS_OF, {"first": rows[0]["id"], "last": rows[-1]["id"]})
    connection.exec_driver_sql(str(trigger))


_WORDS_OF = text(
    f"INSERT INTO {TABLE}(rowid, author_name, text)"  # noqa: S608 (a name of ours)
    " SELECT id, author_name, text FROM comment WHERE id BETWEEN :first AND :last"
)
