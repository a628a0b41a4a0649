"""What the tests of one's own sign-in share: a person, their browser, and the forms."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jobs.transactions import reading
from models import Account, AuditEntry, Role, db
from tests.conftest import PASSWORD

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
