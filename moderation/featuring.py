"""The one door to what stands above a discussion: comments that a moderator shows before others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from models import AuditEntry, Comment, Status, utcnow
from models.thread import change
from moderation import audit
from moderation.decisions import Actor
from moderation.errors import Refused

FEATURED, TAKEN_BACK = "comment featured", "featuring taken back"
# So many are shown of a thread, those that were featured last.
MOST_SHOWN = 3


def feature(session: Session, comment: Comment, actor: Actor) -> AuditEntry | None:
    """Show a comment that is locked above all others of its thread; the caller commits.

    Answers the entry in the log, None where it is shown there already. Raises Refused for one that
    nobody else can read.
    """
    if comment.status is not Status.PUBLISHED:
        raise Refused(
            f"A comment that is {comment.status.value} cannot be featured. Publish it first."
        )
    if comment.featured_at is not None:
        return None
    _put(session, comment, utcnow())
    return audit.record(session, FEATURED, comment, actor, site_id=comment.site_id)


def take_back(session: Session, comment: Comment, actor: Actor) -> AuditEntry | None:
    """Show a comment that is locked in its own place alone, whatever its status; as `feature`."""
    if comment.featured_at is None:
        return None
    _put(session, comment, None)
    return audit.record(session, TAKEN_BACK, comment, actor, site_id=comment.site_id)


def end(session: Session, comment: Comment) -> None:
    """Feature a comment no longer because its text is another one than the moderator chose."""
    if comment.featured_at is not None:
        _put(session, comment, None)


def _put(session: Session, comment: Comment, at: datetime | None) -> None:
    # Past the ORM on purpose: it is no new version of the comment that a colleague decides.
    session.execute(
        update(Comment)
        .where(Comment.id == comment.id)
        .values(featured_at=at)
        .execution_options(synchronize_session=False)
    )
    session.expire(comment, ["featured_at"])
    change(session, comment.thread_id)
