"""Histories written by hand, at moments that a test chooses, for whatever looks back on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Account, ActorKind, Appeal, AppealState, Comment, Decision, Status, Thread
from moderation.decisions import SYSTEM, UNDO, Actor

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANNA = Actor(ActorKind.STAFF, 101, "Anna")
BERT = Actor(ActorKind.STAFF, 102, "Bert")
ROBOT = Actor(ActorKind.API_KEY, 7, "Robot")


class History:
    """Writes comments and decisions of one site with their times, and keeps its statuses true."""

    def __init__(self, session: Session, site_id: int) -> None:
        self.session, self.site_id = session, site_id
        self.author = Account(name="Ada")
        self.thread = Thread(site_id=site_id, identity=f"id:{site_id}", url="https://x.example/a")
        session.add_all([self.author, self.thread])
        session.flush()

    def comment(self, at: datetime) -> Comment:
        """One that nobody has decided yet."""
        made = Comment(
            site_id=self.site_id,
            thread_id=self.thread.id,
            author_id=self.author.id,
            author_name="Ada",
            text="Secret words.",
            html="<p>Secret words.</p>",
            created_at=at,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def decide(
        self,
        comment: Comment,
        after: Status,
        at: datetime,
        actor: Actor = SYSTEM,
        reasons: Sequence[str] = (),
        *,
        undoes: int = 0,
        note: str = "",
    ) -> Decision:
        """One decision at a moment."""
        made = Decision(
            site_id=self.site_id,
            comment_id=comment.id,
            revision=comment.revision,
            before=comment.status,
            after=after,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            reasons=list(reasons),
            policy_version=1,
            undoes=undoes,
            note=note,
            created_at=at,
        )
        comment.status = after
        comment.decision_count += 1
        self.session.add(made)
        self.session.flush()
        return made

    def held_then(
        self,
        after: Status,
        at: datetime,
        minutes: float,
        actor: Actor = ANNA,
        reasons: Sequence[str] = (),
    ) -> Decision:
        """A comment held at once at a moment, and decided by a person some minutes later."""
        comment = self.comment(at)
        self.decide(comment, Status.HELD, at, reasons=["score:insult"])
        return self.decide(comment, after, at + timedelta(minutes=minutes), actor, reasons)

    def undo(self, decision: Decision, at: datetime, actor: Actor = ANNA) -> Decision:
        """Take a decision back."""
        comment = self.session.get_one(Comment, decision.comment_id)
        return self.decide(comment, decision.before, at, actor, [UNDO], undoes=decision.id)

    def appeal(self, decision: Decision, state: AppealState) -> None:
        """An appeal against a decision, and its answer."""
        self.session.add(
            Appeal(
                site_id=self.site_id,
                comment_id=decision.comment_id,
                decision_id=decision.id,
                account_id=self.author.id,
                text="Why?",
                state=state,
                created_at=decision.created_at,
            )
        )
        self.session.flush()

    def decisions(self) -> list[Decision]:
        """All, in their order."""
        query = select(Decision).where(Decision.site_id == self.site_id).order_by(Decision.id)
        return list(self.session.scalars(query))
