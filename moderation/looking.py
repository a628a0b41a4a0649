"""Finds the comments of a queue that are as wanted, at a cost that does not grow with the table.

Either all that can fit are few (those of one author, with a rare word, that readers reported) and
all of them are looked at; or only a window is, the first so many comments of the queue in its
order, and the next page begins where the window ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, func, select, union_all
from sqlalchemy.orm import Session, joinedload

from models import Comment, Status
from models.keyset import Order
from moderation.filters import Filter

# Comments that one page looks at.
WINDOW = 5_000
# The same where words are looked for: all between the first and the last that have them are read.
WITH_WORDS = 1_000
# SQLite puts no more than 500 SELECTs together.
_MOST_PARTS = 400


@dataclass(frozen=True)
class Asked:
    """What is looked for: on which sites, where it stands, in which order, after which comment."""

    site_ids: Sequence[int]
    statuses: Sequence[Status]
    only: ColumnElement[bool]
    order: Order
    after: ColumnElement[bool]
    limit: int
    wanted: Filter


@dataclass(frozen=True)
class Found:
    """Comments with their thread and author; `looked_at` as in moderation/queue.py."""

    comments: Sequence[Comment]
    next: str | None = None
    looked_at: int = 0


def look(session: Session, asked: Asked, listed: Select[int] | None) -> Found:
    """The next comments. `listed` are the numbers of those of the queue, if they are known to be
    few. Raises Invalid for words that ask for nothing."""
    if not asked.site_ids:
        return Found([])
    few = listed if listed is not None else _few(session, asked)
    if few is not None:
        return _page(asked, session.scalars(_among(session, asked, few)).all())
    is_narrow = asked.wanted.asks
    size = (WITH_WORDS if asked.wanted.words else WINDOW) if is_narrow else asked.limit + 1
    window = _window(asked, size)
    comments = session.scalars(_in_window(session, asked, window)).all()
    if len(comments) > asked.limit or not is_narrow:
        return _page(asked, comments)
    last = session.execute(
        select(window.c.value, window.c.id).order_by(*_ordered(asked, window)).offset(size - 1)
    ).first()
    following = asked.order.cursor(last.value, last.id) if last else None
    return Found(comments, following, size if last else 0)


def _few(session: Session, asked: Asked) -> Select[int] | None:
    """The numbers of all that can fit, by whichever part of the filter leaves a window or less."""
    for numbers in asked.wanted.narrowest(session, asked.site_ids):
        some = numbers.limit(WINDOW + 1).subquery()
        if (session.scalar(select(func.count()).select_from(some)) or 0) <= WINDOW:
            return numbers
    return None


def _among(session: Session, asked: Asked, numbers: Select[int]) -> Select[Comment]:
    few = numbers.cte("few")
    # The sum keeps SQLite from walking an index of the site where the numbers lead there at once.
    return (
        _with_parts(select(Comment))
        .where(
            Comment.id.in_(select(few.c.id)),
            (Comment.site_id + 0).in_(asked.site_ids),
            Comment.status.in_(asked.statuses),
            asked.only,
            asked.after,
            *asked.wanted.clauses(session, asked.site_ids, few),
        )
        .order_by(*asked.order.clauses())
        .limit(asked.limit + 1)
    )


def _window(asked: Asked, size: int) -> CTE:
    """The first numbers in the order, each site and status from its own index, and merged."""
    column = asked.order.column
    places = [(site_id, status) for site_id in asked.site_ids for status in asked.statuses]
    common = select(Comment.id.label("id"), column.label("value")).where(asked.only, asked.after)
    if column is Comment.created_at:
        # The index of that order begins where the time does.
        common = common.where(*asked.wanted.times())
    if len(places) > _MOST_PARTS:
        parts = [
            common.where(
                Comment.site_id.in_(asked.site_ids), Comment.status.in_(asked.statuses)
            )
        ]  # fmt: skip
    else:
        parts = [
            common.where(Comment.site_id == site_id, Comment.status == status)
            for site_id, status in places
        ]
    merged: Any = union_all(*parts) if len(parts) > 1 else parts[0]
    way = "desc" if asked.order.descending else "asc"
    if len(parts) > 1:
        value, number = merged.selected_columns.value, merged.selected_columns.id
        merged = merged.order_by(getattr(value, way)(), getattr(number, way)())
    else:
        merged = merged.order_by(*asked.order.clauses())
    return merged.limit(size).cte("looked_at")  # type: ignore[no-any-return]


def _in_window(session: Session, asked: Asked, window: CTE) -> Select[Comment]:
    return (
        _with_parts(select(Comment))
        .join(window, window.c.id == Comment.id)
        .where(*asked.wanted.clauses(session, asked.site_ids, window))
        .order_by(*_ordered(asked, window))
        .limit(asked.limit + 1)
    )


def _ordered(asked: Asked, window: CTE) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    if asked.order.descending:
        return window.c.value.desc(), window.c.id.desc()
    return window.c.value.asc(), window.c.id.asc()


def _with_parts(query: Select[Comment]) -> Select[Comment]:
    return query.options(joinedload(Comment.thread), joinedload(Comment.author))


def _page(asked: Asked, comments: Sequence[Comment]) -> Found:
    shown = comments[: asked.limit]
    if len(comments) <= asked.limit:
        return Found(shown)
    last = shown[-1]
    return Found(shown, asked.order.cursor(getattr(last, asked.order.column.key), last.id))
