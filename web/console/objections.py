"""What the desk shows of an author's objection: who rejected, when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models import ActorKind, Appeal, AppealState, Decision
from moderation.cases import Case
from web.auth import Moderator
from web.console import words


@dataclass(frozen=True)
class Objection:
    """One objection in words; `answered` is empty while it waits."""

    text: str
    made_at: datetime
    rejected: str
    rejected_at: datetime
    reasons: str
    answered: str
    # Whoever looks at it is the one whose decision is objected to.
    is_own: bool

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return not self.answered


def of(case: Case, moderator: Moderator) -> list[Objection]:
    """All objections of a case, the newest first."""
    account_id = moderator.account.id if moderator.account else 0
    by_number = {decision.id: decision for decision in case.decisions}
    return [
        _objection(
            appeal, by_number[appeal.decision_id], by_number.get(appeal.answer_id), account_id
        )
        for appeal in reversed(case.appeals)
    ]


def _objection(
    appeal: Appeal, rejection: Decision, answer: Decision | None, account_id: int
) -> Objection:
    by_person = rejection.actor_kind is ActorKind.STAFF
    return Objection(
        text=appeal.text,
        made_at=appeal.created_at,
        rejected=f"{words.who(rejection, account_id)} rejected it",
        rejected_at=rejection.created_at,
        reasons=words.listed(rejection.reasons),
        answered=_answered(appeal, answer, account_id),
        is_own=by_person and rejection.actor_id == account_id,
    )


def _answered(appeal: Appeal, answer: Decision | None, account_id: int) -> str:
    if answer is None or appeal.state is AppealState.OPEN:
        return ""
    done = "granted" if appeal.state is AppealState.GRANTED else "denied"
    return f"{words.who(answer, account_id)} {done} it {words.ago(answer.created_at)}."
