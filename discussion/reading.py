"""One page of one thread, for everyone or for one reader; a fixed number of queries, no writes."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from discussion.views import COLUMNS, CommentView, view_of
from models import (
    Account,
    Appeal,
    AppealState,
    ArticlePoint,
    Comment,
    Report,
    Status,
    Vote,
    utcnow,
)
from models.keyset import FIRST, Order
from models.visibility import in_thread, own_unpublished, public
from moderation.errors import Invalid, NotFound
from moderation.featuring import MOST_SHOWN

# How much of a branch comes with its page; the rest is one request away.
REPLIES_EACH = 5
LEVELS = 6
MOST_REPLIES = 200


class Sort(enum.StrEnum):
    """The orders of a thread."""

    NEWEST = "newest"
    OLDEST = "oldest"
    BEST = "best"
    REPLIES = "replies"
    ACTIVE = "active"


_PARENT = Comment.parent_id == bindparam("parent")
_ORDERS = {
    Sort.NEWEST: Order("newest", Comment.created_at, Comment.id, descending=True),
    Sort.OLDEST: Order("oldest", Comment.created_at, Comment.id, descending=False),
    Sort.BEST: Order("best", Comment.best, Comment.id, descending=True),
    Sort.REPLIES: Order("replies", Comment.reply_count, Comment.id, descending=True),
    Sort.ACTIVE: Order("active", Comment.stirred_at, Comment.id, descending=True),
}


@dataclass(frozen=True)
class CommentPage:
    """Some siblings with the first of their replies, and where the next ones begin."""

    comments: list[CommentView]
    next: str | None


@dataclass(frozen=True)
class OwnPart:
    """What only this reader sees of a thread."""

    comments: list[Comment]
    votes: dict[int, int]
    reported: list[int]
    point: bool


def page(
    session: Session, thread_id: int, sort: Sort, cursor: str | None = None, limit: int = 20
) -> CommentPage:
    """First-level comments of a thread. Raises Invalid for a cursor that is none."""
    return _siblings(session, thread_id, None, sort, cursor, limit)


def featured(session: Session, thread_id: int) -> list[CommentView]:
    """What a moderator shows above all others, the last chosen first; without replies."""
    rows = session.execute(
        select(*COLUMNS)
        .where(Comment.thread_id == thread_id, Comment.featured_at.is_not(None), public())
        .order_by(Comment.featured_at.desc(), Comment.id.desc())
        .limit(MOST_SHOWN)
    )
    views = [view_of(row) for row in rows]
    for view in views:
        view.more_replies = FIRST if view.descendant_count else None
    return views


def replies(
    session: Session, comment_id: int, sort: Sort, cursor: str | None = None, limit: int = 20
) -> CommentPage:
    """Direct replies to a comment with what stands below them. Raises NotFound, Invalid."""
    thread_id = session.scalar(
        select(Comment.thread_id).where(Comment.id == comment_id, in_thread())
    )
    if thread_id is None:
        raise NotFound("There is no such comment, or it is not public.")
    return _siblings(session, thread_id, comment_id, sort, cursor, limit)


def one(
    session: Session, comment_id: int, sort: Sort = Sort.OLDEST
) -> tuple[CommentView, list[CommentView]]:
    """A comment with the first of what stands below it, and its ancestors from the root down.

    Raises NotFound for a comment that takes no place in the public thread.
    """
    query = select(*COLUMNS).where(Comment.id == comment_id, in_thread())
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such comment, or it is not public.")
    view = view_of(row)
    _attach_replies(session, [view], _reply_sort(sort))
    return view, ancestors(session, view.parent_id)


def own_part(session: Session, thread_id: int, reader: Account, edit_minutes: int) -> OwnPart:
    """A reader's own hidden, editable or regained comments, votes, reports and article point."""
    editable_since = utcnow() - timedelta(minutes=edit_minutes)
    comments = session.scalars(
        select(Comment)
        .where(
            Comment.thread_id == thread_id,
            or_(
                own_unpublished(reader.id),
                and_(
                    Comment.author_id == reader.id,
                    Comment.status == Status.PUBLISHED,
                    # Its author is told that the objection was granted.
                    exists().where(
                        Appeal.comment_id == Comment.id, Appeal.state == AppealState.GRANTED
                    ),
                ),
                and_(
                    Comment.author_id == reader.id,
                    Comment.status == Status.PUBLISHED,
                    Comment.created_at > editable_since,
                ),
            ),
        )
        .order_by(Comment.created_at, Comment.id)
        .limit(200)
    ).all()
    votes = session.execute(
        select(Vote.comment_id, Vote.value)
        .join(Comment, Comment.id == Vote.comment_id)
        .where(Comment.thread_id == thread_id, Vote.account_id == reader.id)
    )
    reported = session.scalars(
        select(Report.comment_id)
        .join(Comment, Comment.id == Report.comment_id)
        .where(Comment.thread_id == thread_id, Report.account_id == reader.id)
    )
    point = session.get(ArticlePoint, (thread_id, reader.id)) is not None
    return OwnPart(list(comments), dict(votes.all()), list(reported), point)


