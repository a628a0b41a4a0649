"""One row per voter: on a comment up or down, on an article a point."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, utcnow


class Vote(Base):
    """One person's vote on one comment; the primary key keeps it to one."""

    __tablename__ = "vote"
    __table_args__ = (CheckConstraint("value IN (-1, 1)", name="one_up_or_down"),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    value: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class ArticlePoint(Base):
    """One person's point for the article of a thread."""

    __tablename__ = "article_point"

    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
