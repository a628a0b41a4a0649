"""The browsers that are signed in: named, listed, ended, and forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from jobs import upkeep
from jobs.transactions import reading, writing
from models import Role, StaffSession, utcnow
from moderation import staff_sessions
from tests.web.console.me_security.conftest import (
    ME,
    QUEUE,
    Staff,
    is_in,
    post,
    row_of,
    said,
    sign_in,
)
from web.console.browsers import described


def test_a_browser_is_written_down_and_named(app: Flask, person: int) -> None:
    client = app.test_client()
    chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
    client.environ_base["HTTP_USER_AGENT"] = chrome
    sign_in(client)
    page = client.get(ME).text
    assert "Chrome on Windows" in page
    assert "this one" in page
    with app.app_context(), reading() as session:
        stored = session.scalars(select(StaffSession.digest)).one()
    with client.session_transaction() as kept:
        assert stored == staff_sessions.digest_of(kept["desk"])


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "A browser that does not say which"),
        ("<script>", "A browser that does not say which"),
    ],
)  # fmt: skip
def test_browsers_by_their_names(agent: str, name: str) -> None:
    assert described(agent) == name


def test_one_browser_ends_another(app: Flask, desk: FlaskClient) -> None:
    other = app.test_client()
    sign_in(other)
    with app.app_context(), reading() as session:
        numbers = list(session.scalars(select(StaffSession.id).order_by(StaffSession.id)))
    assert (is_in(desk), is_in(other)) == (True, True)
    post(desk, f"{ME}/sessions/{numbers[1]}/end")
    assert (is_in(desk), is_in(other)) == (True, False)
    assert said(desk) == "That browser is signed out."


def test_all_others_end(app: Flask, desk: FlaskClient) -> None:
    others = [app.test_client() for _ in range(2)]
    for one in others:
        sign_in(one)
    post(desk, f"{ME}/sessions/end-others")
    assert [is_in(one) for one in (desk, *others)] == [True, False, False]
    assert said(desk) == "2 other browsers are signed out."


def test_nobody_ends_somebody_elses(
    app: Flask, desk: FlaskClient, site: int, make_staff: Staff
) -> None:
    stranger = make_staff("eve@example.org", Role.ADMIN, site)
    with app.app_context(), writing() as session:
        theirs = staff_sessions.begin(session, stranger, "secret", "Safari").id
    assert post(desk, f"{ME}/sessions/{theirs}/end").status_code == 404
    with app.app_context(), reading() as session:
        assert not session.get_one(StaffSession, theirs).ended


def test_signing_out_ends_the_row_so_that_an_old_cookie_is_worth_nothing(
    app: Flask, desk: FlaskClient
) -> None:
    with desk.session_transaction() as kept:
        stolen = dict(kept)
    post(desk, "/console/sign-out")
    thief = app.test_client()
    with thief.session_transaction() as kept:
        kept.update(stolen)
    assert not is_in(thief)


def test_a_cookie_without_its_secret_opens_nothing(app: Flask, person: int) -> None:
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update(_user_id=row_of(app, person).fs_uniquifier, _fresh=True)
    assert not is_in(client)


@pytest.mark.parametrize(
    ("column", "ago", "open_"),
    [
        ("last_seen_at", staff_sessions.IDLE - timedelta(minutes=1), True),
        ("last_seen_at", staff_sessions.IDLE + timedelta(minutes=1), False),
        ("created_at", staff_sessions.LONGEST - timedelta(minutes=1), True),
        ("created_at", staff_sessions.LONGEST + timedelta(minutes=1), False),
    ],
)
def test_sessions_die_of_idleness_and_of_age(
    app: Flask, desk: FlaskClient, column: str, ago: timedelta, open_: bool
) -> None:
    with app.app_context(), writing() as session:
        session.execute(update(StaffSession).values({column: utcnow() - ago}))
    assert is_in(desk) is open_
    assert (desk.get("/api/v1/moderation/queue").status_code == 200) is open_


def test_last_seen_is_written_every_few_minutes_only(app: Flask, desk: FlaskClient) -> None:
    def seen(ago: timedelta) -> timedelta:
        with app.app_context(), writing() as session:
            session.execute(update(StaffSession).values(last_seen_at=utcnow() - ago))
        desk.get(QUEUE)
        with app.app_context(), reading() as session:
            return utcnow() - session.scalars(select(StaffSession.last_seen_at)).one()

    assert seen(timedelta(minutes=6)) < timedelta(minutes=1)
    assert seen(timedelta(minutes=4)) > timedelta(minutes=3)


def test_what_ended_long_ago_is_forgotten(app: Flask, person: int) -> None:
    with app.app_context(), writing() as session:
        for days, ended in ((31, True), (31, False), (29, True)):
            row = staff_sessions.begin(session, person, f"{days}{ended}", "Firefox")
            row.last_seen_at, row.ended = utcnow() - timedelta(days=days), ended
        upkeep.forget(session)
    with app.app_context(), reading() as session:
        assert [row.agent for row in session.scalars(select(StaffSession))] == ["Firefox"]
