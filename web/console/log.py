"""The page Log: everything that was done, by whomever, searchable, and the same to take away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from threading import BoundedSemaphore
from typing import Any

from flask import Response, json, render_template, request, stream_with_context, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.transfer import sheets
from jobs.transactions import reading
from models import Account, ActorKind, ApiKey, KeyPurpose, SiteRole
from moderation import timeline
from moderation.errors import Invalid
from moderation.log_filters import Act, Reach, Wanted
from moderation.permissions import Action
from web import auth
from web.api.schemas import LARGEST_ID
from web.console import log_words, policy_words
from web.console import sites as which
from web.console.desk import blueprint
from web.errors import problem

_PAGE, _TAKEN = 50, 500
_LONGEST = 100
# Files of the log that are written at one time: each keeps a thread of the server busy.
_AT_ONCE = BoundedSemaphore(2)
_COLUMNS = (
    "at", "kind", "id", "site", "actor_kind", "actor_id", "actor", "action", "comment_id",
    "before", "after", "reasons", "note", "policy_version", "subject_kind", "subject_id", "more",
)  # fmt: skip


@dataclass(frozen=True)
class Typed:
    """The form of the page as it was filled in."""

    site: str = ""
    act: str = ""
    who: str = ""
    comment: str = ""
    author: str = ""
    reason: str = ""
    since: str = ""
    until: str = ""
    words: str = ""

    @property
    def query(self) -> dict[str, Any]:
        """The same for an address."""
        return {name: value for name, value in vars(self).items() if value}

    @property
    def is_plain(self) -> bool:
        """Whether nothing is looked for."""
        return not set(self.query) - {"site"}

    def wanted(self) -> Wanted:
        """What it asks for. Raises Invalid, saying which field cannot be read."""
        kind, number = _actor(self.who)
        try:
            act = Act(self.act)
        except ValueError:
            raise Invalid("Choose a kind of act from the list.", field="act") from None
        until = _day(self.until, "until")
        return Wanted(
            act=act,
            actor_kind=kind,
            actor_id=number,
            comment_id=_number(self.comment, "comment"),
            author_id=_number(self.author, "author"),
            reason=self.reason,
            words=self.words,
            since=_day(self.since, "since"),
            until=until + timedelta(days=1) if until else None,
        )


@blueprint.get("/log")
def show_log() -> Response:
    """Some entries, newest first."""
    typed, wrong, wanted = _typed(), "", Wanted()
    try:
        wanted = typed.wanted()
    except Invalid as error:
        wrong = error.message
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        chosen = which.chosen(sites, typed.site)
        cursor = "" if wrong else request.args.get("cursor", "")
        found = timeline.page(session, _reach(moderator, chosen), wanted, cursor, _PAGE)
        account_id = moderator.account.id if moderator.account else 0
        names = _names(session, log_words.persons(found.entries))
        page = render_template(
            "console/log.html",
            typed=typed,
            wrong=wrong,
            sites=sites,
            page=found,
            cursor=cursor,
            rows=[log_words.row(entry, account_id, names) for entry in found.entries],
            people=_people(session, chosen),
            acts=log_words.ACTS,
            kinds=log_words.KINDS,
            tell=policy_words,
            address=lambda **changes: url_for(".show_log", **{**typed.query, **changes}),
            taken=lambda kind: url_for(f".take_log_{kind}", **typed.query),
        )
    return Response(page, 422 if wrong else 200, mimetype="text/html")


@blueprint.get("/log.jsonl")
def take_log_jsonl() -> Response:
    """All that is looked for, one JSON object a line."""
    lines = (json.dumps(record) + "\n" for record in _records())
    return _file(lines, "application/jsonl", "log.jsonl")


@blueprint.get("/log.csv")
def take_log_csv() -> Response:
    """All that is looked for, as CSV."""
    records = _records()

    def lines() -> Iterator[str]:
        yield sheets.written([_COLUMNS])
        for record in records:
            yield sheets.written([_cells(record)])

    return _file(lines(), "text/csv", "log.csv")


def _records() -> Iterator[dict[str, Any]]:
    """Every entry, read page by page; who asks is looked up before the answer begins."""
    wanted = _typed().wanted()
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        chosen = which.chosen(sites, _typed().site)
        reach = _reach(moderator, chosen)
        slugs = {number: sites[number].slug for number in chosen}

    def read() -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            with reading() as session:
                page = timeline.page(session, reach, wanted, cursor, _TAKEN)
                records = [timeline.as_record(entry, slugs) for entry in page.entries]
            yield from records
            cursor = page.next
            if not cursor:
                return

    return read()


def _cells(record: Mapping[str, Any]) -> list[sheets.Cell]:
    named = {**record, "reasons": ", ".join(record.get("reasons", []))}
    rest = {name: value for name, value in record.items() if name not in _COLUMNS}
    named["more"] = json.dumps(rest) if rest else ""
    return [named.get(name, "") for name in _COLUMNS]


def _file(lines: Iterator[str], kind: str, name: str) -> Response:
    if not _AT_ONCE.acquire(blocking=False):
        return problem(
            429,
            "too-many-requests",
            "Two files of the log are being written already. Try again in a minute.",
            headers={"Retry-After": "60"},
        )
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    turn = ExitStack()
    turn.callback(_AT_ONCE.release)
    answer = Response(stream_with_context(_within(turn, lines)), mimetype=kind, headers=headers)
    # Also where nobody waited for the end of it.
    answer.call_on_close(turn.close)
    return answer


def _within(turn: ExitStack, lines: Iterator[str]) -> Iterator[str]:
    with turn:
        yield from lines


def _reach(moderator: auth.Moderator, chosen: list[int]) -> Reach:
    manages = frozenset(one for one in chosen if moderator.may(Action.MANAGE_STAFF, one))
    return Reach(tuple(chosen), manages, moderator.actor.kind, moderator.actor.id)


def _names(session: Session, numbers: set[int]) -> dict[int, str]:
    """What some accounts are called today; one query."""
    query = select(Account.id, Account.name, Account.email).where(Account.id.in_(numbers))
    return {number: name or email or "" for number, name, email in session.execute(query)}


def _people(session: Session, chosen: list[int]) -> list[tuple[str, str]]:
    """The staff and the programs of some sites, as values and names of the form's list."""
    staff = session.execute(
        select(Account.id, Account.name, Account.email)
        .join(SiteRole, SiteRole.account_id == Account.id)
        .where(SiteRole.site_id.in_(chosen))
        .distinct()
        .order_by(Account.name)
    )
    found = [(f"staff:{number}", name or email or "") for number, name, email in staff]
    keys = session.execute(
        select(ApiKey.id, ApiKey.name)
        .where(ApiKey.site_id.in_(chosen), ApiKey.purpose == KeyPurpose.MODERATION)
        .order_by(ApiKey.name)
    )
    return found + [(f"api-key:{number}", f"{name} (program)") for number, name in keys]


def _typed() -> Typed:
    given = {
        name: request.args.get(name, "").replace("\x00", "").strip()[:_LONGEST]
        for name in vars(Typed())
    }
    return Typed(**given)


def _actor(who: str) -> tuple[ActorKind | None, int]:
    if not who:
        return None, 0
    kind, _, number = who.partition(":")
    if kind not in set(ActorKind) or (number and not number.isdecimal()):
        raise Invalid("Choose who acted from the list.", field="who")
    return ActorKind(kind), min(int(number or 0), LARGEST_ID)


def _number(typed: str, field: str) -> int:
    if not typed:
        return 0
    if not (typed.isdecimal() and 0 < int(typed) <= LARGEST_ID):
        raise Invalid(f"Give the number of the {field}, digits only.", field=field)
    return int(typed)


def _day(typed: str, field: str) -> datetime | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = date.max
    if not 2000 <= day.year <= 9000:
        raise Invalid("Give a day as a date, such as 2026-01-31.", field=field)
    return datetime.combine(day, time(), UTC)
