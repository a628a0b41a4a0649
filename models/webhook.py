"""Where a site wants to be told what happens, and the log of what is owed and was sent there."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow


class HookEvent(enum.StrEnum):
    """What a webhook can be told of."""

    PUBLISHED = "comment.published"
    HELD = "comment.held"
    DECIDED = "comment.decided"
    REPORTED = "comment.reported"


# Told to one webhook at an admin's wish, whatever it listens to.
TEST_EVENT = "webhook.test"


class HookFormat(enum.StrEnum):
    """The form in which a receiver takes what it is sent."""

    JSON = "json"
    SLACK = "slack"
    MATRIX = "matrix"


class HookState(enum.StrEnum):
    """Whether it is told anything; FAILED: switched off by Parley, `fault` says why."""

    ON = "on"
    OFF = "off"
    FAILED = "failed"


class DeliveryState(enum.StrEnum):
    """How far one delivery is."""

    DUE = "due"
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"


class Webhook(Base):
    """One address that a site's events are sent to."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    # What its deliveries are signed with, sealed by moderation/sealing.py.
    sealed_secret: Mapped[str] = mapped_column(String(500))
    # Values of HookEvent.
    events: Mapped[list[str]] = mapped_column(JSON)
    format: Mapped[HookFormat] = mapped_column(stored_enum(HookFormat))
    state: Mapped[HookState] = mapped_column(stored_enum(HookState), default=HookState.ON)
    # Why it is FAILED, as a sentence; "" otherwise.
    fault: Mapped[str] = mapped_column(String(200), default="")
    # Names the process that sends to it just now, and until when no other one may; "" for none.
    lease: Mapped[str] = mapped_column(String(32), default="")
    leased_until: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class Delivery(Base):
    """One event for one webhook, written in the transaction in which it happened."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        # Once for each event, whatever runs twice.
        Index(
            "uq_webhook_delivery_decision",
            "webhook_id",
            "decision_id",
            "event",
            unique=True,
            sqlite_where=sql("decision_id > 0"),
            postgresql_where=sql("decision_id > 0"),
        ),
        Index(
            "uq_webhook_delivery_report",
            "webhook_id",
            "report_id",
            "event",
            unique=True,
            sqlite_where=sql("report_id > 0"),
            postgresql_where=sql("report_id > 0"),
        ),
        Index("ix_webhook_delivery_due", "webhook_id", "state", "due_at", "id"),
        Index("ix_webhook_delivery_order", "webhook_id", "state", "id"),
        Index("ix_webhook_delivery_log", "webhook_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # No foreign key: a decision must not wait for, or fail with, the removal of a webhook. What is
    # left of a removed one is forgotten with the log.
    webhook_id: Mapped[int]
    # What the receiver knows it by, whenever and however often it is sent.
    event_id: Mapped[str] = mapped_column(String(32), unique=True)
    # A value of HookEvent, or TEST_EVENT.
    event: Mapped[str] = mapped_column(String(32))
    # What it tells of, by number; 0 for none.
    comment_id: Mapped[int] = mapped_column(default=0)
    decision_id: Mapped[int] = mapped_column(default=0)
    report_id: Mapped[int] = mapped_column(default=0)
    state: Mapped[DeliveryState] = mapped_column(
        stored_enum(DeliveryState), default=DeliveryState.DUE
    )
    attempts: Mapped[int] = mapped_column(default=0)
    # The status of the last answer; 0 where there was none.
    status_code: Mapped[int] = mapped_column(default=0)
    # What went wrong the last time, in a few words of our own; never what was answered.
    error: Mapped[str] = mapped_column(String(200), default="")
    # When it may be sent next.
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    # NULL while it is due: there is no such moment yet.
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
