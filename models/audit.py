"""The append-only record of what staff did besides deciding comments and changing policies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Index, String, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow
from models.decision import ActorKind

# In the place of a site's number: the act belongs to none, such as a change of one's own account.
NO_SITE = 0


class AuditEntry(Base):
    """One act: who did what to whom or what; never changed or deleted afterwards."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_site", "site_id", "id"),
        Index("ix_audit_entry_when", "site_id", "created_at"),
        Index("ix_audit_entry_subject", "subject_kind", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(default=NO_SITE)
    # In two words, such as "sanction imposed" or "role given".
    action: Mapped[str] = mapped_column(String(40))
    # The table's name and the row's number.
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int]
    # What else has to be known of it; never a comment's text, which may have to be forgotten.
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor_kind: Mapped[ActorKind] = mapped_column(stored_enum(ActorKind))
    actor_id: Mapped[int] = mapped_column(default=0)
    actor_name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _refuse(mapper: Mapper[Any], connection: Connection, target: AuditEntry) -> None:
    raise RuntimeError("the audit log is append-only: write another entry instead")
