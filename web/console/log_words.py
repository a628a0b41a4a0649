"""The log in words: who did what to what, entry by entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from models import Account, ActorKind, AuditEntry
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


# What an act says of persons by their numbers, by the table that it is about.
_PERSONS = {"sanction": ("author",), "invitation": ("by",)}


@dataclass(frozen=True)
class Said:
    """One thing that an act says; `number` tells apart persons who share a name, "" for others."""

    name: str
    text: str
    number: str = ""


@dataclass(frozen=True)
class Row:
    """One entry as the page shows it; `actor` is its value in the list of who acted, and `person`
    whom it is about, where that is a person."""

    entry: Entry
    who: str
    actor: str
    what: str
    person: Said | None
    reasons: tuple[tuple[str, str], ...]
    note: str
    more: tuple[Said, ...]

    @property
    def at(self) -> datetime:
        """When it was done."""
        return self.entry.at


def persons(entries: Iterable[Entry]) -> set[int]:
    """The accounts that some entries are about, or name by their numbers."""
    acts = [entry.act for entry in entries if entry.act is not None]
    found = {act.subject_id for act in acts if act.subject_kind == Account.__tablename__}
    for act in acts:
        named = (act.detail.get(one) for one in _PERSONS.get(act.subject_kind, ()))
        found |= {number for number in named if isinstance(number, int) and number}
    return found


def row(entry: Entry, account_id: int, names: Mapping[int, str]) -> Row:
    """An entry in words; `account_id` is who looks at it, `names` are of its `persons`."""
    named: tuple[tuple[str, str], ...] = ()
    more: tuple[Said, ...] = ()
    person: Said | None = None
    note = ""
    if entry.decision is not None:
        named = tuple((name, words.reason(name)) for name in entry.decision.reasons)
        note = entry.decision.note
    elif entry.version is not None:
        note = entry.version.note
    elif entry.act is not None:
        more = tuple(_said(entry.act, name, names) for name in entry.act.detail)
        if entry.act.subject_kind == Account.__tablename__:
            person = _person(words.label(entry.act.action), entry.act.subject_id, names)
    kind = entry.actor_kind
    actor = kind.value + (f":{entry.actor_id}" if entry.actor_id else "")
    return Row(entry, _who(entry, account_id), actor, _what(entry), person, named, note, more)


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


def _said(act: AuditEntry, name: str, names: Mapping[int, str]) -> Said:
    value = act.detail[name]
    if name in _PERSONS.get(act.subject_kind, ()) and isinstance(value, int) and value:
        return _person(words.label(name), value, names)
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Said(words.label(name), shown or "none")


def _person(name: str, number: int, names: Mapping[int, str]) -> Said:
    return Said(name, names.get(number) or "Somebody without a name", f"account {number}")
