"""Decide many comments as one and take them back as one, in pieces that each are a transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import CTE, Select, func, select
from sqlalchemy.orm import Session

from models import Batch, BatchState, Comment, Decision, Status
from models.comment import lock
from moderation import audit, decisions
from moderation.decisions import Actor
from moderation.errors import Refused
from moderation.filters import Filter, filter_of

# Comments decided in a transaction: others wait for it, and a tenth of a second nobody notices.
PIECE = 50
# Comments looked at in a transaction, one after the other, whatever they are like.
STRETCH = 5_000


def begin(
    session: Session,
    site_id: int,
    before: Sequence[Status],
    wanted: Filter,
    after: Status,
    actor: Actor,
    reasons: Sequence[str] = (),
    *,
    expected: int = 0,
) -> Batch:
    """Write down a batch over the comments of a site that are like this now; the caller commits,
    and then works it off.

    `expected` is how many that is, where somebody counted; 0 says nothing.
    """
    newest = session.scalar(select(func.max(Comment.id)).where(Comment.site_id == site_id)) or 0
    batch = Batch(
        reached=_first(session, site_id, before, wanted) - 1,
        site_id=site_id,
        criteria={
            "before": [one.value for one in before],
            "filter": wanted.as_record(),
            "expected": expected,
        },
        after=after,
        reasons=list(reasons),
        newest=newest,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
    )
    session.add(batch)
    audit.record(session, "batch begun", batch, actor, site_id=site_id)
    return batch


def _first(session: Session, site_id: int, before: Sequence[Status], wanted: Filter) -> int:
    """The lowest number that a batch can be about, where an index says so: what one author wrote,
    or a queue, need not be looked for among all comments that there ever were."""
    if not wanted.author_id and Status.PUBLISHED in before:
        return 1
    first = select(func.min(Comment.id)).where(
        Comment.site_id == site_id, Comment.status.in_(before)
    )
    if wanted.author_id:
        first = first.where(Comment.author_id == wanted.author_id)
    return session.scalar(first) or 1


def work(session: Session, batch: Batch, limit: int = PIECE) -> int:
    """Decide the next piece of a batch and answer how many were looked at; 0: it is done.

    A piece ends with its limit, or with the stretch of comments that it looks at. What somebody
    decided otherwise meanwhile, so that it is no longer like the batch asked, stays.
    """
    session.refresh(batch, with_for_update=True)
    if batch.state is not BatchState.RUNNING:
        return 0
    stretch = _stretch(batch)
    seen, end = session.execute(select(func.count(), func.max(stretch.c.id))).one()
    numbers = session.scalars(_matching(session, batch, stretch).limit(limit)).all()
    before = {Status(one) for one in batch.criteria["before"]}
    for comment in _locked(session, numbers):
        # Somebody may have been faster between the looking and the locking.
        if comment.status not in before or comment.escalated:
            continue
        try:
            decisions.decide(
                session, comment, batch.after, _actor(batch), batch.reasons, batch_id=batch.id
            )
        except Refused:
            continue
        batch.decided += 1
    if seen:
        batch.reached = numbers[-1] if len(numbers) == limit else end
    else:
        batch.state = BatchState.DONE
    session.flush()
    return int(seen)


def take_back(session: Session, batch: Batch, actor: Actor, limit: int = PIECE) -> int:
    """Undo the next piece of a batch and answer how many were looked at; 0: all are.

    Raises Refused for a batch that was taken back before. A comment that was decided again since
    keeps that decision.
    """
    session.refresh(batch, with_for_update=True)
    if batch.state is BatchState.UNDONE:
        raise Refused("This batch was taken back already.")
    if batch.state is not BatchState.UNDOING:
        batch.state = BatchState.UNDOING
        batch.reached = 0
        audit.record(session, "batch taken back", batch, actor, site_id=batch.site_id)
    made = session.scalars(
        select(Decision)
        .where(Decision.batch_id == batch.id, Decision.undoes == 0, Decision.id > batch.reached)
        .order_by(Decision.id)
        .limit(limit)
    ).all()
    by_comment = {decision.comment_id: decision for decision in made}
    for comment in _locked(session, list(by_comment)):
        try:
            decisions.undo(session, by_comment[comment.id], actor, batch_id=batch.id)
        except Refused:
            continue
        batch.taken_back += 1
    if made:
        batch.reached = made[-1].id
    else:
        batch.state = BatchState.UNDONE
    session.flush()
    return len(made)


def _stretch(batch: Batch) -> CTE:
    """The comments that stand next, by their numbers, of whichever site."""
    return (
        select(Comment.id)
        .where(Comment.id > batch.reached, Comment.id <= batch.newest)
        .order_by(Comment.id)
        .limit(STRETCH)
        .cte("stretch")
    )


def _matching(session: Session, batch: Batch, stretch: CTE) -> Select[int]:
    """The numbers of those in a stretch that a batch is about and that are still as it asked."""
    wanted = filter_of(batch.criteria["filter"])
    before = [Status(one) for one in batch.criteria["before"]]
    return (
        select(Comment.id)
        .where(
            Comment.id.in_(select(stretch.c.id)),
            (Comment.site_id + 0) == batch.site_id,
            Comment.status.in_(before),
            # What somebody passed on is decided by itself.
            Comment.escalated.is_(False),
            *wanted.clauses(session, [batch.site_id], stretch),
        )
        .order_by(Comment.id)
    )


def _locked(session: Session, numbers: Sequence[int]) -> list[Comment]:
    """Comments taken for changing, thread by thread, so that no two batches wait for each other."""
    places = session.execute(
        select(Comment.thread_id, Comment.id)
        .where(Comment.id.in_(numbers))
        .order_by(Comment.thread_id, Comment.id)
    )
    taken = [lock(session, number) for _, number in places.all()]
    return [comment for comment in taken if comment is not None]


def _actor(batch: Batch) -> Actor:
    return Actor(batch.actor_kind, batch.actor_id, batch.actor_name)
