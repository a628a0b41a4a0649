"""The second factor: an app's codes, recovery codes, and who has lost both."""

from __future__ import annotations

import json
import re
import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import travel

from models import utcnow
from tests.conftest import PASSWORD
from tests.web.console.me_security.conftest import (
    MAIL,
    QUEUE,
    acts,
    is_in,
    post,
    row_of,
    sign_in,
    token,
)
from web.console import accounts


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
