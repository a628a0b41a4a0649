"""What was drawn by chance waits for an opinion: who may give one, and what it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from models import Comment, Decision, Opinion, Sample, SampleKind, Status, utcnow
from moderation import audit, decisions
from moderation.calibration.agreement import Verdicts
from moderation.decisions import Actor
from moderation.errors import NotFound, Refused, StaleVersion
from moderation.queue import comment as find

# Counted no further: "99 and more" says as much.
MOST_COUNTED = 99
SHOWN = 20
NEWEST = 2_000
_VERDICTS = {Opinion.APPROVE: Status.PUBLISHED, Opinion.REJECT: Status.REJECTED}


@dataclass(frozen=True)
class Waiting:
    """The comment to be judged next by one person, if any, and how many wait for them."""

    sample: Sample | None
    comment: Comment | None
    count: int


@dataclass(frozen=True)
class Disagreement:
    """A comment that two moderators judged otherwise."""

    sample: Sample
    comment: Comment
    decision: Decision


def waiting(session: Session, site_ids: Sequence[int], account_id: int) -> Waiting:
    """What waits for an opinion of this person, oldest first; two queries.

    Never what they decided themselves, what was edited since, or what is not there any more.
    """
    open_ones = _open(site_ids, account_id)
    limited = open_ones.with_only_columns(Sample.id).limit(MOST_COUNTED).subquery()
    count = session.scalar(select(func.count()).select_from(limited)) or 0
    if not count:
        return Waiting(None, None, 0)
    found = session.execute(
        open_ones.options(joinedload(Comment.thread)).order_by(Sample.id).limit(1)
    ).one()
    sample, comment = found
    return Waiting(sample, comment, count)


def count_waiting(session: Session, site_ids: Sequence[int], account_id: int) -> int:
    """How many wait for this person, up to MOST_COUNTED; one query."""
    limited = _open(site_ids, account_id).with_only_columns(Sample.id).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(limited.subquery())) or 0


def _open(site_ids: Sequence[int], account_id: int) -> Select[Sample, Comment]:
    return (
        select(Sample, Comment)
        .join(Comment, Comment.id == Sample.comment_id)
        .where(
            Sample.site_id.in_(site_ids),
            Sample.opinion == Opinion.NONE,
            Sample.first_account_id != account_id,
            Sample.revision == Comment.revision,
            _stands(),
        )
    )


def _stands() -> ColumnElement[bool]:
    """Whether the comment still is where it was drawn from."""
    taken_back = aliased(Decision)
    was_undone = (
        select(taken_back.id)
        .where(taken_back.comment_id == Comment.id, taken_back.undoes == Sample.decision_id)
        .exists()
    )
    return or_(
        and_(Sample.kind == SampleKind.PUBLISHED, Comment.status == Status.PUBLISHED),
        and_(
            Sample.kind == SampleKind.SECOND,
            Comment.status.in_((Status.PUBLISHED, Status.REJECTED)),
            ~was_undone,
        ),
    )


def answer(
    session: Session,
    sample_id: int,
    opinion: Opinion,
    actor: Actor,
    site_ids: Sequence[int],
    reasons: Sequence[str] = (),
    *,
    version: int,
) -> tuple[Sample, int]:
    """Write down what a moderator says of a drawn comment, and the number of the decision that
    this made, 0 for none; the caller commits.

    To reject what nobody had looked at is a decision like any other. A second opinion changes
    nothing. Raises NotFound for what is not there for this person, StaleVersion where the comment
    changed since `version`, Refused where somebody was faster.
    """
    sample = session.get(Sample, sample_id, with_for_update=True)
    if sample is None or sample.site_id not in site_ids or sample.first_account_id == actor.id:
        raise NotFound("There is no such comment to look at.")
    comment = find(session, sample.comment_id, to_decide=True)
    if comment.version != version or comment.revision != sample.revision:
        raise StaleVersion("This comment changed while you looked at it. Nothing was noted.")
    if sample.opinion is not Opinion.NONE:
        raise Refused("Somebody else has just judged this comment. Go on with the next one.")
    if comment.escalated:
        raise Refused("This comment waits for a senior by now. Go on with the next one.")
    sample.opinion = opinion
    sample.account_id = actor.id
    sample.answered_at = utcnow()
    decision_id = 0
    if sample.kind is SampleKind.PUBLISHED and opinion is Opinion.REJECT:
        made = decisions.decide(session, comment, Status.REJECTED, actor, reasons, version=version)
        decision_id = sample.decision_id = made.id
    else:
        detail = {"comment": comment.id, "opinion": opinion.value}
        audit.record(session, "opinion given", sample, actor, site_id=sample.site_id, detail=detail)
    session.flush()
    return sample, decision_id


def agrees(session: Session, sample: Sample) -> bool:
    """Whether a second opinion is that of the first moderator."""
    first = session.get_one(Decision, sample.decision_id)
    return _VERDICTS[sample.opinion] is first.after


def verdicts(session: Session, site_id: int) -> Verdicts:
    """The last NEWEST comments that two moderators judged, as a table of four; one query."""
    newest = (
        select(Sample.decision_id, Sample.opinion)
        .where(
            Sample.site_id == site_id,
            Sample.opinion != Opinion.NONE,
            Sample.kind == SampleKind.SECOND,
        )
        .order_by(Sample.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    rows = session.execute(
        select(Decision.after, newest.c.opinion, func.count())
        .join(Decision, Decision.id == newest.c.decision_id)
        .group_by(Decision.after, newest.c.opinion)
    )
    counts = {(first, second): count for first, second, count in rows}
    return Verdicts(
        counts.get((Status.PUBLISHED, Opinion.APPROVE), 0),
        counts.get((Status.REJECTED, Opinion.REJECT), 0),
        counts.get((Status.REJECTED, Opinion.APPROVE), 0),
        counts.get((Status.PUBLISHED, Opinion.REJECT), 0),
    )


def disagreements(session: Session, site_id: int) -> list[Disagreement]:
    """The newest comments that two judged otherwise and that nobody decided since; one query."""
    later = aliased(Decision)
    decided_since = (
        select(later.id)
        .where(later.comment_id == Sample.comment_id, later.id > Sample.decision_id)
        .exists()
    )
    rows = session.execute(
        select(Sample, Comment, Decision)
        .join(Comment, Comment.id == Sample.comment_id)
        .join(Decision, Decision.id == Sample.decision_id)
        .where(
            Sample.site_id == site_id,
            Sample.kind == SampleKind.SECOND,
            or_(
                and_(Sample.opinion == Opinion.APPROVE, Decision.after == Status.REJECTED),
                and_(Sample.opinion == Opinion.REJECT, Decision.after == Status.PUBLISHED),
            ),
            ~decided_since,
        )
        .options(joinedload(Comment.thread))
        .order_by(Sample.id.desc())
        .limit(SHOWN)
    )
    return [Disagreement(sample, comment, decision) for sample, comment, decision in rows]
