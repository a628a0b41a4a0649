"""Where the words of all comments are looked up: FTS5 in SQLite, an expression index in PostgreSQL.

Made by a migration, kept by the database itself (triggers, or the index), and no table class: the
words are the comment's own, and are gone from here in the statement that changes or removes them.
"""

from __future__ import annotations

from sqlalchemy import Integer, Select, func, literal_column, select, text
from sqlalchemy.orm import Session

from models.comment import Comment

# The table of the full-text index in SQLite; FTS5 makes further ones whose names begin alike.
TABLE = "comment_words"
# Word for word what PostgreSQL's index is made of, or it is not used.
_VECTOR = "to_tsvector('simple', comment.author_name || ' ' || comment.text)"


def comments_with(session: Session, query: str, limit: int) -> Select[int]:
    """The numbers of the newest comments that a query finds, in the database's own language of
    queries (FTS5's or that of `to_tsquery`), `limit` at most, the newest first."""
    if session.get_bind().dialect.name == "sqlite":
        number = literal_column("rowid", Integer)
        found = text(f"{TABLE} MATCH :words").bindparams(words=query)
        return (
            select(number)
            .select_from(text(TABLE))
            .where(found)
            .order_by(number.desc())
            .limit(limit)
        )
    wanted = func.to_tsquery(literal_column("'simple'"), query)
    found_there = literal_column(_VECTOR).op("@@")(wanted)
    return select(Comment.id).where(found_there).order_by(Comment.id.desc()).limit(limit)
