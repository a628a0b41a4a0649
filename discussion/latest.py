"""What was said last, in one discussion or on a whole site; only what anyone may read."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from models import Comment
from models.visibility import public


def of_thread(session: Session, thread_id: int, limit: int) -> Sequence[Comment]:
    """The newest published comments of a thread, with it; one query."""
    # Within one thread the numbers go with time, and an index holds them by status.
    query = select(Comment).where(Comment.thread_id == thread_id)
    return _published(session, query.order_by(Comment.id.desc()), limit)


def of_site(session: Session, site_id: int, limit: int) -> Sequence[Comment]:
    """The newest published comments of a site, each with its thread; one query."""
    query = select(Comment).where(Comment.site_id == site_id)
    return _published(session, query.order_by(Comment.created_at.desc(), Comment.id.desc()), limit)


def _published(session: Session, query: Select[Comment], limit: int) -> Sequence[Comment]:
    return session.scalars(
        query.join(Comment.thread)
        .where(public())
        .options(contains_eager(Comment.thread))
        .limit(limit)
    ).all()
