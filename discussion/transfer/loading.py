"""Stores what was staged: threads, guests, comments with their decisions, and where they came from.

A batch is one transaction of the caller's. Whatever was stored before, by a run that was killed or
by an earlier one, is found by its source and left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from discussion.transfer.bodies import Body
from discussion.transfer.cleaning import clean_name
from discussion.transfer.guests import Guests
from discussion.transfer.places import Place, Places
from discussion.transfer.records import Fate
from discussion.transfer.staging import Staged, StagedThread, Staging, moment
from discussion.votes import wilson
from models import (
    Comment,
    CommentSource,
    Job,
    JobKind,
    Site,
    Status,
    Thread,
    ThreadState,
)
from models.bulk import insert_many
from models.listed import texts_listed
from models.numbering import take_numbers
from models.thread import lock
from moderation import decisions

_AFTER = {
    Fate.PUBLISHED: Status.PUBLISHED,
    Fate.HELD: Status.HELD,
    Fate.REJECTED: Status.REJECTED,
    Fate.DELETED: Status.WITHDRAWN,
}
# What can be scored: a withdrawn comment is its author's.
_JUDGED = (Status.PUBLISHED, Status.HELD, Status.REJECTED)
# Two times that differ by less are one: not every database keeps the last digits.
_SAME = timedelta(milliseconds=1)
# No two clocks on earth are farther apart, and all are so by whole quarters of an hour.
_FARTHEST, _ZONES = timedelta(hours=26), timedelta(minutes=15)


@dataclass
class Tally:
    """What became of the comments, threads and authors of one file."""

    new: Counter[Status] = field(default_factory=Counter)
    there: int = 0
    threads_new: int = 0
    threads_there: int = 0
    without_address: int = 0
    authors_new: int = 0
    notes: Counter[str] = field(default_factory=Counter)


class _Known(NamedTuple):
    """A comment that is stored already."""

    id: int
    thread_id: int
    depth: int


class Loader:
    """Stores the batches of one import, in their order."""

    def __init__(
        self,
        staging: Staging,
        places: Places,
        site_id: int,
        system: str,
        *,
        name_limit: int,
        rescore: bool = False,
    ) -> None:
        self._staging, self._places = staging, places
        self._site_id, self._system = site_id, system
        self._name_limit, self._rescore = name_limit, rescore
        self._guests = Guests(site_id, name_limit)
        # Of the branch at hand: by their `n`, the comments that others of it may answer.
        self._branch: dict[int, _Known] = {}
        self._root = 0
        # Of the batch at hand, by their `n`, those whose number stands for another comment.
        self._taken: set[int] = set()
        self.tally = Tally()

    def store(self, session: Session, batch: Sequence[Staged], bodies: Sequence[Body]) -> None:
        """Store one batch, which is whole or not at all; the caller commits."""
        site = session.get_one(Site, self._site_id)
        known = self._find_stored(session, batch)
        fresh = [(one, body) for one, body in zip(batch, bodies, strict=True) if one.n not in known]
        threads = self._threads(session, _threads_of(fresh))
        authors, made = self._guests.give(session, [one for one, _ in fresh])
        self.tally.authors_new += made
        free = iter(take_numbers(session, Comment, len(fresh)))
        rows, afters = [], []
        for one, body in zip(batch, bodies, strict=True):
            if one.root != self._root:
                self._root, self._branch = one.root, {}
            if one.n in known:
                self._branch[one.n] = known[one.n]
                continue
            row = self._row(one, body, next(free), threads[one.thread.n], authors[one.n])
            self._branch[one.n] = _Known(row["id"], row["thread_id"], row["depth"])
            rows.append(row)
            afters.append(_after(one, body))
        if rows:
            for thread_id in sorted({row["thread_id"] for row in rows}):
                lock(session, thread_id)
            decisions.admit(session, site, rows, afters, self._system)
            self._remember(session, [one for one, _ in fresh], rows)
            self._owe(session, rows, afters)
        self._count(known, afters)

    def compare(self, session: Session, batch: Sequence[Staged], bodies: Sequence[Body]) -> None:
        """Count what `store` would do, and write nothing."""
        known = self._find_stored(session, batch)
        fresh = [(one, body) for one, body in zip(batch, bodies, strict=True) if one.n not in known]
        places, found = self._look_up_threads(session, _threads_of(fresh))
        for n, place in places.items():
            if n in found:
                self.tally.threads_there += self._staging.first_time([f"thread {found[n]}"])
            else:
                self.tally.threads_new += self._staging.first_time([f"thread {place.identity}"])
        accounts = self._guests.find(session, [one for one, _ in fresh])
        for one, body in fresh:
            self._name(one)
            self._note(one, body)
            if accounts.keys().isdisjoint(one.author_keys):
                is_new = [self._staging.first_time([key]) for key in one.author_keys]
                self.tally.authors_new += all(is_new)
        self._count(known, [_after(one, body) for one, body in fresh])

    def _count(self, known: dict[int, _Known], afters: Iterable[Status]) -> None:
        self.tally.there += len(known)
        self.tally.threads_there += self._staging.first_time(
            {f"thread {one.thread_id}" for one in known.values()}
        )
        self.tally.new.update(afters)

    def _find_stored(self, session: Session, batch: Sequence[Staged]) -> dict[int, _Known]:
        """By their `n`, those that are stored. A number that stands for a comment of another time
        stands for another comment: two blogs count from 1."""
        stored = self._stored(session, [one.key for one in batch])
        found, others = {}, []
        for one in batch:
            its = stored.get(one.key)
            if its is None:
                continue
            if not self._is_same(its, one):
                others.append(one)
            else:
                found[one.n] = _Known(its.id, its.thread_id, its.depth)
        self._taken = {one.n for one in others}
        stored = self._stored(session, [one.other_key for one in others])
        for one in others:
            its = stored.get(one.other_key)
            if its is not None:
                found[one.n] = _Known(its.id, its.thread_id, its.depth)
        return found

    def _is_same(self, stored: Any, one: Staged) -> bool:
        """Whether a stored comment is this one: of one time, or of the same person and of times as
        far from each other as clocks of two places are. Some sources only know their own clock's,
        and how far that is from UTC is told by the comments beside."""
        apart: timedelta = abs(stored.created_at - moment(one.written))
        if apart <= _SAME:
            return True
        name = clean_name(one.name, self._name_limit)[0]
        return apart <= _FARTHEST and apart % _ZONES <= _SAME and name == stored.author_name

    def _stored(self, session: Session, keys: Sequence[str]) -> dict[str, Any]:
        """Of what was imported from the system before, what goes by these keys."""
        columns = (CommentSource.source_id, Comment.id, Comment.thread_id, Comment.depth,
                   Comment.created_at, Comment.author_name)  # fmt: skip
        query = select(*columns).join(Comment, Comment.id == CommentSource.comment_id)
        query = query.where(
            CommentSource.site_id == self._site_id,
            CommentSource.system == self._system,
            CommentSource.source_id.in_(texts_listed(session, keys)),
        )
        return {row.source_id: row for row in session.execute(query)}

    def _threads(self, session: Session, staged: Sequence[StagedThread]) -> dict[int, int]:
        """The numbers of threads by the `n` of what was staged; those that are missing are made."""
        places, found = self._look_up_threads(session, staged)
        missing: dict[str, Place] = {}
        closed: set[str] = set()
        told = {thread.n: thread for thread in staged}
        for n, place in places.items():
            if n not in found:
                missing.setdefault(place.identity, place)
                if told[n].is_closed:
                    closed.add(place.identity)
        made = dict(zip(missing, take_numbers(session, Thread, len(missing)), strict=True))
        insert_many(
            session,
            insert(Thread.__table__),  # type: ignore[arg-type]
            [
                {"id": made[name], "site_id": self._site_id, "identity": name,
                 "url": place.url, "title": place.title,
                 "state": ThreadState.CLOSED if name in closed else ThreadState.OPEN}
                for name, place in missing.items()
            ],
        )  # fmt: skip
        for thread_id in made.values():
            self._staging.first_time([f"thread {thread_id}"])
        self.tally.threads_new += len(made)
        self.tally.threads_there += self._staging.first_time(
            {f"thread {one}" for one in found.values()}
        )
        return {n: found[n] if n in found else made[place.identity] for n, place in places.items()}

    def _look_up_threads(
        self, session: Session, staged: Sequence[StagedThread]
    ) -> tuple[dict[int, Place], dict[int, int]]:
        """Where threads belong, and the numbers of those that are there, each by its `n`."""
        places = {thread.n: self._places.of(thread) for thread in staged}
        untold = {f"untold {place.identity}" for place in places.values() if not place.is_told}
        self.tally.without_address += self._staging.first_time(untold)
        by_name: dict[str, int] = {}
        by_url: dict[str, int] = {}
        names = {name for one in places.values() for name in (one.identity, one.also) if name}
        urls = {one.url for one in places.values()}
        query = select(Thread.id, Thread.identity, Thread.url)
        # Each by its own index.
        for column, wanted in ((Thread.identity, names), (Thread.url, urls)):
            here = column.in_(texts_listed(session, sorted(wanted)))
            rows = session.execute(query.where(Thread.site_id == self._site_id, here))
            for number, name, url in rows:
                by_name[name] = number
                by_url.setdefault(url, number)
        found = {}
        for n, place in places.items():
            # A thread that goes by the publisher's page id is found by the address it began at.
            found[n] = (
                by_name.get(place.also) or by_name.get(place.identity) or by_url.get(place.url, 0)
            )
        return places, {n: number for n, number in found.items() if number}

    def _row(
        self, one: Staged, body: Body, number: int, thread_id: int, author_id: int
    ) -> dict[str, Any]:
        above = self._branch.get(one.parent)
        self._note(one, body)
        written = moment(one.written)
        return {
            "id": number,
            "site_id": self._site_id,
            # A thread that was moved since holds on to what answers there.
            "thread_id": above.thread_id if above else thread_id,
            "parent_id": above.id if above else None,
            "depth": above.depth + 1 if above else 0,
            "author_id": author_id,
            "author_name": self._name(one),
            "text": body.text,
            "html": body.html,
            "created_at": written,
            "edited_at": moment(one.edited) if one.edited else None,
            "up": one.up,
            "down": one.down,
            "imported_up": one.up,
            "imported_down": one.down,
            "best": wilson(one.up, one.down),
        }

    def _name(self, one: Staged) -> str:
        name, is_cut = clean_name(one.name, self._name_limit)
        if is_cut:
            self.tally.notes["whose author's name was cut"] += 1
        return name

    def _note(self, one: Staged, body: Body) -> None:
        if body.is_cleaned:
            self.tally.notes["with characters that cannot be stored, taken out"] += 1
        if not (body.text or body.html) and one.fate is not Fate.DELETED:
            self.tally.notes["without a word that may be shown, stored as deleted"] += 1

    def _remember(
        self, session: Session, staged: Sequence[Staged], rows: Sequence[dict[str, Any]]
    ) -> None:
        insert_many(
            session,
            insert(CommentSource.__table__),  # type: ignore[arg-type]
            [
                {"comment_id": row["id"], "site_id": self._site_id, "system": self._system,
                 "source_id": one.other_key if one.n in self._taken else one.key}
                for one, row in zip(staged, rows, strict=True)
            ],
        )  # fmt: skip

    def _owe(
        self, session: Session, rows: Sequence[dict[str, Any]], afters: Sequence[Status]
    ) -> None:
        """Note that they are to be scored, after everything that readers wait for."""
        jobs = [
            {"kind": JobKind.RESCORE, "comment_id": row["id"], "revision": 1}
            for row, after in zip(rows, afters, strict=True)
            if after in _JUDGED
        ]
        if self._rescore:
            insert_many(session, insert(Job.__table__), jobs)  # type: ignore[arg-type]


def _after(one: Staged, body: Body) -> Status:
    """Where a comment will stand; one whose words are all gone only keeps its place."""
    return _AFTER[one.fate] if body.text or body.html else Status.WITHDRAWN


def _threads_of(fresh: Sequence[tuple[Staged, Body]]) -> list[StagedThread]:
    """Each once, in their order."""
    return list({one.thread.n: one.thread for one, _ in fresh}.values())
