"""Who is offered to take a decision back: exactly those whom its door would let."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Comment, Decision
from moderation import escalation
from moderation.cases import Case
from moderation.decisions import PEOPLE
from moderation.permissions import Action
from web.auth import Moderator


def may_undo(
    moderator: Moderator, comment: Comment, newest: Decision | None, answered_by: int
) -> bool:
    """Whether somebody may take a comment's newest decision back; `answered_by` is what
    `escalation.answers` says of it."""
    if newest is None or newest.actor_kind not in PEOPLE or newest.undoes:
        return False
    needed = escalation.needed_to_undo(comment, newest, answered_by)
    return moderator.may(Action.UNDO, comment.site_id) and moderator.may(needed, comment.site_id)


def of_case(case: Case, moderator: Moderator) -> int:
    """The decision on a case that somebody can take back; 0 for none."""
    newest = case.decisions[0] if case.decisions else None
    answered_by = escalation.answered_in(case.acts)
    may = may_undo(moderator, case.comment, newest, answered_by)
    return newest.id if newest is not None and may else 0


def is_open(session: Session, decision: Decision, moderator: Moderator) -> bool:
    """Whether somebody can take this very decision back, as things stand now; two queries."""
    comment = session.get_one(Comment, decision.comment_id)
    newest = session.scalars(
        select(Decision)
        .where(Decision.comment_id == comment.id)
        .order_by(Decision.id.desc())
        .limit(1)
    ).one()
    answered_by = escalation.answers(session, [comment.id]).get(comment.id, 0)
    return newest.id == decision.id and may_undo(moderator, comment, newest, answered_by)


def require(session: Session, comment: Comment, decision: Decision, moderator: Moderator) -> None:
    """Raise Forbidden for who may not take a decision back."""
    answered_by = escalation.answers(session, [comment.id]).get(comment.id, 0)
    moderator.require(escalation.needed_to_undo(comment, decision, answered_by), comment.site_id)
