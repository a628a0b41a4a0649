"""The one door to what a site decides for itself: read what stands, change it, read what stood."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, func, select
from sqlalchemy.orm import Session, aliased

from models import Moderation, Policy, Site
from models.policy import WHOLE_SITE
from moderation.decisions import Actor
from moderation.errors import Invalid, StaleVersion, Unchanged
from moderation.values import Values, named_in, values_of

LONGEST_NOTE = 500
# So many entries that came or went are named in one line.
_NAMED = 20
Place = tuple[int, int]  # a site's number, and a thread's or WHOLE_SITE


def begin(session: Session, site: Site, values: Values, actor: Actor) -> None:
    """Write down a new site's first policy; the caller has flushed the site."""
    _add(session, site.id, WHOLE_SITE, site.policy_version, values.as_record(), actor, "")
    session.flush()


def standing(session: Session, site_id: int, thread_id: int = WHOLE_SITE) -> Values:
    """What stands for a site, or for one of its threads."""
    return of_places(session, [(site_id, thread_id)])[site_id, thread_id]


def at(session: Session, site_id: int, version: int) -> Values:
    """What stood for a whole site at a version, or what stands now if there never was such."""
    kept = _newest(session, site_id, WHOLE_SITE, Policy.version <= version)
    return values_of(kept) if kept else standing(session, site_id)


def of_places(session: Session, places: Iterable[Place]) -> dict[Place, Values]:
    """What stands for each place, in one query however many there are."""
    wanted = set(places)
    asked = {
        "sites": [site_id for site_id, _ in wanted],
        "threads": [thread_id for _, thread_id in wanted] + [WHOLE_SITE],
    }
    rows = session.execute(_newest_records(), asked)
    records = {(site, thread): kept for site, thread, kept in rows}
    return {
        (site, thread): _read(records[site, WHOLE_SITE], records.get((site, thread), _NOTHING))
        for site, thread in wanted
    }


_NOTHING = "{}"


@cache
def _newest_records() -> Select[*tuple[Any, ...]]:
    newest = (
        select(func.max(Policy.id))
        .where(
            Policy.site_id.in_(bindparam("sites", expanding=True)),
            Policy.thread_id.in_(bindparam("threads", expanding=True)),
        )
        .group_by(Policy.site_id, Policy.thread_id)
    )
    written = cast(Policy.values, Text)
    return select(Policy.site_id, Policy.thread_id, written).where(Policy.id.in_(newest))


@lru_cache(maxsize=64)
def _read(of_site: str, of_thread: str) -> Values:
    """What two records say, as they are written in the database: every comment asks, and to read
    lists of thousands of words takes longer than to judge it."""
    whole = values_of(json.loads(of_site))
    # A whole site's record is read under nothing but what Parley decides.
    return whole if of_thread in (of_site, _NOTHING) else values_of(json.loads(of_thread), whole)


def moderation(session: Session, site_id: int, thread_id: int = WHOLE_SITE) -> Moderation:
    """When a person looks, of a site or one of its threads; without reading whole word lists."""
    asked = {"site": site_id, "thread": thread_id}
    # A thread that decides nothing about it has none.
    rows = session.connection().execute(_modes(), asked).all()
    found: dict[int, str] = {row[0]: row[1] for row in rows}
    return Moderation(found.get(thread_id) or found[WHOLE_SITE])


def of_reports(session: Session, site_ids: Sequence[int]) -> dict[Place, float]:
    """From which weight of its reports a comment waits, of each place that says so; one query."""
    newest = (
        select(func.max(Policy.id))
        .where(Policy.site_id.in_(site_ids))
        .group_by(Policy.site_id, Policy.thread_id)
    )
    weights = select(Policy.site_id, Policy.thread_id, Policy.values["reports_from"].as_float())
    rows = session.execute(weights.where(Policy.id.in_(newest)))
    return {(site, thread): weight for site, thread, weight in rows if weight is not None}


# Made once: every page of a thread that changed asks it.
@cache
def _modes() -> Select[*tuple[Any, ...]]:
    here = Policy.thread_id.in_([WHOLE_SITE, bindparam("thread", type_=Policy.thread_id.type)])
    newest = (
        select(func.max(Policy.id))
        .where(Policy.site_id == bindparam("site"), here)
        .group_by(Policy.thread_id)
    )
    mode = Policy.values["moderation"].as_string()
    return select(Policy.thread_id, mode).where(Policy.id.in_(newest))


def own_of_thread(session: Session, site_id: int, thread_id: int) -> dict[str, Any]:
    """What a thread decides otherwise than its site, as a record; {} for nothing."""
    return _newest(session, site_id, thread_id)


