"""An author's objection to a rejection, and what became of it."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow


class AppealState(enum.StrEnum):
    """What became of an appeal."""

    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"


class Appeal(Base):
    """One appeal against one decision."""

    __tablename__ = "appeal"
    __table_args__ = (
        Index("ix_appeal_waiting", "site_id", "state", "id"),
        Index("ix_appeal_comment", "comment_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    # The decision that is objected to; each can be once.
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(String(2000))
    state: Mapped[AppealState] = mapped_column(stored_enum(AppealState), default=AppealState.OPEN)
    # The decision that answered it; 0 while it is open.
    answer_id: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
