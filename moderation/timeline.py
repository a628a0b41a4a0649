"""Everything that was done, by whomever, as one list with the newest first; reads only.

Decisions, versions of the policy and the audit log stand in tables of their own; a page takes the
newest of each and sorts them together. With a filter only so many rows of each are looked at, so
that a page costs the same whatever is asked for: where they are used up, the page ends early and
its cursor leads on.
"""

from __future__ import annotations

import base64
import binascii
import enum
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_, select, union_all
from sqlalchemy.orm import Session

from models import ActorKind, AuditEntry, Decision, Policy
from models.audit import NO_SITE
from models.base import UtcDateTime
from moderation import log_filters, policies
from moderation.errors import Invalid
from moderation.log_filters import Reach, Wanted
from moderation.policies import Version

# Rows of one table and site that a page with a filter looks at, at most.
WINDOW = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
__all__ = ["Entry", "Page", "Reach", "Source", "Wanted", "as_record", "page"]


class Source(enum.StrEnum):
    """Where an entry is written down; at one moment they come in this order."""

    DECISION = "decision"
    POLICY = "policy"
    AUDIT = "audit"


_TABLES: Mapping[Source, Any] = {
    Source.DECISION: Decision,
    Source.POLICY: Policy,
    Source.AUDIT: AuditEntry,
}
_RANK = {source: place for place, source in enumerate(Source)}


@dataclass(frozen=True)
class Entry:
    """One act; exactly one of `decision`, `version` and `act` is there."""

    source: Source
    id: int
    at: datetime
    site_id: int
    actor_kind: ActorKind
    actor_id: int
    actor_name: str
    decision: Decision | None = None
    version: Version | None = None
    act: AuditEntry | None = None

    @property
    def comment_id(self) -> int:
        """The comment that it is about; 0 for none."""
        if self.decision is not None:
            return self.decision.comment_id
        if self.act is None:
            return 0
        if self.act.subject_kind == "comment":
            return self.act.subject_id
        named = self.act.detail.get("comment_id", 0)
        return named if isinstance(named, int) else 0


@dataclass(frozen=True)
class Page:
    """Some entries, the cursor of what follows ("" for nothing), and whether the page ended for
    having looked long enough."""

    entries: list[Entry]
    next: str
    is_cut: bool


Key = tuple[datetime, int, int]


def page(session: Session, reach: Reach, wanted: Wanted, cursor: str = "", limit: int = 50) -> Page:
    """The next entries of what somebody may see, in a fixed number of queries.

    Raises Invalid for a cursor of something else.
    """
    before = _key_of(cursor) if cursor else None
    keys: list[Key] = []
    ends: list[Key] = []
    for source in wanted.sources(Source):
        found, end = _newest(session, source, reach, wanted, before, limit + 1)
        keys += found
        ends += [end] if end else []
    # Behind the place up to which one table was looked through, nothing is known of the order.
    reached = max(ends, default=None)
    keys = sorted((key for key in keys if reached is None or key >= reached), reverse=True)
    shown = keys[:limit]
    following = shown[-1] if len(keys) > limit else reached
    entries = _loaded(session, shown)
    is_cut = following is not None and len(keys) <= limit
    return Page(entries, _cursor_of(following) if following else "", is_cut)


def _newest(
    session: Session,
    source: Source,
    reach: Reach,
    wanted: Wanted,
    before: Key | None,
    limit: int,
) -> tuple[list[Key], Key | None]:
    """The keys of the newest entries of one table, and where looking ended if it did early."""
    table, rank = _TABLES[source], _RANK[source]
    conditions = log_filters.clauses(source, table, wanted)
    hidden = log_filters.visible(source, table, reach)
    size = WINDOW if conditions or hidden else limit
    sites = [*reach.site_ids, *([NO_SITE] if source is Source.AUDIT else [])]
    parts = []
    for site_id in sites:
        part = select(table.id, table.created_at).where(table.site_id == site_id)
        part = part.where(*log_filters.period(table, wanted), *_after(table, rank, before))
        part = part.where(*log_filters.narrowed(source, wanted))
        part = part.order_by(table.created_at.desc(), table.id.desc()).limit(size)
        # SQLite wants a select around what is ordered within a union.
        parts.append(select(part.subquery()))
    window = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    query = select(table.created_at, table.id).join(window, window.c.id == table.id)
    query = query.where(*conditions, *hidden)
    query = query.order_by(table.created_at.desc(), table.id.desc()).limit(limit)
    keys = [(at, -rank, number) for at, number in session.execute(query)]
    # Where nothing is left out, the newest of each site are among the newest of all.
    if len(keys) == size and not (conditions or hidden):
        return keys, None
    return keys, _end(session, parts, size, rank)


