"""A comment: its text and the revision of it, rendered html, parent, status and row version."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.account import Account
from models.base import Base, UtcDateTime, stored_enum, utcnow
from models.thread import Thread
from models.thread import lock as lock_thread


class Status(enum.StrEnum):
    """Where a comment stands; only `moderation/decisions.py` assigns it."""

    UNSCORED = "unscored"
    HELD = "held"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


# What the index of reported comments is made of, and what asks it.
ANY_REPORT = "open_reports > 0"


class Comment(Base):
    """One comment of one person in one thread."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_siblings_by_age", "thread_id", "parent_id", "created_at", "id"),
        Index("ix_comment_siblings_by_best", "thread_id", "parent_id", "best", "id"),
        Index("ix_comment_siblings_by_replies", "thread_id", "parent_id", "reply_count", "id"),
        Index("ix_comment_siblings_by_stir", "thread_id", "parent_id", "stirred_at", "id"),
        Index(
            "ix_comment_featured",
            "thread_id",
            "featured_at",
            "id",
            sqlite_where=sql("featured_at IS NOT NULL"),
            postgresql_where=sql("featured_at IS NOT NULL"),
        ),
        # With all that tells whether a comment is in a queue: to count them no row is read.
        Index("ix_comment_queue_by_age", "site_id", "status", "created_at", "id", "escalated"),
        Index("ix_comment_queue_by_risk", "site_id", "status", "risk", "id", "escalated"),
        Index("ix_comment_queue_by_doubt", "site_id", "status", "doubt", "id", "escalated"),
        Index(
            "ix_comment_queue_by_reports", "site_id", "status", "report_weight", "id", "escalated"
        ),
        Index(
            "ix_comment_reported",
            "site_id",
            "open_reports",
            "id",
            "status",
            "escalated",
            sqlite_where=sql(ANY_REPORT),
            postgresql_where=sql(ANY_REPORT),
        ),
        Index(
            "ix_comment_escalated",
            "site_id",
            "created_at",
            "id",
            "status",
            "escalated",
            sqlite_where=sql("escalated"),
            postgresql_where=sql("escalated"),
        ),
        Index("ix_comment_thread_status", "thread_id", "status", "id"),
        Index("ix_comment_author_here", "author_id", "site_id", "status", "id"),
        Index("ix_comment_author", "author_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    # NULL at the first level: there is no parent to point at.
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), index=True)
    depth: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    # The name as it stood when the comment was written.
    author_name: Mapped[str] = mapped_column(String(120))
    # Written by a member of the site's staff: shown beside the name, scored, and never held.
    by_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The part behind the @ of the address given with it, which itself is not kept; "" for none.
    email_domain: Mapped[str] = mapped_column(String(255), default="", server_default=sql("''"))
    # A field was filled in that people do not see.
    trapped: Mapped[bool] = mapped_column(default=False, server_default=false())
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    status: Mapped[Status] = mapped_column(stored_enum(Status), default=Status.UNSCORED)
    # What a moderator saw; a decision on an older version is refused.
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    # NULL until the text was first changed: there is no such moment yet.
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    up: Mapped[int] = mapped_column(default=0)
    down: Mapped[int] = mapped_column(default=0)
    # Of these, what came with the comment from another system, where nobody knows who voted: the
    # totals are these and the rows of votes together.
    imported_up: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    imported_down: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    # Lower bound of the Wilson interval of the share of up votes, for the order "best".
    best: Mapped[float] = mapped_column(default=0.0)
    # Published replies directly below, and published comments anywhere below.
    reply_count: Mapped[int] = mapped_column(default=0)
    descendant_count: Mapped[int] = mapped_column(default=0)
    # How many decisions were ever made on it: one that is gone from the record is missed by this.
    decision_count: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    # When the latest published comment of its branch was written, itself included, for the order
    # "active". What is there already never has the moment that stands here for want of another.
    stirred_at: Mapped[datetime] = mapped_column(
        UtcDateTime,
        default=lambda context: context.get_current_parameters()["created_at"],
        server_default=sql("'1970-01-01 00:00:00'"),
    )
    # NULL while nobody shows it above all others: there is no such moment.
    featured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    open_reports: Mapped[int] = mapped_column(default=0)
    # The sum of the weights of the open reports (Report.weight).
    report_weight: Mapped[float] = mapped_column(default=0.0, server_default=sql("0.0"))
    # Waits for a senior: a moderator passed it on.
    escalated: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The highest score of the current revision, for the order "riskiest".
    risk: Mapped[float] = mapped_column(default=0.0)
    # How far its scores were from deciding otherwise when they were judged, for the order "least
    # certain"; 1.0 where nothing ever holds.
    doubt: Mapped[float] = mapped_column(default=1.0, server_default=sql("1.0"))
    # What the text that was scored last is written in, as a BCP 47 tag; "und": nobody can tell.
    language: Mapped[str] = mapped_column(String(16), default="und", server_default="und")

    thread: Mapped[Thread] = relationship()
    author: Mapped[Account] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy reads it as is)


def lock(session: Session, comment_id: int, thread_id: int | None = None) -> Comment | None:
    """A comment as it stands now, taken for changing after its thread, which is looked up unless
    it is known; None if there is none."""
    if thread_id is None:
        thread_id = session.scalar(select(Comment.thread_id).where(Comment.id == comment_id))
    if thread_id is None:
        return None
    lock_thread(session, thread_id)
    return session.get(Comment, comment_id, with_for_update=True)


class Submission(Base):
    """One Idempotency-Key that was honoured, so that a repeated request finds its first answer."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("thread_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    key: Mapped[str] = mapped_column(String(200))
    # SHA-256 of what was sent: the same key with another text is a mistake, not a repeat.
    digest: Mapped[str] = mapped_column(String(64))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    # Whether the first answer carried a reader token, which a repeat then carries again.
    newcomer: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
