"""What stands around a comment: what it answers, what answers it, what else its author wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload

from models import Comment

REPLIES = 5
OF_AUTHOR = 5
# Nobody needs the exact number of more than that, and counting on would take time.
MOST_COUNTED = 100
# Deeper threads than any site allows cost no more than this.
_HIGHEST = 50


@dataclass(frozen=True)
class Context:
    """The ancestors of a comment from the top down, its first replies in the order of their times,
    how many more there are (`has_most`: at least), and its author's latest other comments here."""

    ancestors: Sequence[Comment]
    replies: Sequence[Comment]
    more_replies: int
    has_most: bool
    by_author: Sequence[Comment]


def around(session: Session, comment: Comment) -> Context:
    """What stands around one comment whatever its status; four queries."""
    replies = session.scalars(
        select(Comment)
        .where(Comment.thread_id == comment.thread_id, Comment.parent_id == comment.id)
        .order_by(Comment.created_at, Comment.id)
        .limit(REPLIES)
    ).all()
    counted = _count(session, comment)
    return Context(
        ancestors=_ancestors(session, comment),
        replies=replies,
        more_replies=max(0, counted - len(replies)),
        has_most=counted >= MOST_COUNTED,
        by_author=_by_author(session, comment),
    )


def _count(session: Session, comment: Comment) -> int:
    some = select(Comment.id).where(Comment.parent_id == comment.id).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _ancestors(session: Session, comment: Comment) -> Sequence[Comment]:
    path = (
        select(Comment.id, Comment.parent_id)
        .where(Comment.id == (comment.parent_id or 0))
        .cte("path", recursive=True)
    )
    above = aliased(Comment)
    path = path.union_all(select(above.id, above.parent_id).where(above.id == path.c.parent_id))
    return session.scalars(
        select(Comment)
        .where(Comment.id.in_(select(path.c.id)))
        .order_by(Comment.depth, Comment.id)
        .limit(_HIGHEST)
    ).all()


def _by_author(session: Session, comment: Comment) -> Sequence[Comment]:
    return session.scalars(
        select(Comment)
        .where(
            Comment.author_id == comment.author_id,
            Comment.site_id == comment.site_id,
            Comment.id != comment.id,
        )
        .options(joinedload(Comment.thread))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(OF_AUTHOR)
    ).all()
