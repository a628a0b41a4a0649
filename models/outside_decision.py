"""What a moderator elsewhere said of a text that was scored here; the text itself is not kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, utcnow


class OutsideDecision(Base):
    """One label that a program sent for one text, beside the model's own score of it.

    A text is known again by a keyed digest, so that whoever has the database cannot find out which
    words were judged by trying some; the last word on a text and label stands.
    """

    __tablename__ = "outside_decision"
    __table_args__ = (
        UniqueConstraint("site_id", "digest", "label"),
        Index("ix_outside_decision_label", "site_id", "label", "id"),
        Index("ix_outside_decision_when", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"), index=True)
    # HMAC-SHA256 of the text in UTF-8, hexadecimal.
    digest: Mapped[str] = mapped_column(String(64))
    # Of the model, such as "toxicity".
    label: Mapped[str] = mapped_column(String(40))
    # What was said, 0 (does not show the label) to 1 (does).
    said: Mapped[float]
    # What the model says, 0 to 1, on its own scale.
    score: Mapped[float]
    model_name: Mapped[str] = mapped_column(String(100))
    model_version: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
