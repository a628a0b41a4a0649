"""The record of decisions as the desk shows it: a fixed number of queries, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models import Comment, Decision, Site, utcnow
from moderation import escalation
from moderation.decisions import PEOPLE
from web import undoing
from web.auth import Moderator
from web.console import words
from web.console.cards import excerpt

_PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One decision with the comment that it is about."""

    decision: Decision
    comment: Comment
    site: Site
    who: str
    excerpt: str
    can_undo: bool
    was_undone: bool


@dataclass(frozen=True)
class RecordPage:
    """Some decisions, newest first, and the number before which the next ones stand."""

    entries: list[Entry]
    next: int | None


def page(
    session: Session, moderator: Moderator, sites: dict[int, Site], *, before: int, everyone: bool
) -> RecordPage:
    """Decisions on some sites: by people, or by the policy and the authors as well."""
    query = select(Decision).where(Decision.site_id.in_(sites))
    if not everyone:
        query = query.where(Decision.actor_kind.in_(PEOPLE))
    if before:
        query = query.where(Decision.id < before)
    found = session.scalars(query.order_by(Decision.id.desc()).limit(_PAGE + 1)).all()
    shown = found[:_PAGE]
    newest, undone = _standing(session, shown)
    comments = {
        comment.id: comment
        for comment in session.scalars(
            select(Comment)
            .where(Comment.id.in_({decision.comment_id for decision in shown}))
            .options(joinedload(Comment.thread))
        )
    }
    answered = escalation.answers(session, comments.keys())
    account_id = moderator.account.id if moderator.account else 0
    entries = [
        Entry(
            decision=decision,
            comment=comments[decision.comment_id],
            site=sites[decision.site_id],
            who=words.who(decision, account_id),
            excerpt=excerpt(comments[decision.comment_id].text),
            can_undo=decision.id in newest
            and undoing.may_undo(
                moderator,
                comments[decision.comment_id],
                decision,
                answered.get(decision.comment_id, 0),
            ),
            was_undone=decision.id in undone,
        )
        for decision in shown
    ]
    return RecordPage(entries, shown[-1].id if len(found) > _PAGE else None)


def _standing(session: Session, shown: Sequence[Decision]) -> tuple[set[int], set[int]]:
    """Of the comments shown: which decision is each one's newest, and which were taken back."""
    comment_ids = {decision.comment_id for decision in shown}
    newest = session.scalars(
        select(func.max(Decision.id))
        .where(Decision.comment_id.in_(comment_ids))
        .group_by(Decision.comment_id)
    )
    undone = session.scalars(
        select(Decision.undoes).where(Decision.comment_id.in_(comment_ids), Decision.undoes > 0)
    )
    return set(newest), set(undone)


def today(session: Session, site_ids: Sequence[int]) -> int:
    """How many decisions people took since midnight, UTC."""
    midnight = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        session.scalar(
            select(func.count())
            .select_from(Decision)
            .where(
                Decision.site_id.in_(site_ids),
                Decision.actor_kind.in_(PEOPLE),
                Decision.created_at >= midnight,
            )
        )
        or 0
    )
