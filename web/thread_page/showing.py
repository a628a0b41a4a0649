"""What stands on a page without script: the place, its comments, and what is this reader's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from discussion import comments, searching
from discussion import reading as read
from discussion.reading import CommentPage, Sort
from discussion.searching import Found
from discussion.views import CommentView
from models import Account, Comment
from moderation import sanctions
from web import auth
from web.api.views import own_shapes, sanction_told
from web.runtime import runtime
from web.thread_page import hiding
from web.thread_page.place import Place

PAGE_SIZE = 20
_SILENT = ("mute", "ban")
_HIDDEN = ("unscored", "held", "rejected")


@dataclass(frozen=True)
class Mine:
    """What only this reader sees; everything is empty for somebody unknown."""

    reader_id: int = 0
    name: str = ""
    own: dict[int, dict[str, Any]] = field(default_factory=dict)
    votes: dict[int, int] = field(default_factory=dict)
    reported: frozenset[int] = frozenset()
    point: bool = False
    sanctions: tuple[dict[str, Any], ...] = ()
    # Authors whose comments this reader does not want to see.
    unwanted: frozenset[int] = frozenset()

    @property
    def is_silent(self) -> bool:
        """Whether what is imposed keeps this reader from writing at all."""
        return any(one["kind"] in _SILENT for one in self.sanctions)

    @property
    def told(self) -> list[dict[str, Any]]:
        """The sanctions that are shown: a harder one says it all."""
        silent = [one for one in self.sanctions if one["kind"] in _SILENT]
        return silent[:1] or list(self.sanctions)

    @property
    def hidden(self) -> list[dict[str, Any]]:
        """Own comments that nobody else sees."""
        return [one for one in self.own.values() if one["status"] in _HIDDEN]


def mine(session: Session, place: Place) -> Mine:
    """What belongs to the reader of the request in a discussion."""
    reader = auth.reader(session)
    if reader is None:
        return Mine()
    return Mine(
        reader_id=reader.id,
        name=reader.name,
        sanctions=_imposed(session, place, reader),
        unwanted=_unwanted(reader),
        **(_own(session, place, reader) if place.thread_id else {}),
    )


def mine_in_search(session: Session) -> Mine:
    """The same as far as it matters to what is found: which of it the reader does not want."""
    reader = auth.reader(session)
    return Mine(unwanted=_unwanted(reader)) if reader else Mine()


def _unwanted(reader: Account) -> frozenset[int]:
    return frozenset(hiding.authors()) - {reader.id}


def _imposed(session: Session, place: Place, reader: Account) -> tuple[dict[str, Any], ...]:
    return tuple(
        sanction_told(one) for one in sanctions.standing(session, place.site_id, reader.id)
    )


def _own(session: Session, place: Place, reader: Account) -> dict[str, Any]:
    part = read.own_part(session, place.thread_id, reader, runtime().limits.edit_minutes)
    shapes = own_shapes(session, part.comments)
    return {
        "own": {shape["id"]: shape for shape in shapes},
        "votes": part.votes,
        "reported": frozenset(part.reported),
        "point": part.point,
    }


@dataclass(frozen=True)
class Branch:
    """One comment with what stands above it, and some of what stands below."""

    comment: CommentView
    above: list[CommentView]
    next: str | None


def page(session: Session, place: Place, sort: Sort, cursor: str) -> CommentPage:
    """Comments of the first level; none where nobody has begun. Raises Invalid for the cursor."""
    if not place.thread_id:
        return CommentPage([], None)
    return read.page(session, place.thread_id, sort, cursor, PAGE_SIZE)


def branch(session: Session, comment_id: int, sort: Sort, cursor: str) -> Branch:
    """A comment that takes a place in the thread, with its replies. Raises NotFound, Invalid."""
    view, above = read.one(session, comment_id, sort)
    replies = read.replies(session, comment_id, sort, cursor, PAGE_SIZE)
    view.replies, view.more_replies = replies.comments, None
    return Branch(view, above, replies.next)


def found(session: Session, place: Place, typed: str, cursor: str) -> Found:
    """Published comments that have all words, newest first. Raises Invalid for words and cursor."""
    if not place.thread_id:
        return Found([], None, 0)
    return searching.search(session, place.thread_id, typed, cursor, PAGE_SIZE)


def reply_order(sort: Sort) -> Sort:
    """Replies read as a conversation, oldest first, unless the best is asked for."""
    return Sort.BEST if sort is Sort.BEST else Sort.OLDEST


def walked(comments: Iterable[CommentView]) -> Iterable[CommentView]:
    """Comments with all that stands below them."""
    for comment in comments:
        yield comment
        yield from walked(comment.replies)


@dataclass(frozen=True)
class Quoted:
    """The comment that something is done with, as it stands above the form."""

    id: int
    author_id: int
    author_name: str
    by_staff: bool
    html: str
    created_at: datetime


def quoted(comment: Comment) -> Quoted:
    """The same of a row, for after its transaction."""
    return Quoted(
        comment.id,
        comment.author_id,
        comment.author_name,
        comment.by_staff,
        comment.html,
        comment.created_at,
    )


def readable(session: Session, comment_id: int) -> Comment:
    """A comment whose words the reader of the request may read. Raises NotFound."""
    reader = auth.reader(session)
    return comments.readable(session, comment_id, reader.id if reader else 0)


def own_unpublished(session: Session, comment_id: int) -> tuple[Comment | None, list[CommentView]]:
    """A comment that only the reader of the request sees, with what stands above it."""
    reader = auth.reader(session)
    own = comments.own_unpublished(session, comment_id, reader.id) if reader else None
    return own, read.ancestors(session, own.parent_id) if own else []