def _siblings(
    session: Session,
    thread_id: int,
    parent_id: int | None,
    sort: Sort,
    cursor: str | None,
    limit: int,
) -> CommentPage:
    query = _in_order(sort, parent_id is None)
    if cursor and cursor != FIRST:
        query = query.where(after(sort, cursor))
    asked = {"thread": thread_id, "parent": parent_id, "room": limit + 1}
    rows = session.connection().execute(query, asked).all()
    views = [view_of(row) for row in rows[:limit]]
    _attach_replies(session, views, _reply_sort(sort))
    more = len(rows) > limit
    return CommentPage(views, _cursor(views[-1], sort) if more else None)


# Made once: putting a statement together takes longer than the database needs to answer it.
@cache
def _in_order(sort: Sort, is_first_level: bool) -> Select[*tuple[Any, ...]]:
    parent = Comment.parent_id.is_(None) if is_first_level else _PARENT
    return (
        select(*COLUMNS)
        .where(Comment.thread_id == bindparam("thread"), parent, in_thread())
        .order_by(*_ORDERS[sort].clauses())
        .limit(bindparam("room"))
    )


@cache
def _first_replies(sort: Sort) -> Select[*tuple[Any, ...]]:
    """The first replies of some comments, the first of each before the second of any."""
    place = func.row_number().over(partition_by=Comment.parent_id, order_by=_ORDERS[sort].clauses())
    # Only the few that are shown bring their text along.
    ranked = (
        select(Comment.id, place.label("place"))
        .where(Comment.parent_id.in_(bindparam("parents", expanding=True)), in_thread())
        .subquery()
    )
    return (
        select(*COLUMNS, ranked.c.place)
        .join(ranked, ranked.c.id == Comment.id)
        .where(ranked.c.place <= REPLIES_EACH + 1)
        .order_by(ranked.c.place, Comment.parent_id)
        .limit(bindparam("room"))
    )


def _reply_sort(sort: Sort) -> Sort:
    """Replies read as a conversation, oldest first, unless the best is asked for."""
    return Sort.BEST if sort is Sort.BEST else Sort.OLDEST


def _attach_replies(session: Session, views: list[CommentView], sort: Sort) -> None:
    """Fill in the first replies of each comment, one query a level, LEVELS at most."""
    level, fetched = views, 0
    for _ in range(LEVELS):
        parents = {view.id: view for view in level if view.descendant_count}
        if not parents or fetched >= MOST_REPLIES:
            break
        level = _attach_level(session, parents, sort, MOST_REPLIES - fetched)
        fetched += len(level)
    for view in level:
        if view.descendant_count and not view.replies:
            view.more_replies = FIRST


def _attach_level(
    session: Session, parents: dict[int, CommentView], sort: Sort, room: int
) -> list[CommentView]:
    asked = {"parents": list(parents), "room": room}
    rows = session.connection().execute(_first_replies(sort), asked).all()
    level: list[CommentView] = []
    for row in rows:
        parent = parents[row.parent_id]
        if row.place <= REPLIES_EACH:
            view = view_of(row)
            parent.replies.append(view)
            level.append(view)
        else:
            parent.more_replies = _cursor(parent.replies[-1], sort)
    if len(rows) == room:
        # Cut off: any of them may have more. A page that turns out empty does no harm.
        for parent in parents.values():
            if parent.more_replies is None:
                parent.more_replies = _cursor(parent.replies[-1], sort) if parent.replies else FIRST
    return level


def ancestors(session: Session, parent_id: int | None) -> list[CommentView]:
    """What stands above a comment, from the root down to its parent."""
    if parent_id is None:
        return []
    line = (
        select(Comment.id, Comment.parent_id)
        .where(Comment.id == parent_id)
        .cte("line", recursive=True)
    )
    above = aliased(Comment)
    line = line.union_all(select(above.id, above.parent_id).where(above.id == line.c.parent_id))
    rows = session.execute(
        select(*COLUMNS).where(Comment.id.in_(select(line.c.id))).order_by(Comment.depth)
    ).all()
    return [view_of(row) for row in rows]


def order_of(sort: Sort) -> Order:
    """The columns and the direction of an order."""
    return _ORDERS[sort]


def after(sort: Sort, cursor: str) -> ColumnElement[bool]:
    """For WHERE: what comes after a cursor of an order. Raises Invalid."""
    try:
        return _ORDERS[sort].after(cursor)
    except ValueError:
        raise Invalid(
            "The cursor does not fit this list and order. Begin again without one.",
            field="cursor",
        ) from None


def _cursor(view: CommentView, sort: Sort) -> str:
    value = {
        Sort.NEWEST: view.created_at,
        Sort.OLDEST: view.created_at,
        Sort.BEST: view.best,
        Sort.REPLIES: view.reply_count,
        Sort.ACTIVE: view.stirred_at,
    }[sort]
    return _ORDERS[sort].cursor(value, view.id)
