"""Carries a comment's coming and going into the counts and moments of what stands above it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, aliased

from models import Comment
from models.visibility import in_thread


def carry(session: Session, comment: Comment, step: int) -> None:
    """Note above a comment that it has become readable (`step` 1) or is no longer (-1).

    Past the ORM on purpose: what happens below it is no new version of a comment.
    """
    if comment.parent_id is None:
        return
    above = _above(comment.parent_id)
    session.execute(
        update(Comment)
        .where(Comment.id.in_(above))
        .values(descendant_count=Comment.descendant_count + step)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Comment)
        .where(Comment.id == comment.parent_id)
        .values(reply_count=Comment.reply_count + step)
        .execution_options(synchronize_session=False)
    )
    if step > 0:
        session.execute(
            update(Comment)
            .where(Comment.id.in_(above), Comment.stirred_at < comment.created_at)
            .values(stirred_at=comment.created_at)
            .execution_options(synchronize_session=False)
        )
    else:
        _calm(session, comment.parent_id, comment.created_at)


def _above(parent_id: int) -> Select[int]:
    line = (
        select(Comment.id, Comment.parent_id)
        .where(Comment.id == parent_id)
        .cte("ancestors", recursive=True)
    )
    above = aliased(Comment)
    line = line.union_all(select(above.id, above.parent_id).where(above.id == line.c.parent_id))
    return select(line.c.id)


def _calm(session: Session, parent_id: int | None, gone: datetime) -> None:
    """Give each ancestor the moment of what is left below it, up to the first that had a later one.

    A place that only holds replies says when they were written: it is older than all of them.
    """
    while parent_id is not None:
        row = session.execute(
            select(
                Comment.thread_id, Comment.parent_id, Comment.created_at, Comment.stirred_at
            ).where(Comment.id == parent_id)
        ).one()
        if row.stirred_at != gone:
            return
        latest = session.scalar(
            select(Comment.stirred_at)
            .where(
                Comment.thread_id == row.thread_id, Comment.parent_id == parent_id, in_thread()
            )
            .order_by(Comment.stirred_at.desc())
            .limit(1)
        )  # fmt: skip
        session.execute(
            update(Comment)
            .where(Comment.id == parent_id)
            .values(stirred_at=max(latest or row.created_at, row.created_at))
            .execution_options(synchronize_session=False)
        )
        parent_id = row.parent_id
