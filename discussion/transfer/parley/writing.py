"""Everything that some sites hold, as the lines of an export, in the order in which they are read.

First the people, then each site with its policies, its threads, batches and sanctions, then the
comments with all that hangs on them, parents before their replies, then the audit log. Memory stays
bounded by the number of people, at a few bytes for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from discussion.transfer.parley import people, shape
from discussion.transfer.parley.attached import PEOPLE, Attached, Line
from discussion.transfer.parley.details import told
from discussion.transfer.parley.names import Names
from models import (
    Account,
    ArticlePoint,
    AuditEntry,
    Batch,
    Comment,
    Policy,
    Sanction,
    Site,
    SiteOrigin,
    SiteRole,
    Thread,
)
from models.audit import NO_SITE

_PIECE = 500


@dataclass(frozen=True)
class Wanted:
    """Which sites, and of them which threads and which time; nothing named means all of it.

    `since` is included, `until` is not. Where threads or a time are named, sanctions, batches and
    the audit log stay behind: they are of whole sites.
    """

    sites: tuple[int, ...]
    threads: tuple[int, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    is_everything: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the sites is left out."""
        return not self.threads and self.since is None and self.until is None

    def comments(self) -> ColumnElement[bool]:
        """Which comments are meant."""
        asked: list[ColumnElement[bool]] = [Comment.site_id.in_(self.sites)]
        if self.threads:
            asked.append(Comment.thread_id.in_(self.threads))
        if self.since is not None:
            asked.append(Comment.created_at >= self.since)
        if self.until is not None:
            asked.append(Comment.created_at < self.until)
        return and_(*asked)


