"""Work owed, written in the transaction that owes it."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow


class JobKind(enum.StrEnum):
    """What is owed."""

    SCORE = "score"
    # Of a comment that was decided elsewhere: it changes nothing, and waits for all new ones.
    RESCORE = "rescore"


class JobState(enum.StrEnum):
    """How far it is; a taken job whose `due_at` has passed was lost by its worker."""

    READY = "ready"
    TAKEN = "taken"
    DONE = "done"
    GIVEN_UP = "given-up"


class Job(Base):
    """One piece of work on one revision of one comment."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "comment_id", "revision"),
        # By kind: however much waits that has time, what has none is found at once.
        Index("ix_job_due", "kind", "state", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[JobKind] = mapped_column(stored_enum(JobKind))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    revision: Mapped[int]
    state: Mapped[JobState] = mapped_column(stored_enum(JobState), default=JobState.READY)
    attempts: Mapped[int] = mapped_column(default=0)
    # When it may be taken; for a taken one, when its lease ends.
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    # Names one taking of the job, so that a worker that slept past its lease cannot finish it.
    lease: Mapped[str] = mapped_column(String(32), default="")
    error: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
