"""Every version of what a site, or one of its threads, decides for itself; never changed."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow
from models.decision import ActorKind

# In the place of a thread's number: the whole site is meant.
WHOLE_SITE = 0


class Moderation(enum.StrEnum):
    """When a person looks: after a comment is published, or before."""

    POST = "post"
    PRE = "pre"


class Policy(Base):
    """What was decided in one change; the newest of a site and of a thread stand."""

    __tablename__ = "policy"
    __table_args__ = (
        UniqueConstraint("site_id", "version"),
        Index("ix_policy_when", "site_id", "created_at"),
        Index("ix_policy_newest", "site_id", "thread_id", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    # A thread's number or WHOLE_SITE; versions count through both.
    thread_id: Mapped[int] = mapped_column(default=WHOLE_SITE)
    version: Mapped[int]
    # As moderation/values.py writes them: whole for a site, only what differs for a thread.
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    actor_kind: Mapped[ActorKind] = mapped_column(stored_enum(ActorKind))
    actor_id: Mapped[int] = mapped_column(default=0)
    actor_name: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


@event.listens_for(Policy, "before_update")
@event.listens_for(Policy, "before_delete")
def _refuse(mapper: Mapper[Any], connection: Connection, target: Policy) -> None:
    raise RuntimeError("policies are append-only: make another version instead")
