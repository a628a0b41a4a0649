"""The log in words: who did what to what, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import ActorKind
from moderation.log_filters import Act
from moderation.timeline import Entry
from web.console import words

ACTS: dict[str, tuple[tuple[Act, str], ...]] = {
    "Decisions": (
        (Act.DECISIONS, "All decisions"),
        (Act.APPROVED, "Published"),
        (Act.REJECTED, "Rejected"),
        (Act.HELD, "Held"),
        (Act.UNDONE, "Taken back"),
        (Act.EDITED, "Edited by their authors"),
        (Act.WITHDRAWN, "Withdrawn by their authors"),
    ),
    "Other acts": (
        (Act.POLICY, "Changes of the policy"),
        (Act.SANCTIONS, "Sanctions"),
        (Act.APPEALS, "Appeals"),
        (Act.BATCHES, "Batches"),
        (Act.CASES, "Cases: notes, escalations, second looks"),
        (Act.STAFF, "Staff and keys"),
        (Act.OTHER, "Everything else"),
    ),
}
KINDS = (
    (ActorKind.STAFF, "Staff"),
    (ActorKind.API_KEY, "Programs"),
    (ActorKind.AUTHOR, "Authors"),
    (ActorKind.SYSTEM, "Parley"),
)


@dataclass(frozen=True)
class Row:
    """One entry as the page shows it; `actor` is its value in the list of who acted."""

    entry: Entry
    who: str
    actor: str
    what: str
    reasons: tuple[tuple[str, str], ...]
    note: str
    more: tuple[tuple[str, str], ...]

    @property
    def at(self) -> datetime:
        """When it was done."""
        return self.entry.at


def row(entry: Entry, account_id: int) -> Row:
    """An entry in words; `account_id` is who looks at it."""
    named: tuple[tuple[str, str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    note = ""
    if entry.decision is not None:
        named = tuple((name, words.reason(name)) for name in entry.decision.reasons)
        note = entry.decision.note
    elif entry.version is not None:
        note = entry.version.note
    elif entry.act is not None:
        more = tuple(_said(name, value) for name, value in entry.act.detail.items())
    kind = entry.actor_kind
    actor = kind.value + (f":{entry.actor_id}" if entry.actor_id else "")
    return Row(entry, _who(entry, account_id), actor, _what(entry), named, note, more)


def _who(entry: Entry, account_id: int) -> str:
    if entry.actor_kind is ActorKind.STAFF and entry.actor_id == account_id:
        return "You"
    return entry.actor_name or "Somebody forgotten"


def _what(entry: Entry) -> str:
    if entry.version is not None:
        return f"Policy, version {entry.version.number}"
    if entry.act is not None:
        subject = entry.act.subject_kind.replace("_", " ")
        return f"{words.label(entry.act.action)}: {subject} {entry.act.subject_id}"
    return ""


def _said(name: str, value: Any) -> tuple[str, str]:
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return words.label(name), shown or "none"
