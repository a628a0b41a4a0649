"""What the classifier said of one text revision, with the model's name and version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, utcnow


class Score(Base):
    """The probability (0 to 1) of one label for one revision of one comment."""

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("comment_id", "revision", "label", "model_name", "model_version"),
        Index("ix_score_label_value", "label", "value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    revision: Mapped[int]
    label: Mapped[str] = mapped_column(String(40))
    value: Mapped[float]
    model_name: Mapped[str] = mapped_column(String(100))
    model_version: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
