"""An author's objection to a rejection: whether it is possible, made, and what became of it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import (
    Account,
    Appeal,
    AppealState,
    Comment,
    Decision,
    Status,
    utcnow,
)
from moderation.cases import standing
from moderation.decisions import PEOPLE
from moderation.errors import Invalid, Refused, TextTooLong

# Six months, as the EU's Digital Services Act asks for in Article 20(1).
APPEAL_DAYS = 183
LONGEST = 2_000


class Stand(enum.StrEnum):
    """Where an author's objection to the rejection of a comment stands."""

    NONE = "none"
    POSSIBLE = "possible"
    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"


@dataclass(frozen=True)
class Standing:
    """The same with what is objected to: the number of the decision and whether it was a person's;
    and until when, where that is still possible."""

    state: Stand = Stand.NONE
    until: datetime | None = None
    by_person: bool = False
    decision_id: int = 0


_STATES = {
    AppealState.OPEN: Stand.OPEN,
    AppealState.GRANTED: Stand.GRANTED,
    AppealState.DENIED: Stand.DENIED,
}


def where_they_stand(session: Session, comments: Sequence[Comment]) -> dict[int, Standing]:
    """Per comment, in two queries however many: what its author can or did do about it.

    What was never rejected cannot have been objected to; of that nothing is asked.
    """
    ids = [one.id for one in comments if one.status is Status.REJECTED or one.decision_count > 1]
    if not ids:
        return {comment.id: Standing() for comment in comments}
    decisions: dict[int, list[Decision]] = {number: [] for number in ids}
    for decision in session.scalars(
        select(Decision).where(Decision.comment_id.in_(ids)).order_by(Decision.id.desc())
    ):
        decisions[decision.comment_id].append(decision)
    appeals: dict[int, list[Appeal]] = {number: [] for number in ids}
    for appeal in session.scalars(
        select(Appeal).where(Appeal.comment_id.in_(ids)).order_by(Appeal.id.desc())
    ):
        appeals[appeal.comment_id].append(appeal)
    return {
        comment.id: _standing(
            comment, standing(decisions.get(comment.id, [])), appeals.get(comment.id, [])
        )
        for comment in comments
    }


def _standing(comment: Comment, decision: Decision | None, appeals: Sequence[Appeal]) -> Standing:
    """`decision` is the one that stands, `appeals` are all on the comment, newest first."""
    if comment.status is Status.WITHDRAWN or decision is None:
        return Standing()
    by_person = decision.actor_kind in PEOPLE
    for appeal in appeals:
        # An answer is the last word on its objection: it is not objected to once more.
        is_of_it = decision.id in (appeal.decision_id, appeal.answer_id)
        is_granted = appeal.state is AppealState.GRANTED and comment.status is Status.PUBLISHED
        if appeal.state is AppealState.OPEN or is_of_it or is_granted:
            return Standing(_STATES[appeal.state], None, by_person, decision.id)
    until = decision.created_at + timedelta(days=APPEAL_DAYS)
    if comment.status is Status.REJECTED and decision.after is Status.REJECTED:
        if utcnow() < until:
            return Standing(Stand.POSSIBLE, until, by_person, decision.id)
        return Standing(Stand.NONE, None, by_person, decision.id)
    return Standing()


def make(session: Session, comment: Comment, author: Account, text: str) -> Appeal:
    """Write down an author's objection to the rejection of a comment; the caller has taken the
    comment for changing and made sure that it is this author's.

    Raises Refused where there is nothing to object to, Invalid and TextTooLong for the text.
    """
    if not text.strip():
        raise Invalid("Say why the comment should be published.", field="text")
    if len(text) > LONGEST:
        raise TextTooLong(f"An objection has at most {LONGEST:,} characters.", field="text")
    found = where_they_stand(session, [comment])[comment.id]
    if found.state is not Stand.POSSIBLE:
        raise Refused(_why_not(comment, found.state))
    appeal = Appeal(
        site_id=comment.site_id,
        comment_id=comment.id,
        decision_id=found.decision_id,
        account_id=author.id,
        text=text,
    )
    session.add(appeal)
    session.flush()
    return appeal


def _why_not(comment: Comment, found: Stand) -> str:
    if found is Stand.OPEN:
        return "You have objected already. A moderator will look at it; there is nothing to do."
    if found is Stand.DENIED:
        return "A moderator has looked at this again, and the rejection stands."
    if comment.status is Status.REJECTED:
        return f"A rejection can be objected to for {APPEAL_DAYS} days; that time is over."
    return {
        Status.PUBLISHED: "Your comment is published: there is nothing to object to.",
        Status.WITHDRAWN: "You took this comment back: there is nothing to object to.",
    }.get(comment.status, "Nobody has rejected this comment. Wait until it has been decided.")
