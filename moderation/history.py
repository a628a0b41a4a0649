"""What the database knows of an author and of what was said lately, as the checks are told it.

Every comment asks all of it: the statements are made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from models import Comment, Status
from models.base import UtcDateTime
from moderation.signals.facts import Author, Earlier

# Ten minutes make a flood; repetitions are looked for among so many comments of so many hours.
_LATELY = timedelta(minutes=10)
_OWN, _OTHERS, _OTHERS_HOURS = 30, 100, timedelta(hours=24)

_Statement = Select[*tuple[Any, ...]]


def author_of(session: Session, comment: Comment) -> Author:
    """What the author did on this site before this comment; three queries.

    Later comments do not count, so that a comment which is judged again is judged by the same.
    """
    by_status, lately, texts = _of_author()
    asked = _asked(comment, _LATELY)
    counts = {row[0]: row[1] for row in session.execute(by_status, asked)}
    return Author(
        published=counts.get(Status.PUBLISHED, 0),
        rejected=counts.get(Status.REJECTED, 0),
        lately=session.scalar(lately, asked) or 0,
        texts=[Earlier(number, text) for number, text in session.execute(texts, asked)],
    )


def lately_by_others(session: Session, comment: Comment) -> Sequence[Earlier]:
    """What others wrote on this site within a day before, the newest first, a hundred at most; one
    query, which reads each status along the index of the queue."""
    rows = session.execute(_by_others(), _asked(comment, _OTHERS_HOURS))
    return [Earlier(number, text) for number, text in rows]


def _asked(comment: Comment, before: timedelta) -> dict[str, Any]:
    return {
        "author": comment.author_id,
        "site": comment.site_id,
        "number": comment.id,
        "since": comment.created_at - before,
    }


_SINCE = Comment.created_at > bindparam("since", type_=UtcDateTime())
_HERE = (Comment.site_id == bindparam("site"), Comment.id < bindparam("number"))


@cache
def _of_author() -> tuple[_Statement, _Statement, _Statement]:
    earlier = (Comment.author_id == bindparam("author"), *_HERE)
    return (
        select(Comment.status, func.count()).where(*earlier).group_by(Comment.status),
        select(func.count()).select_from(Comment).where(*earlier, _SINCE),
        select(Comment.id, Comment.text)
        .where(*earlier, Comment.status != Status.WITHDRAWN)
        .order_by(Comment.created_at.desc())
        .limit(_OWN),
    )


@cache
def _by_others() -> _Statement:
    parts = [
        select(Comment.id, Comment.text, Comment.created_at.label("written"))
        .where(
            *_HERE,
            Comment.status == status,
            _SINCE,
            Comment.author_id != bindparam("author"),
        )
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(_OTHERS)
        .subquery()
        for status in (Status.PUBLISHED, Status.HELD, Status.REJECTED)
    ]
    found = union_all(*(select(part) for part in parts)).subquery()
    return (
        select(found.c.id, found.c.text)
        .order_by(found.c.written.desc(), found.c.id.desc())
        .limit(_OTHERS)
    )
