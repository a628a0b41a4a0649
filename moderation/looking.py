"""Finds the comments of a queue that are as wanted, at a cost that does not grow with the table.

Either all that can fit are few (those of one author, with a rare word, that readers reported) and
all of them are looked at; or only a window is, the first so many comments of the queue in its
order, and the next page begins where the window ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, select, union_all
from sqlalchemy.orm import Session, joinedload

from models import Comment, Status
from models.keyset import Order
from models.listed import numbers_listed
from moderation.filters import Filter
from moderation.wanted_words import has_beginning

# Comments that one page looks at.
WINDOW = 2_500
# The same where words are looked for: all between the first and the last that have them are read.
WITH_WORDS = 1_000
# Where words are looked for in the texts themselves: so many comments are read at a time, and if
# fewer than so many of the first have the words, the index has them soon enough.
_AT_A_TIME = 100
_COMMON = 5
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
    if listed is not None:
        return _page(asked, session.scalars(_among(session, asked, listed)).all())
    # SQLite's index puts all comments together that have any word with a beginning, however few
    # are wanted: it is asked only where the texts themselves do not fill a page.
    begins = has_beginning(asked.wanted.words)
    read = _read(session, asked) if begins else None
    if read is None or len(read) <= asked.limit:
        few = _few(session, asked)
        if few is not None:
            numbers, rest = few
            return _page(asked, session.scalars(_among(session, rest, numbers)).all())
        read = read if begins else _read(session, asked)
    is_narrow = asked.wanted.asks
    size = (WITH_WORDS if asked.wanted.words else WINDOW) if is_narrow else asked.limit + 1
    window = _window(asked, size)
    inner = _in_window(session, asked, window) if read is None else numbers_listed(session, read)
    comments = session.scalars(_shown(asked, inner)).all()
    if len(comments) > asked.limit or not is_narrow:
        return _page(asked, comments)
    last = session.execute(
        select(window.c.value, window.c.id).order_by(*_ordered(asked, window)).offset(size - 1)
    ).first()
    following = asked.order.cursor(last.value, last.id) if last else None
    return Found(comments, following, size if last else 0)


def _read(session: Session, asked: Asked) -> list[int] | None:
    """The first numbers of the window that fit, one more than a page has, by reading the texts;
    None where the index is quicker. Of common words a page is full long before its end."""
    if not asked.wanted.words or session.get_bind().dialect.name != "sqlite":
        return None
    window = _window(asked, WITH_WORDS)
    rest = replace(asked.wanted, words="")
    texts = session.execute(
        select(Comment.id, Comment.author_name, Comment.text)
        .join(window, window.c.id == Comment.id)
        .where(*rest.clauses(session, asked.site_ids, window))
        .order_by(*_ordered(asked, window))
    )
    found: list[int] = []
    for some in texts.partitions(_AT_A_TIME):
        fitting = asked.wanted.found_among(session, [(row[0], row[1], row[2]) for row in some])
        found += [number for number, _, _ in some if number in fitting]
        if len(found) > asked.limit:
            return found[: asked.limit + 1]
        if len(found) < _COMMON:
            return None
    return found


def _few(session: Session, asked: Asked) -> tuple[Select[int], Asked] | None:
    """The numbers of all that can fit, by whichever part of the filter leaves a window or less,
    and what is asked besides: none is looked up twice."""
    for numbers, rest in asked.wanted.narrowest(session, asked.site_ids):
        found = session.scalars(numbers.limit(WINDOW + 1)).all()
        if len(found) <= WINDOW:
            return numbers_listed(session, found), replace(asked, wanted=rest)
    return None


def _among(session: Session, asked: Asked, numbers: Select[int]) -> Select[Comment]:
    few = numbers.cte("few")
    # The sum keeps SQLite from walking an index of the site where the numbers lead there at once.
    fitting = (
        select(Comment.id)
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
    return _shown(asked, fitting)


def _shown(asked: Asked, numbers: Select[int]) -> Select[Comment]:
    """The comments of a page in their order. Only now are text, thread and author read: not of all
    that were looked at."""
    few = numbers.subquery("shown")
    return (
        _with_parts(select(Comment))
        .where(Comment.id.in_(select(few.c.id)))
        .order_by(*asked.order.clauses())
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


def _in_window(session: Session, asked: Asked, window: CTE) -> Select[int]:
    return (
        select(Comment.id)
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
