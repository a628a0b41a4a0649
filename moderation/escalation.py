"""Cases that a moderator passes on to a senior: who did, who may decide them, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import AuditEntry, Comment, Decision, Status
from moderation import audit
from moderation.decisions import Actor
from moderation.errors import Refused, StaleVersion
from moderation.permissions import Action

PASSED_ON, TAKEN_BACK, ANSWERED = "case escalated", "escalation taken back", "escalation answered"
# What somebody could decide about; the rest is decided already.
OPEN = (Status.UNSCORED, Status.HELD, Status.PUBLISHED)


def needed(comment: Comment) -> Action:
    """What somebody must be allowed to do in order to decide this comment."""
    return Action.DECIDE_ESCALATED if comment.escalated else Action.DECIDE


def pass_on(
    session: Session, comment: Comment, actor: Actor, *, version: int | None = None
) -> AuditEntry:
    """Have a comment wait for a senior; the caller commits.

    `version` is the row version that the person saw. Raises StaleVersion when the comment has
    changed since, Refused when it waits for a senior already or there is nothing to decide.
    """
    if version is not None and version != comment.version:
        raise StaleVersion("Somebody changed this comment after you opened it. Look at it again.")
    if comment.escalated:
        raise Refused("This case waits for a senior already.")
    if comment.status not in OPEN:
        raise Refused(f"A comment that is {comment.status.value} has nothing to decide.")
    comment.escalated = True
    return audit.record(session, PASSED_ON, comment, actor, site_id=comment.site_id)


def take_back(session: Session, comment: Comment, actor: Actor, *, is_senior: bool) -> AuditEntry:
    """Give a case back to the moderators' queue; the caller commits.

    Raises Refused where it does not wait, or somebody else passed it on and this is no senior.
    """
    if not comment.escalated:
        raise Refused("This case does not wait for a senior any more.")
    if not is_senior and passed_on_by(session, comment.id) != actor.id:
        raise Refused("Only who passed it on, or a senior, can take this case back.")
    comment.escalated = False
    return audit.record(session, TAKEN_BACK, comment, actor, site_id=comment.site_id)


def answer(session: Session, comment: Comment, decision: Decision, actor: Actor) -> None:
    """Write down that a decision answered what was passed on, so that undoing it knows."""
    audit.record(
        session,
        ANSWERED,
        comment,
        actor,
        site_id=comment.site_id,
        detail={"decision": decision.id},
    )


def needed_to_undo(comment: Comment, decision: Decision, answered_by: int) -> Action:
    """What somebody must be allowed to do in order to take a decision back: what a senior answered,
    and what waits for one by now, is a senior's to take back.

    `answered_by` is what `answers` or `answered_in` say of the comment.
    """
    is_seniors = comment.escalated or answered_by == decision.id
    return Action.DECIDE_ESCALATED if is_seniors else Action.UNDO


def reopen(session: Session, comment: Comment, undone: Decision) -> None:
    """Have a comment wait for a senior again if the undone decision was the answer to that."""
    if answers(session, [comment.id]).get(comment.id) == undone.id:
        comment.escalated = True
        session.flush()


def answers(session: Session, comment_ids: Collection[int]) -> dict[int, int]:
    """The decision that last answered what was passed on, by the number of the comment; nothing of
    one where none ever did. One query."""
    last = (
        select(func.max(AuditEntry.id))
        .where(
            AuditEntry.subject_kind == Comment.__tablename__,
            AuditEntry.subject_id.in_(comment_ids),
            AuditEntry.action == ANSWERED,
        )
        .group_by(AuditEntry.subject_id)
    )
    entries = session.scalars(select(AuditEntry).where(AuditEntry.id.in_(last)))
    return {one.subject_id: _answer_in(one) for one in entries}


def answered_in(acts: Sequence[AuditEntry]) -> int:
    """The same of one comment whose acts are there, oldest first; 0 if none ever did."""
    return next((_answer_in(one) for one in reversed(acts) if one.action == ANSWERED), 0)


def _answer_in(entry: AuditEntry) -> int:
    return int(entry.detail.get("decision", 0))


def passed_on_by(session: Session, comment_id: int) -> int:
    """The account that passed a comment on last; 0 if nobody ever did."""
    return (
        session.scalar(
            select(AuditEntry.actor_id)
            .where(
                AuditEntry.subject_kind == Comment.__tablename__,
                AuditEntry.subject_id == comment_id,
                AuditEntry.action == PASSED_ON,
            )
            .order_by(AuditEntry.id.desc())
            .limit(1)
        )
        or 0
    )
