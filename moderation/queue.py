"""What a moderator sees next; changes nothing."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    select,
    text,
    true,
)
from sqlalchemy.orm import Session

from models import Appeal, AppealState, Comment, Status
from models.comment import lock
from models.keyset import Order
from moderation import looking, reported
from moderation.cases import Case, gather
from moderation.errors import Invalid, NotFound
from moderation.filters import Filter
from moderation.reported import NOWHERE, Bounds

# Queues longer than this are only said to be longer.
MOST_COUNTED = 1_000


class Queue(enum.StrEnum):
    """Why comments are looked at; first those that wait for a moderator."""

    HELD = "held"
    REPORTED = "reported"
    APPEALED = "appealed"
    ESCALATED = "escalated"
    UNSCORED = "unscored"
    PUBLISHED = "published"
    REJECTED = "rejected"
    ALL = "all"


WAITING = (Queue.HELD, Queue.REPORTED, Queue.APPEALED, Queue.ESCALATED, Queue.UNSCORED)


class QueueOrder(enum.StrEnum):
    """Which case comes first."""

    OLDEST = "oldest"
    NEWEST = "newest"
    RISKIEST = "riskiest"
    UNCERTAIN = "uncertain"
    REPORTED = "reported"


_ORDERS = {
    QueueOrder.OLDEST: Order("oldest", Comment.created_at, Comment.id, descending=False),
    QueueOrder.NEWEST: Order("newest", Comment.created_at, Comment.id, descending=True),
    QueueOrder.RISKIEST: Order("riskiest", Comment.risk, Comment.id, descending=True),
    # Closest to the threshold: where a person's judgement says most.
    QueueOrder.UNCERTAIN: Order("uncertain", Comment.doubt, Comment.id, descending=False),
    QueueOrder.REPORTED: Order("reported", Comment.report_weight, Comment.id, descending=True),
}
_SITES: BindParameter[int] = bindparam("sites", expanding=True)
Sites = Sequence[int] | BindParameter[Any]
# Word for word what the index of those for a senior is made of, or it is not used.
_PASSED_ON = text("comment.escalated")
_STATUSES = {
    Queue.HELD: (Status.HELD,),
    Queue.REPORTED: (Status.PUBLISHED,),
    Queue.APPEALED: (Status.REJECTED,),
    # A reported comment that still stands in its thread is passed on like a held one.
    Queue.ESCALATED: tuple(status for status in Status if status is not Status.WITHDRAWN),
    Queue.UNSCORED: (Status.UNSCORED,),
    Queue.PUBLISHED: (Status.PUBLISHED,),
    Queue.REJECTED: (Status.REJECTED,),
    Queue.ALL: tuple(Status),
}


def usual_order(queue: Queue) -> QueueOrder:
    """What waits is taken up in its turn; what is looked through begins at the newest."""
    return QueueOrder.OLDEST if queue in WAITING else QueueOrder.NEWEST


@dataclass(frozen=True)
class QueuePage:
    """Some cases, and where the next ones begin.

    `looked_at` is 0 if every comment was looked at that can stand before the next cursor;
    otherwise only so many were, and further ones may fit.
    """

    cases: list[Case]
    next: str | None
    looked_at: int = 0


def page(
    session: Session,
    site_ids: Sequence[int],
    queue: Queue,
    order: QueueOrder,
    cursor: str | None = None,
    limit: int = 20,
    wanted: Filter | None = None,
    apart_from: Sequence[int] = (),
) -> QueuePage:
    """The next cases of some sites that are as wanted; a fixed number of queries, which look at a
    bounded number of comments. Raises Invalid for a cursor, or for words that ask for nothing.

    `apart_from` are cases not to be given now: a colleague has them.
    """
    place = _ORDERS[order]
    try:
        after = place.after(cursor) if cursor else true()
    except ValueError:
        raise Invalid("The cursor does not fit this queue.", field="cursor") from None
    bounds = _bounds(session, queue, site_ids)
    only = _only(queue, bounds)
    if apart_from:
        only = and_(only, Comment.id.not_in(apart_from))
    asked = looking.Asked(site_ids, _STATUSES[queue], only, place, after, limit, wanted or Filter())
    found = looking.look(session, asked, _listed(queue, site_ids, bounds))
    return QueuePage(gather(session, found.comments), found.next, found.looked_at)


def counts(session: Session, site_ids: Sequence[int]) -> dict[Queue, int]:
    """How many comments wait in each queue; MOST_COUNTED + 1 stands for any larger number."""
    reports = _number(reported.bounds(session, site_ids).waiting(looking.WINDOW))
    found = session.execute(_counted().add_columns(reports), {_SITES.key: list(site_ids)}).one()
    told = dict(zip((*_COUNTED, Queue.REPORTED), found, strict=True))
    return {queue: told[queue] for queue in WAITING}


# From which weight reports count is each site's own.
_COUNTED = tuple(queue for queue in WAITING if queue is not Queue.REPORTED)


@cache
def _counted() -> Select[*tuple[int, ...]]:
    """Made once: every open desk asks for it every few seconds."""
    return select(*(_number(_some(queue, _SITES)) for queue in _COUNTED))


def _number(of: Select[int]) -> ScalarSelect[int]:
    return select(func.count()).select_from(of.limit(MOST_COUNTED + 1).subquery()).scalar_subquery()


def waits(session: Session, queue: Queue, comment: Comment) -> bool:
    """Whether a comment is in a queue, as it stands now."""
    bounds = _bounds(session, queue, [comment.site_id])
    asked = exists().where(Comment.id == comment.id, in_queue(queue, bounds))
    return bool(session.scalar(select(asked)))


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


def in_queue(queue: Queue, bounds: Bounds) -> ColumnElement[bool]:
    """The same as a condition on comments."""
    return and_(Comment.status.in_(_STATUSES[queue]), _only(queue, bounds), _appealed(queue))


def _bounds(session: Session, queue: Queue, site_ids: Sequence[int]) -> Bounds:
    """From where on reports count; asked for where somebody looks at what is reported."""
    return reported.bounds(session, site_ids if queue is Queue.REPORTED else [])


def _only(queue: Queue, bounds: Bounds) -> ColumnElement[bool]:
    """What a comment must be besides its status."""
    if queue in (Queue.HELD, Queue.UNSCORED):
        return Comment.escalated.is_(False)
    if queue is Queue.ESCALATED:
        return Comment.escalated.is_(True)
    if queue is Queue.REPORTED:
        return and_(bounds.reached(), Comment.escalated.is_(False))
    return true()


def _appealed(queue: Queue) -> ColumnElement[bool]:
    if queue is not Queue.APPEALED:
        return true()
    return exists().where(Appeal.comment_id == Comment.id, Appeal.state == AppealState.OPEN)


def _listed(queue: Queue, site_ids: Sequence[int], bounds: Bounds) -> Select[int] | None:
    """The numbers of those queues that are short: what readers, authors and moderators asked for.

    Of more than a window those count most that were reported most, or that wait longest.
    """
    if queue is Queue.APPEALED:
        return _objected_to(site_ids)
    if queue is Queue.REPORTED:
        return bounds.listed(looking.WINDOW)
    if queue is Queue.ESCALATED:
        passed_on = select(Comment.id).where(Comment.site_id.in_(site_ids), _PASSED_ON)
        return passed_on.limit(looking.WINDOW)
    return None


def _objected_to(site_ids: Sites) -> Select[int]:
    return (
        select(Appeal.comment_id.label("id"))
        .where(Appeal.site_id.in_(site_ids), Appeal.state == AppealState.OPEN)
        .order_by(Appeal.id)
        .limit(looking.WINDOW)
    )


def _some(queue: Queue, site_ids: Sites) -> Select[int]:
    """The numbers of a queue's comments in no order, out of an index that has all it takes; not of
    the reported ones."""
    if queue is Queue.APPEALED:
        query = select(Comment.id).where(
            in_queue(queue, NOWHERE), (Comment.site_id + 0).in_(site_ids)
        )
        return query.where(Comment.id.in_(_objected_to(site_ids)))
    query = select(Comment.id).where(Comment.site_id.in_(site_ids), _only(queue, NOWHERE))
    if queue is not Queue.ESCALATED:
        return query.where(Comment.status.in_(_STATUSES[queue]))
    # As a column of its own the status would lead SQLite to all comments that have it.
    in_status = cast(Comment.status, String).in_([one.value for one in _STATUSES[queue]])
    return query.where(in_status, _PASSED_ON)
