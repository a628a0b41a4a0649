"""How a person's own sign-in is changed: sessions, password, app, recovery codes, freshness."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from time_machine import travel
from werkzeug.test import TestResponse

from jobs import upkeep
from jobs.transactions import reading, writing
from models import Account, AuditEntry, Role, StaffSession, db, utcnow
from moderation import staff_sessions
from tests.conftest import PASSWORD
from web.console import accounts
from web.console.browsers import described

ME, QUEUE = "/console/me", "/console/"
MAIL = "mo@example.org"
Staff = Callable[..., int]


def token(page: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found
    return found[1]


def post(client: FlaskClient, path: str, page: str = ME, **fields: str) -> TestResponse:
    """Send a form with the token of a page."""
    sent = fields | {"csrf_token": token(client.get(page).text)}
    return client.post(path, data=sent)


def sign_in(client: FlaskClient, password: str = PASSWORD) -> TestResponse:
    """Send the sign-in page's form."""
    return post(client, "/console/sign-in", "/console/sign-in", email=MAIL, password=password)


def said(client: FlaskClient) -> str:
    """What the settings say after an act."""
    found = re.search(r'class="note-line[^>]*>.*?<span>(.*?)</span>', client.get(ME).text, re.S)
    return html.unescape(found[1]) if found else ""


@pytest.fixture
def person(app: Flask, site: int, make_staff: Staff) -> int:
    """A moderator; the number."""
    return make_staff(MAIL, Role.MODERATOR, site)


@pytest.fixture
def desk(app: Flask, person: int) -> FlaskClient:
    """Their browser, signed in with the password."""
    client = app.test_client()
    assert sign_in(client).location == QUEUE
    return client


def is_in(client: FlaskClient) -> bool:
    """Whether the desk is open to a browser."""
    return client.get(QUEUE).status_code == 200


def row_of(app: Flask, number: int) -> Account:
    """An account's row."""
    with app.app_context():
        return db.session().get_one(Account, number)


def acts(app: Flask) -> list[str]:
    """What the audit log tells."""
    with app.app_context(), reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# --- sessions ------------------------------------------------------------------------------


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


# --- password and name ---------------------------------------------------------------------


def test_a_new_password_ends_the_other_browsers(app: Flask, desk: FlaskClient, person: int) -> None:
    other = app.test_client()
    sign_in(other)
    post(desk, f"{ME}/password", old=PASSWORD, new="another long password")
    assert "Your password is changed." in said(desk)
    assert (is_in(desk), is_in(other)) == (True, False)
    assert sign_in(app.test_client()).status_code == 200
    assert sign_in(app.test_client(), "another long password").location == QUEUE
    assert acts(app) == ["password changed"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("wrong", "another long password", "That is not your present password."),
        (PASSWORD, "x" * 11, "Use at least 12 characters"),
    ],
)
def test_a_password_is_not_changed(
    app: Flask, desk: FlaskClient, old: str, new: str, says: str
) -> None:
    post(desk, f"{ME}/password", old=old, new=new)
    assert says in said(desk)
    assert sign_in(app.test_client()).location == QUEUE


def test_a_name_is_changed_and_shown_plainly(app: Flask, desk: FlaskClient, person: int) -> None:
    post(desk, f"{ME}/name", name=" <b>Mo</b>  Ek ")
    assert row_of(app, person).name == "<b>Mo</b> Ek"
    assert "<b>Mo</b>" not in desk.get(ME).text
    post(desk, f"{ME}/name", name="  ")
    assert row_of(app, person).name == "<b>Mo</b> Ek"


# --- the second factor ---------------------------------------------------------------------


def code_of(app: Flask, secret: str, ahead: int = 0) -> str:
    """What an app shows for a secret, some seconds from now."""
    with app.app_context():
        factory = app.extensions["security"].totp_factory
        return str(factory._totp.from_source(secret).generate(time=time.time() + ahead).token)


def set_app(app: Flask, client: FlaskClient, person: int) -> str:
    """Set an authenticator app up through its pages; answers its secret as stored."""
    page = "/console/me/authenticator"
    shown = post(client, page, page, setup="authenticator").text
    assert 'src="data:image/svg+xml;base64,' in shown
    path = re.search(r'action="(/console/me/authenticator/[^"]+)"', shown)
    key = re.search(r'class="key-text">([^<]+)<', shown)
    assert path
    assert key
    with app.app_context():
        factory = app.extensions["security"].totp_factory
        source = factory._totp(key=key[1].replace("-", "").replace(" ", "")).to_json(encrypt=False)
    answer = client.post(
        path[1], data={"csrf_token": token(shown), "code": code_of(app, source, -30)}
    )
    assert answer.location == "/console/me/second-factor"
    stored = row_of(app, person)
    assert stored.tf_primary_method == "authenticator"
    return str(stored.tf_totp_secret)


def codes_of(client: FlaskClient) -> list[str]:
    """Make recovery codes, and read them off the page."""
    page = "/console/me/recovery-codes"
    shown = post(client, page, page, generate_new_codes="1").text
    return re.findall(r"<li><code>([^<]+)</code>", shown)


def half_in(app: Flask) -> FlaskClient:
    """A browser that has given the right password and is asked for more."""
    client = app.test_client()
    assert str(sign_in(client).location).startswith("/console/sign-in/code")
    assert not is_in(client)
    return client


def give(client: FlaskClient, code: str, how: str = "code") -> bool:
    """Give a code; whether the desk is open then."""
    path = f"/console/sign-in/{how}"
    post(client, path, path, code=code)
    return is_in(client)


