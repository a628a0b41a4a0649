"""Everything that happened to a comment, newest first: decisions, notes, and what was passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models import ActorKind, AuditEntry, Decision, Note
from moderation import escalation, featuring
from moderation.cases import Case
from web.console import words

_ACTS = {
    escalation.PASSED_ON: "passed it on to a senior",
    escalation.TAKEN_BACK: "took it back from the seniors",
    featuring.FEATURED: "featured it",
    featuring.TAKEN_BACK: "featured it no longer",
}


@dataclass(frozen=True)
class Happening:
    """One entry of a case's history: a decision, a note, or another act in words.

    `removable` is the number of a note that the person who looks wrote; 0 otherwise.
    """

    at: datetime
    who: str
    decision: Decision | None = None
    note: str = ""
    did: str = ""
    removable: int = 0


def of(case: Case, account_id: int, *, may_note: bool) -> list[Happening]:
    """The history of a case as one person sees it."""
    found = [
        *(Happening(one.created_at, words.who(one, account_id), one) for one in case.decisions),
        *(_note(one, account_id, may_note=may_note) for one in case.notes),
        *(_act(one, account_id) for one in case.acts if one.action in _ACTS),
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _note(note: Note, account_id: int, *, may_note: bool) -> Happening:
    is_mine = note.account_id == account_id
    who = "You" if is_mine else note.actor_name
    removable = note.id if is_mine and may_note else 0
    return Happening(note.created_at, who, note=note.text, removable=removable)


def _act(entry: AuditEntry, account_id: int) -> Happening:
    is_mine = entry.actor_kind is ActorKind.STAFF and entry.actor_id == account_id
    return Happening(
        entry.created_at, "You" if is_mine else entry.actor_name, did=_ACTS[entry.action]
    )
