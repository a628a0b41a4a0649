"""What the database knows of an author and of what was said lately, as the checks are told it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Comment, Status
from moderation.signals.facts import Author, Earlier

# Ten minutes make a flood; repetitions are looked for among so many comments of so many hours.
_LATELY = timedelta(minutes=10)
_OWN, _OTHERS, _OTHERS_HOURS = 30, 100, timedelta(hours=24)


def author_of(session: Session, comment: Comment) -> Author:
    """What the author did on this site before this comment; three queries.

    Later comments do not count, so that a comment which is judged again is judged by the same.
    """
    earlier = (
        Comment.author_id == comment.author_id,
        Comment.site_id == comment.site_id,
        Comment.id < comment.id,
    )
    by_status = select(Comment.status, func.count()).where(*earlier).group_by(Comment.status)
    counts = {row[0]: row[1] for row in session.execute(by_status)}
    lately = session.scalar(
        select(func.count())
        .select_from(Comment)
        .where(*earlier, Comment.created_at > comment.created_at - _LATELY)
    )
    rows = session.execute(
        select(Comment.id, Comment.text)
        .where(*earlier, Comment.status != Status.WITHDRAWN)
        .order_by(Comment.created_at.desc())
        .limit(_OWN)
    )
    return Author(
        published=counts.get(Status.PUBLISHED, 0),
        rejected=counts.get(Status.REJECTED, 0),
        lately=lately or 0,
        texts=[Earlier(number, text) for number, text in rows],
    )


def lately_by_others(session: Session, comment: Comment) -> Sequence[Earlier]:
    """What others wrote on this site within a day before, the newest first, a hundred at most; one
    query a status, each along the index of the queue."""
    found = [
        row
        for status in (Status.PUBLISHED, Status.HELD, Status.REJECTED)
        for row in session.execute(
            select(Comment.created_at, Comment.id, Comment.text)
            .where(
                Comment.site_id == comment.site_id,
                Comment.status == status,
                Comment.created_at > comment.created_at - _OTHERS_HOURS,
                Comment.id < comment.id,
                Comment.author_id != comment.author_id,
            )
            .order_by(Comment.created_at.desc(), Comment.id.desc())
            .limit(_OTHERS)
        )
    ]
    found.sort(reverse=True)
    return [Earlier(number, text) for _, number, text in found[:_OTHERS]]
