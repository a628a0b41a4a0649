"""A key by which a program is known: whose it is, what it opens, and when it was last used."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import FOREVER, Base, UtcDateTime, stored_enum, utcnow
from models.site import Site

# The day on which a key was used that nobody has used yet.
NEVER_USED = date(1970, 1, 1)


class KeyPurpose(enum.StrEnum):
    """What a key opens, and nothing else; one that moderates has no place in an address."""

    MODERATION = "moderation"  # the API of the desk, as a moderator of the site
    LABELS = "labels"  # scores of texts, and what an outside moderator said of them
    SCORES = "scores"  # scores of texts alone: for a key that others can see


class ApiKey(Base):
    """A key of one site; only its SHA-256 is stored, and its beginning, to tell keys apart."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    # Empty for one that was made before beginnings were kept.
    prefix: Mapped[str] = mapped_column(String(16), default="")
    purpose: Mapped[KeyPurpose] = mapped_column(
        stored_enum(KeyPurpose), default=KeyPurpose.MODERATION
    )
    # Requests for scores in a minute.
    per_minute: Mapped[int] = mapped_column(default=600)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    revoked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=FOREVER)
    # In UTC; a day is enough to see which keys nobody needs any more.
    used_on: Mapped[date] = mapped_column(Date, default=NEVER_USED)

    site: Mapped[Site] = relationship()

    @property
    def active(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at > utcnow()
