"""What a person does with a case, through whichever door: decide it, and take that back.

Around the decision itself stand the colleague who may have the case open, the site's list of
reasons, and the senior for whom it may wait.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models import ActorKind, Comment, Decision, Status
from moderation import claims, decisions, escalation, policies
from moderation.decisions import Actor
from moderation.errors import Invalid


def decide(
    session: Session,
    comment: Comment,
    after: Status,
    actor: Actor,
    reasons: Sequence[str] = (),
    *,
    version: int,
    note: str = "",
) -> Decision:
    """Decide a case that is locked; the caller has asked for `escalation.needed` and commits.

    Raises Invalid for a reason that the site does not have, Claimed where a colleague has the case
    open (which programs do not wait for), StaleVersion and Refused as decisions.decide does.
    """
    if actor.kind is ActorKind.STAFF:
        claims.check(session, comment.id, actor.id)
    check_reasons(session, comment, reasons)
    was_escalated = comment.escalated
    decision = decisions.decide(session, comment, after, actor, reasons, version=version, note=note)
    session.flush()
    claims.release(session, comment.id)
    if was_escalated:
        escalation.answer(session, comment, decision, actor)
    return decision


def undo(session: Session, decision: Decision, comment: Comment, actor: Actor) -> Decision:
    """Take a decision back; what waited for a senior before it waits for one again.

    Raises Refused and StaleVersion as decisions.undo does.
    """
    taken_back = decisions.undo(session, decision, actor)
    escalation.reopen(session, comment, decision)
    session.flush()
    return taken_back


def check_reasons(session: Session, comment: Comment, reasons: Sequence[str]) -> None:
    """Raise Invalid for a reason that is not on the list of the site, or of the thread."""
    if not reasons:
        return
    here = policies.standing(session, comment.site_id, comment.thread_id).reasons
    unknown = sorted(set(reasons) - {one.key for one in here})
    if unknown:
        raise Invalid(
            f"Choose a reason from the list: {', '.join(one.key for one in here)}.",
            field="reasons",
        )