class Export:
    """The lines of one export; `lines` is read once, in a transaction that sees one moment."""

    def __init__(self, session: Session, names: Names, wanted: Wanted) -> None:
        self._session, self._names, self._wanted = session, names, wanted
        self._people: dict[int, str] = {}
        self._slugs: dict[int, str] = {}
        self._threads: dict[int, str] = {}
        self._batches: dict[int, int] = {}
        self._sanctions: dict[int, int] = {}
        self.comments = 0

    def lines(self) -> Iterator[Line]:
        """Every line, the last of which says how many there were."""
        count = 0
        for line in self._all():
            count += 1
            yield line
        yield {"type": "end", "lines": count, "comments": self.comments}

    def _all(self) -> Iterator[Line]:
        sites = self._session.scalars(
            select(Site).where(Site.id.in_(self._wanted.sites)).order_by(Site.id)
        ).all()
        self._slugs = {site.id: site.slug for site in sites}
        yield {
            "type": "header",
            "format": shape.FORMAT,
            "version": shape.VERSION,
            "sites": list(self._slugs.values()),
            "whole": self._wanted.is_whole,
        }
        yield from self._accounts()
        for site in sites:
            yield self._site(site)
        yield from self._all_threads()
        if self._wanted.is_whole:
            yield from self._all_batches()
            yield from self._all_sanctions()
        yield from self._all_comments()
        if self._wanted.is_whole:
            yield from self._audit_log()

    def _called(self, number: int) -> str | None:
        return self._people.get(number)

    def _accounts(self) -> Iterator[Line]:
        """Everyone who is named further down."""
        last = 0
        everyone = people.named_by(self._wanted).subquery()
        while True:
            rows = self._session.execute(
                select(Account.id, *shape.ACCOUNT.read)
                .where(Account.id.in_(select(everyone.c.id)), Account.id > last)
                .order_by(Account.id)
                .limit(_PIECE)
            ).all()
            if not rows:
                return
            names = self._names.accounts(self._session, [row.id for row in rows])
            self._people |= names
            for row in rows:
                yield {"type": "account", "id": names[row.id]} | shape.ACCOUNT.line(row)
            last = rows[-1].id

    def _site(self, site: Site) -> Line:
        origins = select(SiteOrigin.origin).where(SiteOrigin.site_id == site.id)
        roles = select(SiteRole.account_id, SiteRole.role).where(SiteRole.site_id == site.id)
        return (
            {"type": "site"}
            | shape.SITE.line(site)
            | {
                "origins": list(self._session.scalars(origins.order_by(SiteOrigin.id))),
                "staff": [
                    {"account": self._called(number), "role": role.value}
                    for number, role in self._session.execute(roles.order_by(SiteRole.id))
                ],
                "policies": [self._policy(row) for row in self._policies(site)],
            }
        )

    def _policies(self, site: Site) -> Sequence[Policy]:
        query = select(Policy).where(Policy.site_id == site.id).order_by(Policy.version)
        return self._session.scalars(query).all()

    def _policy(self, row: Policy) -> Line:
        line = shape.POLICY.line(row) | self._actor(row)
        if row.thread_id:
            line["thread"] = self._thread(self._session.get_one(Thread, row.thread_id))
        return line

    def _actor(self, row: Any) -> Line:
        """Who did it, where that is a person of ours."""
        name = self._called(row.actor_id) if row.actor_kind in PEOPLE else None
        return {"actor": name} if name else {}

    def _all_threads(self) -> Iterator[Line]:
        last = 0
        asked = [Thread.site_id.in_(self._wanted.sites)]
        if self._wanted.threads:
            asked.append(Thread.id.in_(self._wanted.threads))
        while True:
            query = select(Thread).where(*asked, Thread.id > last).order_by(Thread.id)
            rows = self._session.scalars(query.limit(_PIECE)).all()
            if not rows:
                return
            points = self._points([row.id for row in rows])
            for row in rows:
                self._threads[row.id] = row.identity
                given = {"points": points[row.id]} if row.id in points else {}
                yield {"type": "thread"} | self._thread(row) | given
            last = rows[-1].id
            self._session.expunge_all()

    def _thread(self, row: Thread) -> Line:
        return {"site": self._slugs[row.site_id]} | shape.THREAD.line(row)

    def _points(self, threads: Sequence[int]) -> dict[int, list[Line]]:
        found: dict[int, list[Line]] = {}
        query = select(ArticlePoint).where(ArticlePoint.thread_id.in_(threads))
        for row in self._session.scalars(
            query.order_by(ArticlePoint.thread_id, ArticlePoint.account_id)
        ):
            found.setdefault(row.thread_id, []).append(
                {"account": self._called(row.account_id), "created_at": shape.plain(row.created_at)}
            )
        return found

    def _all_batches(self) -> Iterator[Line]:
        query = select(Batch).where(Batch.site_id.in_(self._wanted.sites)).order_by(Batch.id)
        for row in self._session.scalars(query):
            self._batches[row.id] = len(self._batches) + 1
            line = shape.BATCH.line(row) | self._actor(row)
            line["criteria"] = self._criteria(row.criteria)
            yield {
                "type": "batch",
                "number": self._batches[row.id],
                "site": self._slugs[row.site_id],
            } | line

    def _criteria(self, criteria: Mapping[str, Any]) -> dict[str, Any]:
        wanted = dict(criteria.get("filter", {}))
        for name, called in (("author_id", self._people), ("thread_id", self._threads)):
            if wanted.get(name):
                wanted[name] = called.get(wanted[name])
        return {**criteria, "filter": wanted}

    def _all_comments(self) -> Iterator[Line]:
        last = 0
        columns = (Comment.id, Comment.site_id, Comment.thread_id, Comment.parent_id)
        more = (*columns, Comment.author_id, *shape.COMMENT.read)
        while True:
            query = select(*more).where(self._wanted.comments(), Comment.id > last)
            rows = self._session.execute(query.order_by(Comment.id).limit(_PIECE)).all()
            if not rows:
                return
            numbers = [row.id for row in rows]
            above = {row.parent_id for row in rows if row.parent_id is not None}
            names = self._names.comments(self._session, {*numbers, *above})
            attached = Attached(
                self._session, numbers, self._called, self._batches, self._sanctions,
                partial(self._names.comments, self._session),
            )  # fmt: skip
            for row in rows:
                yield self._comment(row, names) | attached.of(row.id)
            last = numbers[-1]

    def _comment(self, row: Any, names: Mapping[int, str]) -> Line:
        self.comments += 1
        place = {
            "type": "comment",
            "id": names[row.id],
            "site": self._slugs[row.site_id],
            "thread": self._identity(row.thread_id),
        }
        parent = {"parent": names[row.parent_id]} if row.parent_id is not None else {}
        return place | parent | {"author": self._called(row.author_id)} | shape.COMMENT.line(row)

    def _identity(self, thread_id: int) -> str:
        return self._threads[thread_id]

    def _all_sanctions(self) -> Iterator[Line]:
        query = select(Sanction).where(Sanction.site_id.in_(self._wanted.sites))
        for row in self._session.scalars(query.order_by(Sanction.id)):
            self._sanctions[row.id] = len(self._sanctions) + 1
            yield {
                "type": "sanction",
                "number": self._sanctions[row.id],
                "site": self._slugs[row.site_id],
                "account": self._called(row.account_id),
                **shape.SANCTION.line(row),
                **self._actor(row),
            }

    def _audit_log(self) -> Iterator[Line]:
        places = [*self._wanted.sites, *([NO_SITE] if self._wanted.is_everything else [])]
        last = 0
        while True:
            query = select(AuditEntry).where(AuditEntry.site_id.in_(places), AuditEntry.id > last)
            rows = self._session.scalars(query.order_by(AuditEntry.id).limit(_PIECE)).all()
            if not rows:
                return
            for row in rows:
                site = {"site": self._slugs[row.site_id]} if row.site_id != NO_SITE else {}
                yield {"type": "audit"} | site | self._entry(row)
            last = rows[-1].id
            self._session.expunge_all()

    def _entry(self, row: AuditEntry) -> Line:
        subject, detail = told(self._session, row, self)
        line = shape.AUDIT.line(row) | self._actor(row)
        if detail:
            line["detail"] = detail
        return line | ({"subject": subject} if subject is not None else {})

    # What the entries of the audit log refer to, by their kinds.

    def person(self, number: int) -> str | None:
        """What a person is called who travels along."""
        return self._people.get(number)

    def comment(self, number: int) -> str | None:
        """What a comment is called."""
        return self._names.comments(self._session, [number])[number] if number else None

    def thread(self, number: int) -> str | None:
        """What a thread is called."""
        return self._threads.get(number)

    def batch(self, number: int) -> int | None:
        """The place of a batch among those of the export."""
        return self._batches.get(number)

    def sanction(self, number: int) -> int | None:
        """The place of a sanction among those of the export."""
        return self._sanctions.get(number)
