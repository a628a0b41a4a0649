"""The one door to the audit log: what staff did besides deciding comments and changing policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models import AuditEntry
from models.base import Base
from moderation.decisions import Actor


def record(
    session: Session,
    action: str,
    subject: Base,
    actor: Actor,
    *,
    site_id: int,
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write down one act on one row that is stored already; the caller commits.

    `action` is two words of what was done ("sanction imposed"). `detail` must be JSON and hold no
    text of a comment: it stays when a person's words have to be forgotten. `site_id` is
    models.audit.NO_SITE for an act that belongs to no site.
    """
    session.flush()
    entry = AuditEntry(
        site_id=site_id,
        action=action,
        subject_kind=subject.__tablename__,
        subject_id=int(getattr(subject, "id")),  # noqa: B009 (Base itself has none)
        detail=dict(detail or {}),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
    )
    session.add(entry)
    session.flush()
    return entry
