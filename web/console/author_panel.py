"""What the desk can do about an author on a site, and what was said of it: no rules of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from models import (
    Account,
    AccountKind,
    Batch,
    BatchState,
    ReportState,
    Sanction,
    SanctionKind,
    SanctionState,
    Site,
)
from moderation import sanctions
from moderation.cases import AuthorHistory, Case
from moderation.permissions import Action
from moderation.values import Reason, Values
from web.api.schemas import LARGEST_ID
from web.auth import Moderator
from web.console import words

# How long a mute can last: its key in the form, its name, its length.
LENGTHS = {
    "hour": ("1 hour", timedelta(hours=1)),
    "day": ("1 day", timedelta(days=1)),
    "week": ("1 week", timedelta(weeks=1)),
    "month": ("1 month", timedelta(days=30)),
}
KINDS = {
    SanctionKind.WARNING: "Warned",
    SanctionKind.MUTE: "Muted",
    SanctionKind.HOLD: "Always held",
    SanctionKind.BAN: "Banned",
}
# The reason that a case's worst label or a report suggests, where the site has it.
_SUGGESTS = {
    "identity_attack": "hate",
    "toxicity": "insult",
    "severe_toxicity": "hate",
    "obscene": "insult",
    "sexual_explicit": "other",
}


@dataclass(frozen=True)
class Imposed:
    """A sanction as a line of the panel."""

    sanction: Sanction
    what: str
    until: str
    became: str


@dataclass(frozen=True)
class Panel:
    """All that the panel of one author on one site shows."""

    account: Account
    site: Site
    # Where it stands: in a comment's case, or 0 on the author's own page.
    comment_id: int
    standing: list[Imposed]
    earlier: list[Imposed]
    reasons: Sequence[Reason]
    suggested: str
    may_sanction: bool
    may_purge: bool
    purge: Batch | None

    @property
    def is_under_way(self) -> bool:
        """Whether the last rejection of everything was cut short."""
        return self.purge is not None and self.purge.state is BatchState.RUNNING


def of_case(case: Case, site: Site, moderator: Moderator) -> Panel:
    """The panel in a case, with the reason suggested that the case speaks of."""
    return panel(
        case.author, site, moderator, case.values, case.comment.id, suggested=_suggested(case)
    )


def panel(
    history: AuthorHistory,
    site: Site,
    moderator: Moderator,
    values: Values,
    comment_id: int = 0,
    suggested: str = "",
) -> Panel:
    """The panel of an author on a site; asks nothing of the database."""
    stands = sanctions.in_force(history.sanctions)
    keys = [one.key for one in values.reasons]
    is_reader = history.account.kind is AccountKind.GUEST
    return Panel(
        account=history.account,
        site=site,
        comment_id=comment_id,
        standing=[_imposed(one, stands=True) for one in stands],
        earlier=[_imposed(one, stands=False) for one in history.sanctions if one not in stands],
        reasons=values.reasons,
        suggested=suggested if suggested in keys else keys[-1],
        may_sanction=is_reader and moderator.may(Action.SANCTION, site.id),
        may_purge=is_reader and moderator.may(Action.DECIDE_BATCH, site.id),
        purge=history.purge,
    )


def _suggested(case: Case) -> str:
    for report in case.reports:
        if report.state is ReportState.OPEN:
            return report.reason.value
    over = [score for score in case.scores if score.is_over]
    worst = max(over, key=lambda score: score.value).label if over else ""
    return _SUGGESTS.get(worst, worst)


def _imposed(one: Sanction, *, stands: bool) -> Imposed:
    until = words.moment(one.ends_at) if one.kind is SanctionKind.MUTE else ""
    became = "" if stands else _became(one)
    return Imposed(one, KINDS[one.kind], until, became)


def _became(one: Sanction) -> str:
    if one.state is SanctionState.ACKNOWLEDGED:
        return "read by the author"
    return "lifted" if one.state is SanctionState.LIFTED else "over"


def imposed_in_words(one: Sanction, *, instead: bool) -> str:
    """What imposing it did."""
    effect = {
        SanctionKind.WARNING: "Warned — the author has to read it before the next comment",
        SanctionKind.MUTE: f"Muted until {words.moment(one.ends_at)}",
        SanctionKind.HOLD: "Held from now on — every comment of this author waits for a person",
        SanctionKind.BAN: "Banned from this site — the author can only read",
    }[one.kind]
    return f"{effect}{', in the place of the earlier one' if instead else ''}."


def lifted_in_words(one: Sanction) -> str:
    """What lifting it did."""
    return {
        SanctionKind.WARNING: "Lifted — the warning need not be read any more.",
        SanctionKind.MUTE: "Lifted — the author can write again.",
        SanctionKind.HOLD: "Lifted — the author’s comments are judged like everybody’s.",
        SanctionKind.BAN: "Lifted — the author can take part again.",
    }[one.kind]


def purged_in_words(batch: Batch) -> str:
    """How far a rejection of everything is, or its taking back."""
    count = f"{batch.decided} comment{'' if batch.decided == 1 else 's'}"
    if batch.state in (BatchState.UNDOING, BatchState.UNDONE):
        more = "" if batch.state is BatchState.UNDONE else " There are more: go on below."
        left = batch.decided - batch.taken_back
        stays = f" {left} decided again since stay." if left and not more else ""
        return f"Taken back — {batch.taken_back} of {count} stand as before.{stays}{more}"
    if batch.state is BatchState.RUNNING:
        return f"Rejected {count} so far. There are more: go on below."
    if not batch.decided:
        return "There was nothing to reject from the last day."
    return f"Rejected {count} of the last day — only the author can still read them."


def said(session: Session, moderator: Moderator, back: dict[str, Any]) -> dict[str, Any] | None:
    """What the act on an author did that the address names, for a page after a plain form, and the
    address that takes it back (`undo_at`, "" if there is none)."""
    if number := _asked("sanction"):
        one = session.get(Sanction, number)
        if one is None or not moderator.may(Action.SANCTION, one.site_id):
            return None
        if one.state is SanctionState.LIFTED:
            return {"text": lifted_in_words(one), "bad": False, "undo_at": "", "undo": 0}
        text = imposed_in_words(one, instead="instead" in request.args)
        return {"text": text, "bad": False, "undo_at": _url(lifting(one), back), "undo": 0}
    if number := _asked("purge"):
        batch = session.get(Batch, number)
        if batch is None or not moderator.may(Action.DECIDE_BATCH, batch.site_id):
            return None
        is_done = batch.state is BatchState.DONE and batch.decided > 0
        undo_at = _url(taking_back(batch), back) if is_done else ""
        return {"text": purged_in_words(batch), "bad": False, "undo_at": undo_at, "undo": 0}
    return None


def _asked(name: str) -> int:
    number = request.args.get(name, 0, type=int)
    return number if 0 < number <= LARGEST_ID else 0


# An endpoint and its numbers, for url_for; the page adds where one comes from.
Address = tuple[str, dict[str, Any]]


def _url(address: Address, back: dict[str, Any]) -> str:
    endpoint, numbers = address
    return url_for(endpoint, **{**numbers, **back})


def lifting(one: Sanction) -> Address:
    """Where the form goes that lifts a sanction."""
    at = {"account_id": one.account_id, "sanction_id": one.id}
    return "console.lift_sanction", at | _comment_shown()


def taking_back(batch: Batch) -> Address:
    """Where the form goes that takes a rejection of everything back."""
    account_id = int(batch.criteria["filter"].get("author_id", 0))
    at = {"account_id": account_id, "batch_id": batch.id}
    return "console.take_back_purge", at | _comment_shown()


def _comment_shown() -> dict[str, int]:
    """The comment in whose case one is, for the way back to it."""
    shown = (request.view_args or {}).get("comment_id") or request.form.get("comment", 0, type=int)
    return {"comment": shown} if shown else {}
