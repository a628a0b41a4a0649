"""Reject all that one author wrote lately, as one batch that can be taken back as one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Batch, BatchState, Status, utcnow
from moderation import batches, sanctions
from moderation.decisions import Actor
from moderation.errors import NotFound
from moderation.filters import Filter
from moderation.sanctions import Place

LATELY = timedelta(hours=24)
# How long it is offered to be taken back, and among how many of a site's batches it is looked for.
_OFFERED, _MOST = timedelta(days=30), 200
BEFORE = (Status.PUBLISHED, Status.HELD, Status.UNSCORED)


def begin(
    session: Session, site_id: int, account_id: int, actor: Actor, reasons: Sequence[str] = ()
) -> Batch:
    """Write down the rejection of what an author wrote on a site within a day, or answer the one
    that is under way. The caller commits, and works it off.

    Raises NotFound for an account that never wrote there.
    """
    if not sanctions.has_written(session, site_id, account_id):
        raise NotFound("There is no such author.")
    last = latest(session, [(account_id, site_id)]).get((account_id, site_id))
    if last is not None and last.state is BatchState.RUNNING:
        return last
    wanted = Filter(author_id=account_id, since=utcnow() - LATELY)
    return batches.begin(session, site_id, BEFORE, wanted, Status.REJECTED, actor, reasons)


def get(session: Session, batch_id: int, site_id: int, account_id: int) -> Batch:
    """A batch that is about one author on a site. Raises NotFound."""
    found = session.get(Batch, batch_id)
    if found is None or found.site_id != site_id or _author_of(found) != account_id:
        raise NotFound("There is no such batch.")
    return found


def latest(session: Session, places: Collection[Place]) -> dict[Place, Batch]:
    """The last batch about each author on a site that is not taken back; one query."""
    rows = session.scalars(
        select(Batch)
        .where(
            Batch.site_id.in_({site_id for _, site_id in places}),
            Batch.criteria["filter"]["author_id"]
            .as_integer()
            .in_({author for author, _ in places}),
            Batch.state != BatchState.UNDONE,
            Batch.created_at > utcnow() - _OFFERED,
        )
        .order_by(Batch.id.desc())
        .limit(_MOST)
    )
    found: dict[Place, Batch] = {}
    for batch in rows:
        place = (_author_of(batch), batch.site_id)
        if place in places and is_purge(batch):
            found.setdefault(place, batch)
    return found


def is_purge(batch: Batch) -> bool:
    """Whether it is about everything of an author; other batches are of one queue."""
    return batch.criteria.get("before") == [one.value for one in BEFORE]


def _author_of(batch: Batch) -> int:
    return int(batch.criteria.get("filter", {}).get("author_id", 0))
