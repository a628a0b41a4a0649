"""Every reason for and against a comment, whether or not it decided."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow


class Advice(enum.StrEnum):
    """What a signal asks the policy to do."""

    NOTE = "note"
    PUBLISH = "publish"
    HOLD = "hold"
    REJECT = "reject"


class StoredSignal(Base):
    """One signal of one revision of one comment, with its evidence."""

    __tablename__ = "signal"
    __table_args__ = (Index("ix_signal_comment_revision", "comment_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    revision: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    # The label, list or rule within the kind; empty where the kind says it all.
    subject: Mapped[str] = mapped_column(String(100), default="")
    advice: Mapped[Advice] = mapped_column(stored_enum(Advice))
    value: Mapped[float] = mapped_column(default=0.0)
    threshold: Mapped[float] = mapped_column(default=0.0)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
