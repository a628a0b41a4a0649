"""The door of the desk: signing in and out, and what nobody learns there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models import Role
from tests.conftest import PASSWORD, status_of
from tests.web.console.desk_forms import (
    RUDE,
    SCRIPT,
    Staff,
    signed_in,
    token,
    version_of,
)


@pytest.mark.parametrize("path", ["/console/", "/console/cases/1", "/console/decisions"])
def test_signed_out_is_led_to_the_sign_in_and_back(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location == f"/console/sign-in?next={path}"


def test_signed_out_changes_nothing(app: Flask, client: FlaskClient, make_comment: Any) -> None:
    held = make_comment(RUDE)
    data = {"decision": "approve", "version": version_of(app, held)}
    assert client.post(f"/console/cases/{held}/decisions", data=data).status_code == 302
    answer = client.post(f"/console/cases/{held}/decisions", data=data, headers=SCRIPT)
    assert answer.status_code == 401
    assert status_of(app, held) == "held"


def test_wrong_name_and_wrong_password_look_alike(
    client: FlaskClient, site: int, make_staff: Staff
) -> None:
    make_staff("mod@example.org", Role.MODERATOR, site)
    pages = []
    for email in ("mod@example.org", "nobody@example.org"):
        sent = {"email": email, "password": "wrong-wrong-wrong"}
        sent["csrf_token"] = token(client.get("/console/sign-in").text)
        answer = client.post("/console/sign-in", data=sent)
        assert answer.status_code == 200
        page = re.sub(r'(name="csrf_token"[^>]*value)="[^"]+"', r"\1", answer.text)
        pages.append(page.replace(email, "…"))
    assert pages[0] == pages[1]
    assert "do not fit together" in pages[0]


def test_sign_in_goes_nowhere_else(app: Flask, site: int, make_staff: Staff) -> None:
    make_staff("mod@example.org", Role.MODERATOR, site)
    client = app.test_client()
    page = client.get("/console/sign-in").text
    sent = {"email": "mod@example.org", "password": PASSWORD, "csrf_token": token(page)}
    answer = client.post("/console/sign-in?next=https://evil.example/", data=sent)
    assert "evil.example" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("typed", ["mod@localhost", " Mod@Localhost", "mod@news.test"])
def test_every_address_that_staff_add_takes_signs_in(
    app: Flask, site: int, make_staff: Staff, typed: str
) -> None:
    make_staff(typed.strip().lower(), Role.MODERATOR, site)
    assert signed_in(app, typed).get("/console/").status_code == 200


def test_no_lasting_cookie(app: Flask, site: int, make_staff: Staff) -> None:
    make_staff("mod@example.org", Role.MODERATOR, site)
    client = app.test_client()
    page = client.get("/console/sign-in").text
    sent = {"email": "mod@example.org", "password": PASSWORD, "csrf_token": token(page)}
    answer = client.post("/console/sign-in", data=sent | {"remember": "y"})
    assert "remember_token" not in str(answer.headers)


class TestSignInRate:
    """Guessing is slowed down."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"PARLEY_SIGN_IN_RATE": "3 per minute"}

    def test_attempts_are_counted(self, client: FlaskClient) -> None:
        page = client.get("/console/sign-in").text
        sent = {"email": "mod@example.org", "password": "guess", "csrf_token": token(page)}
        codes = [client.post("/console/sign-in", data=sent).status_code for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        assert client.get("/console/sign-in").status_code == 200


def test_sign_out_needs_the_token(desk: FlaskClient) -> None:
    assert desk.get("/console/sign-out").status_code == 405
    assert desk.post("/console/sign-out").status_code == 400
    assert desk.get("/console/").status_code == 200
    sent = {"csrf_token": token(desk.get("/console/").text)}
    assert desk.post("/console/sign-out", data=sent).location == "/console/sign-in"
    assert desk.get("/console/").status_code == 302


def test_pages_are_not_kept_and_not_framed(desk: FlaskClient) -> None:
    answer = desk.get("/console/")
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert " style=" not in answer.text
    assert " on" not in "".join(re.findall(r"<[a-z]+( on\w+=)", answer.text))