def _end(session: Session, parts: Sequence[Any], size: int, rank: int) -> Key | None:
    """The last row of the window that ended first; None where all were looked at to the end."""
    lasts = [
        select(last.c.created_at, last.c.id).select_from(last)
        for last in (_last(part, size) for part in parts)
    ]
    rows = session.execute(union_all(*lasts) if len(lasts) > 1 else lasts[0]).all()
    return max(((at, -rank, number) for at, number in rows), default=None)


def _last(part: Any, size: int) -> Any:
    inner = part.subquery()
    query = select(inner.c.created_at, inner.c.id)
    return query.order_by(inner.c.created_at.desc(), inner.c.id.desc()).offset(size - 1).subquery()


def _after(table: Any, rank: int, before: Key | None) -> list[ColumnElement[bool]]:
    """What comes after a key in the list, that is, what is older."""
    if before is None:
        return []
    at, its, number = before
    same = literal(-rank < its) if -rank != its else table.id < number
    moment = literal(at, UtcDateTime())
    # The first bound alone is what the index is searched by.
    return [table.created_at <= moment, or_(table.created_at < moment, and_(same))]


def _loaded(session: Session, keys: Sequence[Key]) -> list[Entry]:
    """Entries with all that belongs to them, in three queries and one for the policies before."""
    loaders: dict[Source, Callable[[Session, list[int]], dict[int, Entry]]] = {
        Source.DECISION: _decisions,
        Source.POLICY: _versions,
        Source.AUDIT: _acts,
    }
    found: dict[tuple[int, int], Entry] = {}
    for source, load in loaders.items():
        rank = _RANK[source]
        numbers = [number for _, its, number in keys if its == -rank]
        loaded = load(session, numbers) if numbers else {}
        found |= {(-rank, number): entry for number, entry in loaded.items()}
    return [found[rank, number] for _, rank, number in keys]


def _decisions(session: Session, numbers: list[int]) -> dict[int, Entry]:
    rows = session.scalars(select(Decision).where(Decision.id.in_(numbers)))
    return {row.id: Entry(Source.DECISION, row.id, *_who(row), decision=row) for row in rows}


def _versions(session: Session, numbers: list[int]) -> dict[int, Entry]:
    rows = session.scalars(select(Policy).where(Policy.id.in_(numbers))).all()
    told = policies.told(session, rows)
    return {row.id: Entry(Source.POLICY, row.id, *_who(row), version=told[row.id]) for row in rows}


def _acts(session: Session, numbers: list[int]) -> dict[int, Entry]:
    rows = session.scalars(select(AuditEntry).where(AuditEntry.id.in_(numbers)))
    return {row.id: Entry(Source.AUDIT, row.id, *_who(row), act=row) for row in rows}


def _who(row: Any) -> tuple[datetime, int, ActorKind, int, str]:
    return row.created_at, row.site_id, row.actor_kind, row.actor_id, row.actor_name


def _cursor_of(key: Key) -> str:
    at, rank, number = key
    raw = json.dumps([(at - _EPOCH) // timedelta(microseconds=1), rank, number]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _key_of(cursor: str) -> Key:
    try:
        read = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment, rank, number = read
        if any(type(one) is not int for one in read) or not 0 <= number < 2**31:
            raise ValueError
        return _EPOCH + timedelta(microseconds=moment), rank, number
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise Invalid("The cursor does not fit this list.", field="cursor") from None


def as_record(entry: Entry, sites: Mapping[int, str]) -> dict[str, Any]:
    """An entry as plain JSON; `sites` are the slugs by number."""
    record: dict[str, Any] = {
        "at": entry.at.isoformat(),
        "kind": entry.source.value,
        "id": entry.id,
        "site": sites.get(entry.site_id, ""),
        "actor_kind": entry.actor_kind.value,
        "actor_id": entry.actor_id,
        "actor": entry.actor_name,
        "comment_id": entry.comment_id,
    }
    if entry.decision is not None:
        one = entry.decision
        return record | {
            "action": "taken back" if one.undoes else one.after.value,
            "before": one.before.value,
            "after": one.after.value,
            "revision": one.revision,
            "reasons": list(one.reasons),
            "note": one.note,
            "policy_version": one.policy_version,
            "undoes": one.undoes,
            "batch_id": one.batch_id,
        }
    if entry.version is not None:
        changed = [[one.name, one.before, one.after] for one in entry.version.changes]
        return record | {
            "action": "policy changed",
            "policy_version": entry.version.number,
            "thread_id": entry.version.thread_id,
            "changes": changed,
            "note": entry.version.note,
        }
    act = entry.act
    assert act is not None  # noqa: S101 (an entry is one of the three)
    subject = {"subject_kind": act.subject_kind, "subject_id": act.subject_id}
    return record | {"action": act.action, **subject, "detail": dict(act.detail)}
