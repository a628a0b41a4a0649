"""A publication: its origins, its policy values and its keys."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, UtcDateTime, stored_enum, utcnow


class Moderation(enum.StrEnum):
    """When a person looks: after a comment is published, or before."""

    POST = "post"
    PRE = "pre"


class Site(Base):
    """One publication; threads, staff and policy belong to it."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    moderation: Mapped[Moderation] = mapped_column(stored_enum(Moderation), default=Moderation.POST)
    # A published comment with this many open reports is hidden until a person has looked.
    hold_at_reports: Mapped[int] = mapped_column(default=5)
    # Codes of the languages that this site's model reads, with blanks between them; empty: those
    # that the model is known to read.
    model_languages: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    # Whether a comment in any other language waits for a person, or only carries a note.
    holds_other_languages: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Counts up with every change of thresholds or mode; every decision names it.
    policy_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    origins: Mapped[list[SiteOrigin]] = relationship(back_populates="site")
    thresholds: Mapped[list[LabelThreshold]] = relationship(back_populates="site")


class SiteOrigin(Base):
    """One exact web origin (scheme, host, port) whose pages belong to a site."""

    __tablename__ = "site_origin"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    origin: Mapped[str] = mapped_column(String(260), unique=True)

    site: Mapped[Site] = relationship(back_populates="origins")


class LabelThreshold(Base):
    """From which score on a label holds or rejects a comment; 1.0 means never."""

    __tablename__ = "label_threshold"
    __table_args__ = (UniqueConstraint("site_id", "label"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    label: Mapped[str] = mapped_column(String(40))
    hold: Mapped[float]
    reject: Mapped[float] = mapped_column(default=1.0)

    site: Mapped[Site] = relationship(back_populates="thresholds")


class ApiKey(Base):
    """A key with which a program acts as a moderator of one site; only its hash is stored."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    active: Mapped[bool] = mapped_column(default=True)

    site: Mapped[Site] = relationship()
