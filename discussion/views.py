"""A comment as one reader may see it, and the columns that it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from models import Comment, Status
from models.visibility import is_public

COLUMNS: tuple[Any, ...] = (
    Comment.id,
    Comment.thread_id,
    Comment.parent_id,
    Comment.depth,
    Comment.author_id,
    Comment.author_name,
    Comment.by_staff,
    Comment.html,
    Comment.status,
    Comment.created_at,
    Comment.edited_at,
    Comment.up,
    Comment.down,
    Comment.reply_count,
    Comment.descendant_count,
    Comment.best,
    Comment.stirred_at,
    Comment.featured_at,
)


@dataclass(slots=True)
class CommentView:
    """A comment as one reader may see it; a tombstone has no author and no html."""

    id: int
    thread_id: int
    parent_id: int | None
    depth: int
    author_id: int
    author_name: str
    by_staff: bool
    html: str
    status: Status
    created_at: datetime
    edited_at: datetime | None
    up: int
    down: int
    reply_count: int
    descendant_count: int
    best: float
    stirred_at: datetime
    featured: bool
    replies: list[CommentView] = field(default_factory=list)
    more_replies: str | None = None

    @property
    def is_tombstone(self) -> bool:
        """Whether it only keeps the place of what stands below it."""
        return not is_public(self.status)


def view_of(row: Row[Any]) -> CommentView:
    """A row of COLUMNS; of what is not public nothing but its place is left."""
    if is_public(row.status):
        values: list[Any] = list(row[: len(COLUMNS)])
        values[-1] = row.featured_at is not None
        return CommentView(*values)
    return CommentView(
        id=row.id,
        thread_id=row.thread_id,
        parent_id=row.parent_id,
        depth=row.depth,
        author_id=0,
        author_name="",
        by_staff=False,
        html="",
        status=row.status,
        created_at=row.created_at,
        edited_at=None,
        up=0,
        down=0,
        reply_count=row.reply_count,
        descendant_count=row.descendant_count,
        best=row.best,
        stirred_at=row.stirred_at,
        featured=False,
    )
