"""The append-only record of decisions: before, after, actor, reasons, revision."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, ForeignKey, Index, String, event
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow
from models.comment import Status


class ActorKind(enum.StrEnum):
    """Who decided."""

    SYSTEM = "system"
    STAFF = "staff"
    AUTHOR = "author"
    API_KEY = "api-key"


class Decision(Base):
    """One change of one comment's status, never changed or deleted afterwards."""

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_comment", "comment_id", "id"),
        Index("ix_decision_site", "site_id", "id"),
        Index("ix_decision_when", "site_id", "created_at"),
        Index(
            "ix_decision_batch",
            "batch_id",
            "id",
            sqlite_where=sql("batch_id > 0"),
            postgresql_where=sql("batch_id > 0"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    revision: Mapped[int]
    before: Mapped[Status] = mapped_column(stored_enum(Status, "status_before"))
    after: Mapped[Status] = mapped_column(stored_enum(Status, "status_after"))
    actor_kind: Mapped[ActorKind] = mapped_column(stored_enum(ActorKind))
    # The account's or the key's number; 0 for the system.
    actor_id: Mapped[int] = mapped_column(default=0)
    actor_name: Mapped[str] = mapped_column(String(120))
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(String(2000), default="")
    policy_version: Mapped[int]
    # The decision that this one takes back; 0 where it takes none back.
    undoes: Mapped[int] = mapped_column(default=0)
    # The batch that it is part of; 0 where it stands alone.
    batch_id: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


@event.listens_for(Decision, "before_update")
@event.listens_for(Decision, "before_delete")
def _refuse(mapper: Mapper[Any], connection: Connection, target: Decision) -> None:
    raise RuntimeError("decisions are append-only: write another one instead")
