"""Sanctions below HTTP: which doors they close, how they begin, end and stand beside each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import (
    FOREVER,
    Account,
    AccountKind,
    ActorKind,
    AuditEntry,
    Comment,
    Role,
    Sanction,
    SanctionKind,
    SanctionState,
    SiteRole,
    Status,
    utcnow,
)
from moderation import decisions, sanctions, screening
from moderation.decisions import Actor
from moderation.errors import Invalid, NotFound, Refused
from moderation.sanctions import Door
from moderation.statements import statement
from tests.conftest import WordClassifier

MO = Actor(ActorKind.STAFF, 7, "Mo")
NOW = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)
_WARNING, _MUTE, _HOLD, _BAN = (
    SanctionKind.WARNING, SanctionKind.MUTE, SanctionKind.HOLD, SanctionKind.BAN,
)  # fmt: skip


def made(kind: SanctionKind, state: SanctionState = SanctionState.STANDING, left: float = 1.0):
    """A sanction that is not stored; `left` in hours, for a mute."""
    ends = NOW + timedelta(hours=left) if kind is _MUTE else FOREVER
    return Sanction(kind=kind, state=state, ends_at=ends)


# What stands, and which one keeps each door shut: post, edit, preview, vote, report.
CLOSED = (
    ([], (None, None, None, None, None)),
    ([made(_WARNING)], (_WARNING, _WARNING, None, None, None)),
    ([made(_MUTE)], (_MUTE, _MUTE, _MUTE, None, None)),
    ([made(_HOLD)], (None, None, None, None, None)),
    ([made(_BAN)], (_BAN, _BAN, _BAN, _BAN, _BAN)),
    ([made(_WARNING), made(_MUTE)], (_MUTE, _MUTE, _MUTE, None, None)),
    ([made(_WARNING), made(_MUTE, left=-1)], (_WARNING, _WARNING, None, None, None)),
    ([made(_MUTE), made(_BAN), made(_WARNING)], (_BAN, _BAN, _BAN, _BAN, _BAN)),
    ([made(_BAN, SanctionState.LIFTED), made(_MUTE)], (_MUTE, _MUTE, _MUTE, None, None)),
    ([made(_WARNING, SanctionState.ACKNOWLEDGED)], (None, None, None, None, None)),
    ([made(_MUTE, left=0)], (None, None, None, None, None)),
)


@pytest.mark.parametrize(("stands", "expected"), CLOSED)
def test_which_doors_are_shut(stands, expected):
    found = [sanctions.closing(stands, door, NOW) for door in Door]
    assert [one.kind if one else None for one in found] == list(expected)


def author_of(app: Flask, comment_id: int) -> int:
    """Who wrote a comment."""
    with app.app_context(), reading() as session:
        return session.get_one(Comment, comment_id).author_id


def impose(app: Flask, site: int, author: int, kind: SanctionKind, **more) -> int:
    """Impose a sanction; answers its number."""
    with app.app_context(), writing() as session:
        account = session.get_one(Account, author)
        more = {"until": utcnow() + timedelta(days=1), **more} if kind is _MUTE else more
        return sanctions.impose(session, site, account, kind, "Be kind.", MO, **more)[0].id


def standing(app: Flask, site: int, author: int) -> list[SanctionKind]:
    """What binds an author now."""
    with app.app_context(), reading() as session:
        return [one.kind for one in sanctions.standing(session, site, author)]


def acts(app: Flask) -> list[tuple[str, int]]:
    """What the audit log says of sanctions."""
    with app.app_context(), reading() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(one.action, one.subject_id) for one in rows if one.subject_kind == "sanction"]


def test_a_mute_ends_by_itself_and_uncovers_nothing_milder(app: Flask, site: int, make_comment):
    author = author_of(app, make_comment())
    impose(app, site, author, _WARNING)
    mute = impose(app, site, author, _MUTE, until=utcnow() + timedelta(hours=1))
    assert standing(app, site, author) == [_MUTE, _WARNING]
    with time_machine.travel(utcnow() + timedelta(minutes=61), tick=False):
        assert standing(app, site, author) == [_WARNING]
        with (
            app.app_context(),
            writing() as session,
            pytest.raises(Refused, match="ended by itself"),
        ):
            sanctions.lift(session, session.get_one(Sanction, mute), MO)


def test_the_same_kind_again_takes_the_place_of_the_first(app: Flask, site: int, make_comment):
    author = author_of(app, make_comment())
    first = impose(app, site, author, _MUTE)
    hold = impose(app, site, author, _HOLD)
    with app.app_context(), writing() as session:
        account = session.get_one(Account, author)
        until = utcnow() + timedelta(days=7)
        again, replaced = sanctions.impose(
            session, site, account, _MUTE, "Longer.", MO, until=until
        )
        assert replaced is not None
        assert replaced.id == first
        second = again.id
    assert standing(app, site, author) == [_HOLD, _MUTE]
    assert acts(app) == [
        ("sanction imposed", first),
        ("sanction imposed", hold),
        ("sanction imposed", second),
        ("sanction replaced", first),
    ]
    with app.app_context(), writing() as session, pytest.raises(Refused, match="replaced already"):
        sanctions.lift(session, session.get_one(Sanction, first), MO)


def test_a_lifted_one_binds_no_more_and_is_not_lifted_twice(app: Flask, site: int, make_comment):
    author = author_of(app, make_comment())
    ban = impose(app, site, author, _BAN)
    with app.app_context(), writing() as session:
        sanctions.lift(session, session.get_one(Sanction, ban), MO)
    assert standing(app, site, author) == []
    with app.app_context(), writing() as session, pytest.raises(Refused):
        sanctions.lift(session, session.get_one(Sanction, ban), MO)
    assert acts(app) == [("sanction imposed", ban), ("sanction lifted", ban)]


def test_a_warning_is_acknowledged_once_and_by_its_author(app: Flask, site: int, make_comment):
    author, other = author_of(app, make_comment()), author_of(app, make_comment())
    warning = impose(app, site, author, _WARNING)
    for _ in range(2):
        with app.app_context(), writing() as session:
            sanctions.acknowledge(session, warning, session.get_one(Account, author))
    assert standing(app, site, author) == []
    assert acts(app) == [("sanction imposed", warning), ("warning acknowledged", warning)]
    ban = impose(app, site, author, _BAN)
    with app.app_context(), writing() as session:
        with pytest.raises(NotFound):
            sanctions.acknowledge(session, warning, session.get_one(Account, other))
        with pytest.raises(Refused):
            sanctions.acknowledge(session, ban, session.get_one(Account, author))
    assert standing(app, site, author) == [_BAN]


@pytest.mark.parametrize(
    ("kind", "told", "hours", "wrong"),
    [
        (_WARNING, "  ", 0, "told"),
        (_WARNING, "x" * 1001, 0, "told"),
        (_WARNING, "nul \x00", 0, "told"),
        (_MUTE, "Why", 0, "until"),
        (_MUTE, "Why", -1, "until"),
        (_BAN, "Why", 1, "until"),
    ],
)
def test_what_is_not_imposed(app: Flask, site: int, make_comment, kind, told, hours, wrong):
    author = author_of(app, make_comment())
    until = utcnow() + timedelta(hours=hours) if hours else FOREVER
    with app.app_context(), writing() as session:
        account = session.get_one(Account, author)
        with pytest.raises(Invalid) as refused:
            sanctions.impose(session, site, account, kind, told, MO, until=until)
        assert refused.value.field == wrong
    assert standing(app, site, author) == []


def test_on_whom_it_is_not_imposed(app: Flask, site: int, other_site: int, make_comment):
    mine, theirs = make_comment(), make_comment()
    author, staff = author_of(app, mine), author_of(app, theirs)
    with app.app_context(), writing() as session:
        held = session.get_one(Account, staff)
        held.kind = AccountKind.STAFF
        held.site_roles = [SiteRole(site_id=other_site, role=Role.MODERATOR)]
    with app.app_context(), writing() as session:
        account = session.get_one(Account, author)
        with pytest.raises(NotFound):
            sanctions.impose(session, other_site, account, _BAN, "No.", MO)
        with pytest.raises(NotFound):
            sanctions.impose(session, site, account, _BAN, "No.", MO, comment_id=theirs)
        with pytest.raises(Refused, match="staff"):
            sanctions.impose(session, site, session.get_one(Account, staff), _BAN, "No.", MO)
    assert acts(app) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (_WARNING, Status.PUBLISHED),
        (_MUTE, Status.PUBLISHED),
        (_HOLD, Status.HELD),
        (_BAN, Status.HELD),
    ],
)
def test_what_was_on_its_way_waits_for_a_person(
    app: Flask,
    site: int,
    make_comment: Callable[..., int],
    classifier: WordClassifier,
    kind,
    expected,
):
    older, late = make_comment("All is well."), make_comment("So it is.")
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, late)
        comment.author_id = session.get_one(Comment, older).author_id
        decisions.decide(session, comment, Status.UNSCORED, Actor.author(comment.author))
    number = impose(app, site, author_of(app, older), kind)
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, late)
        screening.screen(session, comment, classifier.score([comment.text])[0], comment.revision)
        assert comment.status is expected
        earlier = session.get_one(Comment, older)
        found = screening.find_signals(session, earlier, classifier.score([earlier.text])[0])
        # What was judged before stays judged when a newer model scores it.
        assert "sanctioned" not in {one.kind for one in found.signals}
        comment.edited_at = utcnow() + timedelta(seconds=1)
        now = screening.find_signals(session, comment, classifier.score([comment.text])[0]).signals
        held_by = [dict(one.evidence) for one in now if one.kind == "sanctioned"]
        assert held_by == ([] if expected is Status.PUBLISHED else [{"sanction": number}])


def test_the_statement_says_all_that_it_has_to(app: Flask, site: int, make_comment):
    author = author_of(app, make_comment())
    number = impose(app, site, author, _MUTE, until=utcnow() + timedelta(hours=1))
    with app.app_context(), reading() as session:
        said = statement(session.get_one(Sanction, number))
    assert said.kind == "mute"
    assert said.told == "Be kind."
    assert said.until is not None
    assert f"{said.until:%H:%M} UTC" in said.effect
    assert not said.automated
    assert "Mo" not in str(said.as_record())
    assert said.scope
    assert "write to the people who run this site" in said.objection
    program = Sanction(
        kind=_BAN, told="x", actor_kind=ActorKind.API_KEY, ends_at=FOREVER, created_at=NOW
    )
    assert statement(program).automated
    assert statement(program).until is None
