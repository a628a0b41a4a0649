"""What a Coral signs its requests with, for the site whose rules answer them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, utcnow


class CoralSecret(Base):
    """One signing secret of one site's external moderation phase, sealed (moderation/sealing.py).

    A site has two while Coral's secret is rolled.
    """

    __tablename__ = "coral_secret"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    sealed: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
