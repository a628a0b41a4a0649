"""One reader's flag on one comment."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow


class ReportState(enum.StrEnum):
    """What became of a report."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class ReportReason(enum.StrEnum):
    """What a reader can say is wrong with a comment."""

    INSULT = "insult"
    THREAT = "threat"
    HATE = "hate"
    SPAM = "spam"
    OFF_TOPIC = "off-topic"
    PERSONAL_DATA = "personal-data"
    OTHER = "other"


class Report(Base):
    """One reader's report of one comment."""

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("comment_id", "account_id"),
        Index("ix_report_comment_state", "comment_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    reason: Mapped[ReportReason] = mapped_column(stored_enum(ReportReason))
    text: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[ReportState] = mapped_column(stored_enum(ReportState), default=ReportState.OPEN)
    # How much it counts, by how often its reader was right when it was made; 1.0 is usual.
    weight: Mapped[float] = mapped_column(default=1.0, server_default=sql("1.0"))
    # The decision that settled it; 0 while it is open.
    decision_id: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
