"""Comments as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from discussion.transfer.parley import shape
from discussion.transfer.parley.writing import Wanted
from discussion.transfer.sheets import written
from models import Comment, Score, Site, Thread

_PIECE = 500
# Spreadsheets take a file for UTF-8 only if it begins like this.
_MARK = "\ufeff"
_COLUMNS = (
    "number", "site", "page", "title", "answers", "author", "status", "written", "changed", "text",
    "up", "down", "highest score", "language",
)  # fmt: skip


def lines(session: Session, wanted: Wanted) -> Iterator[str]:
    """The whole table, in pieces; times in UTC."""
    yield _MARK + written([_COLUMNS])
    slugs = dict(session.execute(select(Site.id, Site.slug)).all())
    last = 0
    highest = (
        select(func.max(Score.value))
        .where(Score.comment_id == Comment.id, Score.revision == Comment.revision)
        .scalar_subquery()
    )
    columns = (
        Comment.id, Comment.site_id, Thread.url, Thread.title, Comment.parent_id,
        Comment.author_name, Comment.status, Comment.created_at, Comment.edited_at, Comment.text,
        Comment.up, Comment.down, highest.label("highest"), Comment.language,
    )  # fmt: skip
    while True:
        query = select(*columns).join(Thread, Thread.id == Comment.thread_id)
        query = query.where(wanted.comments(), Comment.id > last)
        rows = session.execute(query.order_by(Comment.id).limit(_PIECE)).all()
        if not rows:
            return
        yield written(_cells(row, slugs) for row in rows)
        last = rows[-1].id


def _cells(row: Any, slugs: dict[int, str]) -> list[str | int | float]:
    number, site_id, *more = row
    cells = [number, slugs[site_id], *more]
    return ["" if cell is None else shape.plain(cell) for cell in cells]
