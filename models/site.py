"""A publication and its origins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, UtcDateTime, utcnow


class Site(Base):
    """One publication; threads, staff and policy belong to it."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    # Counts up with every change of its policy (policy.py); every decision names it.
    policy_version: Mapped[int] = mapped_column(default=1)
    # Closed to people who come with a password alone (moderation/permissions.py).
    asks_second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    origins: Mapped[list[SiteOrigin]] = relationship(back_populates="site")


class SiteOrigin(Base):
    """One exact web origin (scheme, host, port) whose pages belong to a site."""

    __tablename__ = "site_origin"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    origin: Mapped[str] = mapped_column(String(260), unique=True)

    site: Mapped[Site] = relationship(back_populates="origins")