def test_signing_in_asks_for_the_apps_code_once(app: Flask, desk: FlaskClient, person: int) -> None:
    secret = set_app(app, desk, person)
    assert json.loads(secret)["enckey"]
    fitting = code_of(app, secret)
    client = half_in(app)
    assert not give(client, f"{(int(fitting) + 1) % 10**6:06}")
    assert give(client, fitting)
    # The same code again, by who has looked over a shoulder.
    assert not give(half_in(app), fitting)
    assert not give(half_in(app), code_of(app, secret, -30))
    assert give(half_in(app), code_of(app, secret, 30))
    assert acts(app) == ["app set"]


def test_a_code_lives_for_a_step_on_either_side(app: Flask, desk: FlaskClient, person: int) -> None:
    secret = set_app(app, desk, person)
    assert not give(half_in(app), code_of(app, secret, 120))


def test_a_recovery_code_opens_once(app: Flask, desk: FlaskClient, person: int) -> None:
    set_app(app, desk, person)
    codes = codes_of(desk)
    assert len(set(codes)) == 10
    stored = row_of(app, person).mf_recovery_codes or []
    assert not set(codes) & set(stored)
    page = desk.get("/console/me/recovery-codes?show_codes=1").text
    assert not [code for code in codes if code in page]
    assert give(half_in(app), f" {codes[3].upper()} ", "recovery")
    assert not give(half_in(app), codes[3], "recovery")
    assert give(half_in(app), codes[4], "recovery")
    assert "8 codes are left to you" in desk.get("/console/me/recovery-codes").text


def test_new_recovery_codes_replace_the_old_ones(
    app: Flask, desk: FlaskClient, person: int
) -> None:
    set_app(app, desk, person)
    old = codes_of(desk)
    new = codes_of(desk)
    assert not give(half_in(app), old[0], "recovery")
    assert give(half_in(app), new[0], "recovery")


def test_without_the_password_no_code_is_asked_for(app: Flask, desk: FlaskClient) -> None:
    for path in ("code", "recovery", "second"):
        answer = app.test_client().get(f"/console/sign-in/{path}")
        assert answer.location == "/console/sign-in"


def test_codes_are_limited_by_person_not_only_by_address(
    app: Flask, desk: FlaskClient, person: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_app(app, desk, person)
    monkeypatch.setattr(accounts, "CODES_RATE", "2 per minute")
    client = half_in(app)
    path = "/console/sign-in/code"
    sent = {"code": "000000", "csrf_token": token(client.get(path).text)}
    addresses = [{"REMOTE_ADDR": f"203.0.113.{n}"} for n in range(3)]
    codes = [client.post(path, data=sent, environ_base=one).status_code for one in addresses]
    assert codes == [200, 200, 429]


@pytest.mark.parametrize(
    "path", ["/console/me/authenticator", "/console/me/recovery-codes", "/console/me/passkeys"]
)
def test_changes_ask_for_the_password_again(app: Flask, person: int, site: int, path: str) -> None:
    client = app.test_client()
    with travel(utcnow() - timedelta(minutes=11), tick=True):
        sign_in(client)
    answer = client.get(path)
    assert str(answer.location).startswith("/console/me/verify?next=")
    verify = str(answer.location)
    assert "not your password" in post(client, verify, verify, password="wrong").text
    assert client.get(path).status_code == 302
    assert post(client, verify, verify, password=PASSWORD).location == path
    assert client.get(path).status_code == 200


def test_the_app_is_switched_off_again(app: Flask, desk: FlaskClient, person: int) -> None:
    set_app(app, desk, person)
    page = "/console/me/authenticator"
    post(desk, page, page, setup="disable")
    assert row_of(app, person).tf_totp_secret is None
    assert sign_in(app.test_client()).location == QUEUE
    assert acts(app) == ["app set", "app removed"]


def test_who_lost_the_second_factor_is_let_in_from_the_command_line(
    app: Flask, desk: FlaskClient, person: int
) -> None:
    set_app(app, desk, person)
    codes_of(desk)
    done = app.test_cli_runner().invoke(args=["staff", "reset-second-factor", MAIL.upper()])
    assert done.exit_code == 0
    assert not is_in(desk)
    assert sign_in(app.test_client()).location == QUEUE
    assert not row_of(app, person).mf_recovery_codes
    unknown = app.test_cli_runner().invoke(args=["staff", "reset-second-factor", "no@where"])
    assert "no member of staff" in unknown.output


def test_an_invitation_from_the_command_line(app: Flask, site: int) -> None:
    made = app.test_cli_runner().invoke(
        args=["staff", "invite", "news", "--role", "admin", "--name", "Bo"]
    )
    path = made.output.strip().removeprefix("http://127.0.0.1:8000")
    page = app.test_client().get(path).text
    assert "help moderate news" in page
    assert "<b>Admin</b>" in page


def test_a_link_to_the_code_signs_nobody_out(desk: FlaskClient) -> None:
    assert desk.get("/console/sign-in/code").location == QUEUE
    assert is_in(desk)


def test_no_mail_is_sent_to_rescue_anybody(app: Flask, desk: FlaskClient, person: int) -> None:
    set_app(app, desk, person)
    assert half_in(app).get("/console/sign-in/help").status_code == 404


def test_nothing_of_passkeys_is_loaded_at_the_start() -> None:
    import subprocess
    import sys

    loaded = "import sys, app; print([n for n in ('webauthn', 'qrcode') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
