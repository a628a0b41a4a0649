"""What the tests of staff on a page share: codes, tokens, and a moderator at the console."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from jobs.transactions import writing
from models import Account, Role, SiteRole
from moderation import staff_sessions
from moderation.staff_sessions import new_secret
from tests.conftest import ORIGIN
from tests.web.conftest import Caller
from web import staff_tokens

CODE = re.compile(r"#parley-staff=([\w-]+)")
WORDS = {"text": "Good day.", "author_name": "Ada"}
DESK = "/api/v1/moderation"


@pytest.fixture
def token_at(app: Flask) -> Callable[[int, int], str]:
    """A staff token of one account at one site."""

    def token(account_id: int, site_id: int) -> str:
        with app.test_request_context(), writing() as session:
            browser = staff_sessions.begin(session, account_id, new_secret(), "Firefox").id
            return staff_tokens.token_for(session.get_one(Account, account_id), site_id, browser)

    return token


@pytest.fixture
def moderator(sign_in: Callable[..., Caller], site: int) -> Caller:
    """A moderator's browser at the console."""
    return sign_in("anna@example.org", Role.MODERATOR, site)


def code_from(caller: Caller, thread: int, **sent: Any) -> str:
    """The code that the console hands out."""
    answer = caller.client.post(
        f"/console/threads/{thread}/page", data=sent, headers=caller.headers
    )
    assert answer.status_code == 200, answer.text
    found = CODE.search(answer.text)
    assert found
    return found[1]


def redeem(client: FlaskClient, code: str, origin: str = ORIGIN) -> Any:
    """What a page gets for a code."""
    headers = {"Origin": origin} if origin else {}
    return client.post("/api/v1/staff-tokens", json={"code": code}, headers=headers)


@pytest.fixture
def holders(
    app: Flask,
    site: int,
    other_site: int,
    make_staff: Callable[..., int],
    make_reader: Callable[..., int],
    token_of: Callable[[int], str],
    token_at: Callable[[int, int], str],
) -> dict[str, str]:
    """The bearer token of each."""
    anna = make_staff("anna@example.org", Role.MODERATOR, site)
    gone = make_staff("gone@example.org", Role.MODERATOR, site)
    moved = make_staff("moved@example.org", Role.MODERATOR, site)
    good = token_at(anna, site)
    with time_machine.travel("2020-01-01", tick=False):
        expired = token_at(anna, site)
    found = {
        "nobody": "",
        "reader": token_of(make_reader()),
        "moderator": good,
        "other site": token_at(make_staff("o@example.org", Role.ADMIN, other_site), other_site),
        "read-only": token_at(make_staff("r@example.org", Role.READ_ONLY, site), site),
        "expired": expired,
        "other salt": signed(app, anna, site, salt="reader-token"),
        "unsigned": f"{good.rsplit('.', 1)[0]}.",
        "signed out": token_at(gone, site),
        "no role": token_at(moved, site),
    }
    with app.app_context(), writing() as session:
        session.get_one(Account, gone).fs_uniquifier = "f" * 32
        session.delete(session.scalars(select(SiteRole).filter_by(account_id=moved)).one())
    return found


def signed(app: Flask, account_id: int, site_id: int, salt: str) -> str:
    with app.app_context(), writing() as session:
        mark = session.get_one(Account, account_id).fs_uniquifier
        browser = staff_sessions.begin(session, account_id, new_secret(), "Firefox").id
    signer = URLSafeTimedSerializer(
        str(app.secret_key),
        salt=salt,
        signer_kwargs={"digest_method": staticmethod(hashlib.sha256)},
    )
    digest = hashlib.sha256(f"page:{mark}".encode()).hexdigest()[:16]
    return staff_tokens.PREFIX + str(signer.dumps([account_id, site_id, browser, digest]))
