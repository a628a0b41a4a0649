"""What a moderator sees next; changes nothing."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import Session, joinedload

from models import Comment, Status
from models.comment import lock
from models.keyset import Order
from moderation.cases import Case, gather
from moderation.errors import Invalid, NotFound


class Queue(enum.StrEnum):
    """Why a comment waits for a moderator."""

    HELD = "held"
    REPORTED = "reported"
    UNSCORED = "unscored"
    ESCALATED = "escalated"


class QueueOrder(enum.StrEnum):
    """Which case comes first."""

    OLDEST = "oldest"
    RISKIEST = "riskiest"
    UNCERTAIN = "uncertain"
    REPORTED = "reported"


_ORDERS = {
    QueueOrder.OLDEST: Order("oldest", Comment.created_at, Comment.id, descending=False),
    QueueOrder.RISKIEST: Order("riskiest", Comment.risk, Comment.id, descending=True),
    # Closest to the threshold: where a person's judgement says most.
    QueueOrder.UNCERTAIN: Order("uncertain", Comment.doubt, Comment.id, descending=False),
    QueueOrder.REPORTED: Order("reported", Comment.report_weight, Comment.id, descending=True),
}


@dataclass(frozen=True)
class QueuePage:
    """Some cases, and where the next ones begin."""

    cases: list[Case]
    next: str | None


def page(
    session: Session,
    site_ids: Sequence[int],
    queue: Queue,
    order: QueueOrder,
    cursor: str | None = None,
    limit: int = 20,
    apart_from: Sequence[int] = (),
) -> QueuePage:
    """The next cases of some sites; a fixed number of queries. Raises Invalid for a cursor.

    `apart_from` are cases not to be given now: a colleague has them.
    """
    query = (
        select(Comment)
        .where(Comment.site_id.in_(site_ids), _waits_in(queue))
        .options(joinedload(Comment.thread), joinedload(Comment.author))
    )
    if apart_from:
        query = query.where(Comment.id.not_in(apart_from))
    if cursor:
        try:
            query = query.where(_ORDERS[order].after(cursor))
        except ValueError:
            raise Invalid("The cursor does not fit this queue.", field="cursor") from None
    comments = session.scalars(query.order_by(*_ORDERS[order].clauses()).limit(limit + 1)).all()
    shown = comments[:limit]
    following = None
    if len(comments) > limit:
        last = shown[-1]
        value = getattr(last, _ORDERS[order].column.key)
        following = _ORDERS[order].cursor(value, last.id)
    return QueuePage(gather(session, shown), following)


def counts(session: Session, site_ids: Sequence[int]) -> dict[Queue, int]:
    """How many comments wait in each queue."""
    return {
        queue: session.scalar(
            select(func.count())
            .select_from(Comment)
            .where(Comment.site_id.in_(site_ids), _waits_in(queue))
        )
        or 0
        for queue in Queue
    }


def comment(session: Session, comment_id: int, *, to_decide: bool = False) -> Comment:
    """The comment of a case; locked where the database can, if it is to be decided.

    Raises NotFound. The caller checks that the person may see this site.
    """
    found = lock(session, comment_id) if to_decide else session.get(Comment, comment_id)
    if found is None:
        raise NotFound("There is no such comment.")
    return found


def case(session: Session, found: Comment) -> Case:
    """One comment as a case."""
    return gather(session, [found])[0]


def _waits_in(queue: Queue) -> ColumnElement[bool]:
    if queue is Queue.ESCALATED:
        return and_(Comment.escalated, Comment.status != Status.WITHDRAWN)
    if queue is Queue.REPORTED:
        return and_(
            Comment.open_reports > 0, Comment.status == Status.PUBLISHED, not_(Comment.escalated)
        )
    status = Status.HELD if queue is Queue.HELD else Status.UNSCORED
    return and_(Comment.status == status, not_(Comment.escalated))
