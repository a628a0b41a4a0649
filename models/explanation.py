"""Which words carry one score: character spans of one text revision, and how much each weighs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, utcnow


class Explanation(Base):
    """The words that carry one label's score of one revision, by the model that gave the score.

    A row without spans says that no words carry it; where there is no row nobody has asked yet.
    """

    __tablename__ = "explanation"
    __table_args__ = (
        # Named here: spelt out, the name would be longer than PostgreSQL takes.
        UniqueConstraint(
            "comment_id",
            "revision",
            "label",
            "model_name",
            "model_version",
            name="uq_explanation_of_score",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    revision: Mapped[int]
    label: Mapped[str] = mapped_column(String(40))
    model_name: Mapped[str] = mapped_column(String(100))
    model_version: Mapped[str] = mapped_column(String(100))
    # [start, end, weight] each: offsets in code points into the comment's text, the end not
    # included, and a weight above 0 and up to 1. No words: what is erased there is erased here.
    spans: Mapped[list[list[float]]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
