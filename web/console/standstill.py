"""The banner over every page of the desk while comments are not being judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template

from jobs.transactions import reading
from models import Status, db, utcnow
from moderation.waiting import waiting
from web import auth
from web.console.desk import blueprint
from web.health import age_of, faults

# A comment is judged within seconds; one that waits for minutes waits for somebody.
_TOO_LONG = 120


@dataclass(frozen=True)
class Standstill:
    """What is wrong in a sentence, since when, and how many comments of one's sites wait."""

    reason: str
    since: datetime
    count: int


def standstill() -> Standstill | None:
    """The state of scoring as this person is told of it; None while all is well.

    It looks at this process and at the table: another process may be the one that fails.
    """
    session = db.session()
    unscored = waiting(session, Status.UNSCORED, auth.moderator(session).sites())
    found = faults()
    if not found and age_of(unscored) < _TOO_LONG:
        return None
    since = min((fault.since for fault in found), default=unscored.oldest or utcnow())
    reason = " ".join(_sentence(fault.reason) for fault in found)
    return Standstill(reason, since, unscored.count)


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."


@blueprint.context_processor
def _common() -> dict[str, Any]:
    return {"standstill": standstill}


@blueprint.get("/banner")
def show_banner() -> str:
    """The banner alone, for a page that stays open."""
    with reading():
        return render_template("console/_banner.html")
