"""Looks for words among the published comments of one thread; the newest of them comes first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.reading import Sort, after, order_of
from discussion.views import COLUMNS, CommentView, view_of
from models import Comment, wording
from models.keyset import FIRST
from models.visibility import public
from moderation.errors import Invalid
from moderation.wanted_words import query_of

# So many are found at most, the last that were written.
MOST = 1_000


@dataclass(frozen=True)
class Found:
    """Some of what was found, where the next begins, and how many there are in all up to MOST.

    `capped` where the count stopped at MOST, so that there may be more.
    """

    comments: list[CommentView]
    next: str | None
    count: int
    capped: bool = False


def search(session: Session, thread_id: int, typed: str, cursor: str, limit: int) -> Found:
    """Published comments that have all words, in their text or their author's name.

    The words are written as in the console (moderation/wanted_words.py). Raises Invalid for words
    that ask for nothing, and for a cursor that is none.
    """
    query = query_of(typed, session.get_bind().dialect.name)
    if not query:
        raise Invalid("Write at least one word to look for.", field="q")
    numbers = wording.in_public_thread(session, query, thread_id, MOST)
    wanted = select(*COLUMNS).where(Comment.id.in_(numbers), public())
    if cursor:
        wanted = wanted.where(after(Sort.NEWEST, cursor))
    order = order_of(Sort.NEWEST)
    rows = session.execute(wanted.order_by(*order.clauses()).limit(limit + 1)).all()
    views = [view_of(row) for row in rows[:limit]]
    for view in views:
        view.more_replies = FIRST if view.descendant_count else None
    last = order.cursor(views[-1].created_at, views[-1].id) if len(rows) > limit else None
    return Found(views, last, len(numbers), len(numbers) >= MOST)
