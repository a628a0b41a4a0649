"""Many comments decided as one, which can be taken back as one."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow
from models.comment import Status
from models.decision import ActorKind


class BatchState(enum.StrEnum):
    """How far a batch is."""

    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class Batch(Base):
    """One batch: which comments, what becomes of them, and how many are done.

    It is worked off in pieces, each in a transaction of its own: `reached` is the number of the
    last comment that was looked at, so that a batch cut short is gone on with.
    """

    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_site", "site_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    # What was asked for, as moderation/batches.py reads it.
    criteria: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[Status] = mapped_column(stored_enum(Status, "status_after"))
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[BatchState] = mapped_column(stored_enum(BatchState), default=BatchState.RUNNING)
    reached: Mapped[int] = mapped_column(default=0)
    # Comments later than this one were not there when it was begun.
    newest: Mapped[int] = mapped_column()
    decided: Mapped[int] = mapped_column(default=0)
    taken_back: Mapped[int] = mapped_column(default=0)
    actor_kind: Mapped[ActorKind] = mapped_column(stored_enum(ActorKind))
    actor_id: Mapped[int] = mapped_column(default=0)
    actor_name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
