"""What moderators tell each other about a comment; never shown to anyone else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, utcnow


class Note(Base):
    """One internal note."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_comment", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    # The member of staff; 0 for a program.
    account_id: Mapped[int] = mapped_column(default=0)
    actor_name: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
