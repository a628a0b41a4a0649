"""How many comments wait for a score or for a person, and since when; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Comment, Site, Status


@dataclass(frozen=True)
class Waiting:
    """Comments in one status, and when the oldest of them was written or changed last."""

    count: int
    oldest: datetime | None


def waiting(session: Session, status: Status, site_ids: Sequence[int] | None = None) -> Waiting:
    """Those of some sites, or of all; one look along an index."""
    written = func.coalesce(Comment.edited_at, Comment.created_at)
    sites = select(Site.id) if site_ids is None else site_ids
    count, oldest = session.execute(
        select(func.count(), func.min(written, type_=Comment.created_at.type)).where(
            Comment.site_id.in_(sites), Comment.status == status
        )
    ).one()
    return Waiting(count, oldest)
