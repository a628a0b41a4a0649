"""The one rule of who may read what, as SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_

from models.comment import Comment, Status


def public() -> ColumnElement[bool]:
    """Comments whose words anyone may read."""
    return Comment.status == Status.PUBLISHED


def is_public(status: Status) -> bool:
    """The same of one comment that has been read already."""
    return status is Status.PUBLISHED


def in_thread() -> ColumnElement[bool]:
    """Comments that take a place in the public thread.

    A comment that is no longer readable keeps its place, without words or name, while
    something readable stands below it.
    """
    return or_(public(), Comment.descendant_count > 0)


def own_unpublished(account_id: int) -> ColumnElement[bool]:
    """Comments that only their author sees; what was withdrawn is gone for the author too."""
    return and_(
        Comment.author_id == account_id,
        Comment.status.in_([Status.UNSCORED, Status.HELD, Status.REJECTED]),
    )


def readable_by(account_id: int) -> ColumnElement[bool]:
    """Comments whose words this person may read; 0 is nobody in particular."""
    return or_(public(), own_unpublished(account_id))
