"""The lines of an export become rows: what is there already is found by its name and left alone.

Lines come in pieces, each of which the caller commits; a run that was cut short is begun again from
the first line and finds what it stored. Sites, threads, batches, sanctions and entries of the audit
log are few beside the comments and people, so each of their lines is looked up by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.transfer.parley import details, shape
from discussion.transfer.parley.finding import Found
from discussion.transfer.parley.names import Names, named_comments
from discussion.transfer.parley.taken import Taken
from discussion.transfer.parley.taking_comments import (
    Brought,
    Key,
    References,
    depths,
    link_sanctions,
    named_in,
    read,
    store,
)
from discussion.transfer.parley.taking_people import People
from discussion.transfer.parley.taking_sites import Sites
from discussion.transfer.pieces import pieces
from models import (
    ArticlePoint,
    AuditEntry,
    Batch,
    Sanction,
)
from models.audit import NO_SITE
from models.thread import change
from moderation.errors import Invalid, ParleyError

Line = Mapping[str, Any]


class Taking:
    """One file. `into` is the slug of the site that takes the place of the file's only one."""

    def __init__(self, into: str = "") -> None:
        self._into = into
        self._names: Names
        self._header: Line = {}
        self._sites = Sites(into)
        self._people = People()
        self._acts: set[tuple[int, datetime, str, str, int]] = set()
        # By their number in the file.
        self._batches: dict[int, int] = {}
        self._sanctions: dict[int, int] = {}
        self.taken = Taken()

    def begin(self, session: Session, place: str, line: Line) -> None:
        """Read the first line. Raises Invalid for what is no export, or for one that is newer."""
        if line.get("type") != "header" or line.get("format") != shape.FORMAT:
            raise Invalid(f"{place}: this is no export of Parley's.", field="format")
        if line.get("version") != shape.VERSION:
            raise Invalid(
                f"{place}: the export is of version {line.get('version')!r}, and this Parley reads "
                f"{shape.VERSION}. Install a newer one.",
                field="version",
            )
        sites = line.get("sites", [])
        if self._into and len(sites) != 1:
            raise Invalid(
                f"The export holds {len(sites)} sites; --site names one. Leave it out, or export "
                "one site alone.",
                field="sites",
            )
        self._header = line
        self._names = Names(session)

    def take(self, session: Session, piece: Sequence[tuple[str, Line]]) -> None:
        """Store what some lines say, each with its place in the file; the caller commits."""
        for kind, lines in groupby(piece, key=lambda one: str(one[1].get("type"))):
            some = list(lines)
            self.taken.read += len(some)
            if kind in ("comment", "account"):
                take = self._comments if kind == "comment" else self._accounts
                take(session, some)
                continue
            if kind == "audit":
                self._look_up_acts(session, some)
            handler = self._handlers().get(kind)
            for place, line in some:
                # What is looked up is never what waits to be written here.
                with self._noting(kind, place), session.no_autoflush, _as_one(session, kind):
                    if handler is None:
                        raise Invalid(f"This is no kind of line: {kind[:40]!r}.", field="type")
                    handler(session, line)
            session.flush()

    @contextmanager
    def _noting(self, kind: str, place: str) -> Iterator[None]:
        """Have what is wrong with a line noted down instead of raised."""
        try:
            yield
        except ParleyError as error:
            self.taken.skip(kind, place, error.message)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.taken.skip(kind, place, "Something in it is of another kind than it has to be.")

    def _handlers(self) -> dict[str, Callable[[Session, Line], None]]:
        return {
            "site": self._site,
            "thread": self._thread,
            "batch": self._batch,
            "sanction": self._sanction,
            "audit": self._audit,
            "end": self._end,
        }

    def _note(self, kind: str, is_new: bool) -> None:
        (self.taken.new if is_new else self.taken.there)[kind] += 1

    def _accounts(self, session: Session, lines: Sequence[tuple[str, Line]]) -> None:
        read = []
        for place, line in lines:
            with self._noting("account", place):
                read.append(self._people.read(line))
        made = self._people.take(session, self._names, read)
        self.taken.new.update({"account": made} if made else {})
        self.taken.there.update({"account": len(read) - made} if len(read) > made else {})

    def _person(self, session: Session, name: Any) -> int:
        return self._people.find(session, self._names, name)

    def _site(self, session: Session, line: Line) -> None:
        is_new = self._sites.take(session, line, self._person)
        self._note("site", is_new)

    def _thread(self, session: Session, line: Line) -> None:
        site = self._sites.of(session, line)
        number, is_new = self._sites.thread(session, site, line)
        self._note("thread", is_new)
        given = 0
        for one in shape.objects(line, "points"):
            person = self._person(session, one.get("account"))
            if person and session.get(ArticlePoint, (number, person)) is None:
                at = shape.moment("created_at", one.get("created_at"))
                session.add(ArticlePoint(thread_id=number, account_id=person, created_at=at))
                given += 1
        if given:
            session.flush()
            change(session, number, points=given)

    def _batch(self, session: Session, line: Line) -> None:
        site, row = self._sites.of(session, line), shape.BATCH.row(line)
        same = select(Batch.id).where(
            Batch.site_id == site.id,
            Batch.created_at == row["created_at"],
            Batch.actor_name == row["actor_name"],
        )
        found = session.scalar(same)
        if found is None:
            wanted = dict(row["criteria"].get("filter", {}))
            if wanted.get("author_id"):
                wanted["author_id"] = self._person(session, wanted["author_id"])
            if wanted.get("thread_id"):
                wanted["thread_id"] = self._sites.number(session, site, wanted["thread_id"])
            row["criteria"] = {**row["criteria"], "filter": wanted}
            # What is under way is not gone on with: it was about the comments of there and then.
            batch = Batch(
                site_id=site.id, actor_id=self._person(session, line.get("actor")), newest=0, **row
            )
            session.add(batch)
            session.flush()
            found = batch.id
            self._note("batch", True)
        else:
            self._note("batch", False)
        self._batches[_number(line)] = found

    def _sanction(self, session: Session, line: Line) -> None:
        site, row = self._sites.of(session, line), shape.SANCTION.row(line)
        person = self._person(session, line.get("account"))
        if not person:
            raise Invalid("Whom it is about is nowhere in the file before it.", field="account")
        same = select(Sanction.id).where(
            Sanction.site_id == site.id,
            Sanction.account_id == person,
            Sanction.kind == row["kind"],
            Sanction.created_at == row["created_at"],
        )
        found = session.scalar(same)
        self._note("sanction", found is None)
        if found is None:
            actor = self._person(session, line.get("actor"))
            sanction = Sanction(site_id=site.id, account_id=person, actor_id=actor, **row)
            session.add(sanction)
            session.flush()
            found = sanction.id
        self._sanctions[_number(line)] = found

    def _audit(self, session: Session, line: Line) -> None:
        row = shape.AUDIT.row(line)
        site_id = self._sites.of(session, line).id if "site" in line else NO_SITE
        called = Found(
            session, site_id, partial(self._person, session), self._names, self._sites,
            self._batches, self._sanctions,
        )  # fmt: skip
        number, detail = details.found(
            session, row["subject_kind"], line.get("subject"), row["detail"], called
        )
        key = (site_id, row["created_at"], row["action"], row["actor_name"], number)
        is_new = key not in self._acts
        self._note("audit", is_new)
        if is_new:
            self._acts.add(key)
            actor = self._person(session, line.get("actor"))
            more = {"site_id": site_id, "subject_id": number, "actor_id": actor, "detail": detail}
            session.add(AuditEntry(**(row | more)))

    def _look_up_acts(self, session: Session, lines: Sequence[tuple[str, Line]]) -> None:
        """Which of the entries of some lines are there, by when and by whom they were made.

        What did not travel along has another number here, or none: such an entry is known without.
        """
        times = set()
        for _, line in lines:
            with suppress(ParleyError):
                times.add(shape.moment("created_at", line.get("created_at")))
        self._acts.clear()
        for some in pieces(sorted(times)):
            query = select(AuditEntry).where(AuditEntry.created_at.in_(some))
            for row in session.scalars(query):
                key = (row.site_id, row.created_at, row.action, row.actor_name)
                self._acts |= {(*key, row.subject_id), (*key, 0)}

    def _end(self, session: Session, line: Line) -> None:
        self.taken.is_ended = True

    def _comments(self, session: Session, lines: Sequence[tuple[str, Line]]) -> None:
        there = self._look_up_comments(session, lines)
        references: dict[str, References] = {}
        brought: list[Brought] = []
        for place, line in lines:
            with self._noting("comment", place):
                slug = str(line.get("site"))
                of = references.get(slug) or self._references(session, line, there)
                references[slug] = of
                key = (of.site.id, str(line.get("id")))
                if key in there:
                    self.taken.there["comment"] += 1
                    continue
                brought.append(read(place, line, of))
        once = list({one.key: one for one in reversed(brought)}.values())[::-1]
        self.taken.there.update({"comment": len(brought) - len(once)} if once != brought else {})
        brought = once
        stored, refused = store(session, brought, depths(session, there))
        for place, reason in refused.items():
            self.taken.skip("comment", place, reason)
        self.taken.new.update({"comment": len(stored)} if stored else {})
        for one in brought:
            if one.key in stored:
                self.taken.comments[one.history.comment["status"]] += 1
        if brought:
            link_sanctions(session, stored, brought, next(iter(references.values())))

    def _look_up_comments(
        self, session: Session, lines: Sequence[tuple[str, Line]]
    ) -> dict[Key, int]:
        """Those that are there of all that some lines name: themselves, parents, evidence."""
        called: dict[str, set[str]] = {}
        for _, line in lines:
            called.setdefault(str(line.get("site")), set()).update(named_in(line))
        there: dict[Key, int] = {}
        for slug, names in called.items():
            with suppress(ParleyError):
                site = self._sites.of(session, {"site": slug})
                found = named_comments(session, self._names, site.id, names)
                there |= {(site.id, name): number for name, number in found.items()}
        return there

    def _references(self, session: Session, line: Line, there: Mapping[Key, int]) -> References:
        site = self._sites.of(session, line)
        threads: dict[Any, int] = {}

        def thread(identity: Any) -> int:
            if identity not in threads:
                threads[identity] = self._sites.number(session, site, identity)
            return threads[identity]

        return References(
            person=partial(self._person, session),
            thread=thread,
            batch=lambda number: self._batches.get(number, 0),
            sanction=lambda number: self._sanctions.get(number, 0),
            comment=lambda name: there.get((site.id, name), 0),
            site=site,
            has_policies=self._sites.has_policies(site),
        )


@contextmanager
def _as_one(session: Session, kind: str) -> Iterator[None]:
    """All that a line says or nothing, where it makes several rows."""
    if kind in ("site", "thread"):
        with session.begin_nested():
            yield
    else:
        yield


def _number(line: Line) -> int:
    number = line.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        raise Invalid("There is no “number”.", field="number")
    return number
