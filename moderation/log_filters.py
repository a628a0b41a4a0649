"""What somebody may see of the log, and what they look for in it, as conditions on its tables."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, String, and_, cast, false, or_, select

from models import ActorKind, AuditEntry, Comment, Decision, SiteRole, Status
from models.audit import NO_SITE

_Source = TypeVar("_Source", bound=enum.StrEnum)
# The tables of which only those may read who manage the staff, besides one's own acts.
OF_STAFF = ("account", "site_role", "invitation", "staff_session", "passkey", "api_key")


class Act(enum.StrEnum):
    """What kind of act is looked for."""

    ANY = ""
    DECISIONS = "decisions"
    APPROVED = "approved"
    REJECTED = "rejected"
    HELD = "held"
    UNDONE = "undone"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    POLICY = "policy"
    SANCTIONS = "sanctions"
    APPEALS = "appeals"
    BATCHES = "batches"
    CASES = "cases"
    STAFF = "staff"
    OTHER = "other"


_AFTER = {
    Act.APPROVED: Status.PUBLISHED,
    Act.REJECTED: Status.REJECTED,
    Act.HELD: Status.HELD,
    Act.EDITED: Status.UNSCORED,
    Act.WITHDRAWN: Status.WITHDRAWN,
}
_SUBJECTS = {
    Act.SANCTIONS: ("sanction",),
    Act.APPEALS: ("appeal",),
    Act.BATCHES: ("batch",),
    Act.CASES: ("comment", "note", "sample"),
    Act.STAFF: OF_STAFF,
}
_NAMED = tuple(name for names in _SUBJECTS.values() for name in names)


@dataclass(frozen=True)
class Reach:
    """What somebody may see: the log of some sites, of some of them also what concerns the staff,
    and always what they did themselves. An operator may see all of it."""

    site_ids: tuple[int, ...]
    manages: frozenset[int] = frozenset()
    actor_kind: ActorKind = ActorKind.SYSTEM
    actor_id: int = 0
    is_operator: bool = False


@dataclass(frozen=True)
class Wanted:
    """What entries must be like; what is left as it is says nothing.

    `actor_id` counts only with `actor_kind`; `since` is included, `until` is not.
    """

    act: Act = Act.ANY
    actor_kind: ActorKind | None = None
    actor_id: int = 0
    comment_id: int = 0
    author_id: int = 0
    reason: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def sources(self, all_of_them: type[_Source]) -> list[_Source]:
        """The tables in which such entries can stand at all."""
        found: Iterable[_Source] = all_of_them
        if self.act is Act.POLICY:
            found = [one for one in found if one.value == "policy"]
        elif self.act is Act.DECISIONS or self.act is Act.UNDONE or self.act in _AFTER:
            found = [one for one in found if one.value == "decision"]
        elif self.act is not Act.ANY:
            found = [one for one in found if one.value == "audit"]
        if self.comment_id or self.author_id or self.reason:
            found = [one for one in found if one.value != "policy"]
        if self.reason:
            found = [one for one in found if one.value == "decision"]
        return list(found)


def clauses(source: enum.StrEnum, table: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is looked for, but for the period, as conditions on one of the tables."""
    found: list[ColumnElement[bool]] = []
    if wanted.actor_kind is not None:
        found.append(table.actor_kind == wanted.actor_kind)
        if wanted.actor_id:
            found.append(table.actor_id == wanted.actor_id)
    if source.value == "decision":
        found += _of_decisions(wanted)
    elif source.value == "audit":
        found += _of_acts(wanted)
    if wanted.words.strip():
        found.append(_says(source, table, wanted.words.strip()))
    return found


def narrowed(source: enum.StrEnum, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is looked up by an index of its own, and so before rows are counted: the decisions on
    one comment, or on those of one author."""
    if source.value != "decision" or not (wanted.comment_id or wanted.author_id):
        return []
    numbers = select(Decision.id)
    if wanted.comment_id:
        numbers = numbers.where(Decision.comment_id == wanted.comment_id)
    if wanted.author_id:
        numbers = numbers.where(Decision.comment_id.in_(_comments_of(wanted.author_id)))
    return [Decision.id.in_(numbers)]


def _of_decisions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.act is Act.UNDONE:
        found.append(Decision.undoes > 0)
    elif wanted.act in _AFTER:
        found += [Decision.after == _AFTER[wanted.act], Decision.undoes == 0]
    if wanted.reason:
        # As it stands in the JSON of the column: whole, between its quotes.
        whole = cast(Decision.reasons, String).contains(f'"{wanted.reason}"', autoescape=True)
        found.append(whole)
    return found


def _of_acts(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.act in _SUBJECTS:
        found.append(AuditEntry.subject_kind.in_(_SUBJECTS[wanted.act]))
    elif wanted.act is Act.OTHER:
        found.append(AuditEntry.subject_kind.not_in(_NAMED))
    if wanted.comment_id:
        found.append(_is_about("comment", AuditEntry.subject_id == wanted.comment_id, wanted))
    if wanted.author_id:
        its = AuditEntry.subject_id.in_(_comments_of(wanted.author_id))
        named = AuditEntry.detail["account_id"].as_integer() == wanted.author_id
        as_account = and_(
            AuditEntry.subject_kind == "account", AuditEntry.subject_id == wanted.author_id
        )
        found.append(or_(and_(AuditEntry.subject_kind == "comment", its), named, as_account))
    return found


def _is_about(kind: str, is_it: ColumnElement[bool], wanted: Wanted) -> ColumnElement[bool]:
    named = AuditEntry.detail["comment_id"].as_integer() == wanted.comment_id
    return or_(and_(AuditEntry.subject_kind == kind, is_it), named)


def _comments_of(author_id: int) -> Any:
    return select(Comment.id).where(Comment.author_id == author_id)


def _says(source: enum.StrEnum, table: Any, words: str) -> ColumnElement[bool]:
    """Whether names, reasons, notes or the rest of an entry have some words, in whatever case."""
    places: tuple[Any, ...] = (table.actor_name,)
    if source.value == "audit":
        places += (AuditEntry.action, cast(AuditEntry.detail, String))
    else:
        places += (table.note,)
    if source.value == "decision":
        places += (cast(Decision.reasons, String),)
    return or_(*(one.icontains(words, autoescape=True) for one in places))


def period(table: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The time that is looked at."""
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(table.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(table.created_at < wanted.until)
    return found


def visible(source: enum.StrEnum, table: Any, reach: Reach) -> list[ColumnElement[bool]]:
    """What somebody may see of one of the tables, of the sites that they see at all."""
    if source.value != "audit" or reach.is_operator:
        return []
    own = and_(table.actor_kind == reach.actor_kind, table.actor_id == reach.actor_id)
    colleagues = select(SiteRole.account_id).where(SiteRole.site_id.in_(reach.manages))
    of_no_site = and_(
        table.actor_kind == ActorKind.STAFF,
        table.actor_id.in_(colleagues) if reach.manages else false(),
    )
    at_site = or_(table.subject_kind.not_in(OF_STAFF), table.site_id.in_(reach.manages))
    return [
        or_(
            own, and_(table.site_id != NO_SITE, at_site), and_(table.site_id == NO_SITE, of_no_site)
        )
    ]