def change(
    session: Session,
    site: Site,
    changes: Mapping[str, Any],
    actor: Actor,
    *,
    thread_id: int = WHOLE_SITE,
    version: int | None = None,
    note: str = "",
) -> int:
    """Change some of what stands and answer the new version; the caller commits.

    `changes` is a record as `values_of` reads it: thresholds and rules are changed one by one. For
    a thread it is all that this thread decides otherwise; {} gives it back to its site. `version`
    is the one that the caller saw. Raises Invalid, Unchanged where nothing would change, and
    StaleVersion when somebody was faster.
    """
    # Whoever changes it waits here for the one before, and builds on what that one made.
    session.refresh(site, with_for_update=True)
    if version is not None and version != site.policy_version:
        raise StaleVersion("Somebody changed the policy since you opened it. Look at it again.")
    if len(note) > LONGEST_NOTE:
        raise Invalid(f"A note has at most {LONGEST_NOTE} characters.", field="note")
    now = standing(session, site.id)
    if thread_id == WHOLE_SITE:
        record = values_of(changes, now).as_record()
        if record == now.as_record():
            raise Unchanged("Everything stands like this already.")
    else:
        record = named_in(changes, values_of(changes, now))
        if record == own_of_thread(session, site.id, thread_id):
            raise Unchanged("Everything stands like this already.")
    site.policy_version += 1
    _add(session, site.id, thread_id, site.policy_version, record, actor, note)
    session.flush()
    return site.policy_version


@dataclass(frozen=True)
class Version:
    """One change: its number, when and by whom, of which thread (0: the site), and what it did."""

    number: int
    at: datetime
    who: str
    thread_id: int
    note: str
    changes: tuple[Change, ...]

    @property
    def what(self) -> str:
        """All changes in one line."""
        return "; ".join(map(str, self.changes))


@dataclass(frozen=True)
class Change:
    """One value, by its name in the record, as it was and as it became; "" for not there.

    Of a list these are its lengths; `gone` and `come` are the entries that make the difference.
    """

    name: str
    before: str
    after: str
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not (self.gone or self.come):
            return f"{self.name}: {self.before} → {self.after}"
        signed = [f"−{one}" for one in self.gone] + [f"+{one}" for one in self.come]
        return f"{self.name}: {', '.join(signed[:_NAMED])}{' …' if signed[_NAMED:] else ''}"


def changes(
    session: Session, site_id: int, before: int | None = None, limit: int = 50
) -> list[Version]:
    """The versions of a site's policy, newest first; `before` is the last number seen."""
    query = select(Policy).where(Policy.site_id == site_id).order_by(Policy.version.desc())
    if before:
        query = query.where(Policy.version < before)
    rows = session.scalars(query.limit(limit)).all()
    versions = told(session, rows)
    return [versions[row.id] for row in rows]


def told(session: Session, rows: Sequence[Policy]) -> dict[int, Version]:
    """What some versions changed, by the numbers of their rows; in two queries, however many."""
    earlier = aliased(Policy)
    before = (
        select(func.max(earlier.id))
        .where(
            earlier.site_id == Policy.site_id,
            earlier.thread_id == Policy.thread_id,
            earlier.version < Policy.version,
        )
        .scalar_subquery()
    )
    pairs = select(Policy.id, before.label("before")).where(Policy.id.in_([row.id for row in rows]))
    found = pairs.subquery()
    kept = select(found.c.id, Policy.values).join(Policy, Policy.id == found.c.before)
    records = {row[0]: row[1] for row in session.execute(kept)}
    return {row.id: _version(row, records.get(row.id, {})) for row in rows}


def _version(row: Policy, earlier: Mapping[str, Any]) -> Version:
    if earlier and row.thread_id == WHOLE_SITE:
        # What a site could not decide yet stood as is usual.
        earlier = Values().as_record() | dict(earlier)
    was, now = _flat(earlier), _flat(row.values)
    changed = [
        _change(name, earlier.get(name), row.values.get(name), was.get(name, ""), now.get(name, ""))
        for name in dict.fromkeys([*was, *now])
        if was.get(name, "") != now.get(name, "")
    ]
    return Version(
        row.version, row.created_at, row.actor_name, row.thread_id, row.note, tuple(changed)
    )


def _change(name: str, was: Any, now: Any, before: str, after: str) -> Change:
    if not isinstance(was or now, list):
        return Change(name, before, after)
    old, new = [dict.fromkeys(map(_entry, one or [])) for one in (was, now)]
    gone = tuple(one for one in old if one not in new)
    come = tuple(one for one in new if one not in old)
    return Change(name, before, after, gone, come)


def _entry(one: Any) -> str:
    """A word or domain as it is; of a reason the name at the desk."""
    return str(one[1]) if isinstance(one, list) else str(one)


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    """A record's values in words, each under its own name; of a list how long it is."""
    found: dict[str, str] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            found |= {f"{name}.{key}": " ".join(map(str, one)) for key, one in value.items()}
        elif isinstance(value, list):
            digest = hashlib.sha256(repr(value).encode()).hexdigest()[:8]
            found[name] = f"{len(value)} ({digest})"
        else:
            found[name] = str(value)
    return found


def _newest(
    session: Session, site_id: int, thread_id: int, *conditions: ColumnElement[bool]
) -> dict[str, Any]:
    """The last record of a place that meets the conditions; {} where there is none."""
    query = select(Policy.values).where(
        Policy.site_id == site_id, Policy.thread_id == thread_id, *conditions
    )
    return dict(session.scalar(query.order_by(Policy.version.desc()).limit(1)) or {})


def _add(
    session: Session,
    site_id: int,
    thread_id: int,
    version: int,
    record: Mapping[str, Any],
    actor: Actor,
    note: str,
) -> None:
    session.add(
        Policy(
            site_id=site_id,
            thread_id=thread_id,
            version=version,
            values=dict(record),
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            note=note,
        )
    )
