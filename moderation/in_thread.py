"""The comments of one thread that only its staff can read, newest first; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session, joinedload

from models import Comment, Status, Thread
from moderation.cases import Case, gather
from moderation.errors import NotFound

WAITING = (Status.HELD, Status.UNSCORED)
# What its author took back is nobody's business any more.
UNPUBLISHED = (*WAITING, Status.REJECTED)


@dataclass(frozen=True)
class UnpublishedPage:
    """Some cases; the number that the next page begins below, 0 for none; how many wait in all."""

    cases: list[Case]
    next: int
    waiting: int


def unpublished(session: Session, thread: Thread, below: int, limit: int) -> UnpublishedPage:
    """Held, unscored and rejected comments with a number under `below`, `limit` at most.

    A fixed number of queries; each status is read from its own end of the index, so that a thread
    with many thousands of comments costs no more.
    """
    newest = union_all(
        *(
            select(
                select(Comment.id)
                .where(Comment.thread_id == thread.id, Comment.status == status, Comment.id < below)
                .order_by(Comment.id.desc())
                .limit(limit + 1)
                .subquery()
            )
            for status in UNPUBLISHED
        )
    ).subquery()
    found = session.scalars(
        select(Comment)
        .where(Comment.id.in_(select(newest.c.id)))
        .options(joinedload(Comment.thread), joinedload(Comment.author))
        .order_by(Comment.id.desc())
        .limit(limit + 1)
    ).all()
    shown: Sequence[Comment] = found[:limit]
    waiting = session.scalar(
        select(func.count())
        .select_from(Comment)
        .where(Comment.thread_id == thread.id, Comment.status.in_(WAITING))
    )
    more = shown[-1].id if len(found) > limit else 0
    return UnpublishedPage(gather(session, shown), more, waiting or 0)


def one(session: Session, thread: Thread, comment_id: int) -> Case:
    """One comment of a thread in any status. Raises NotFound."""
    found = session.get(Comment, comment_id)
    if found is None or found.thread_id != thread.id:
        raise NotFound("There is no such comment.")
    return gather(session, [found])[0]
