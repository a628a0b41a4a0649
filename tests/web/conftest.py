"""Those who knock at the doors: readers, programs with keys, members of staff in a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from jobs.transactions import reading, writing
from models import Account, AccountKind, ApiKey, Role, SiteRole
from moderation.keys import digest_of
from tests.conftest import browser_of
from web.auth import token_for


@dataclass
class Caller:
    """Somebody with a browser or a program, and what it sends along with every request."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def token_of(app: Flask) -> Callable[[int], str]:
    """The reader token of an account."""

    def token(account_id: int) -> str:
        with app.test_request_context(), reading() as session:
            return token_for(session.get_one(Account, account_id))

    return token


@pytest.fixture
def make_reader(app: Flask) -> Callable[..., int]:
    """Makes a commenter; answers the number."""

    def make(name: str = "Reader") -> int:
        with app.app_context(), writing() as session:
            reader = Account(kind=AccountKind.GUEST, name=name)
            session.add(reader)
            session.flush()
            return reader.id

    return make


@pytest.fixture
def make_key(app: Flask) -> Callable[[int, str], dict[str, str]]:
    """Makes an API key of a site; answers the headers of a program that has it."""

    def make(site_id: int, key: str) -> dict[str, str]:
        with app.app_context(), writing() as session:
            session.add(ApiKey(site_id=site_id, name=key, digest=digest_of(key)))
        return {"Authorization": f"Bearer {key}"}

    return make


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., Caller]:
    """Makes a member of staff whose browser is signed in, with its page's CSRF token.

    Without a password: hashing one is slow on purpose, and the sign-in page has its own tests.
    """

    def sign(email: str, role: Role, *site_ids: int) -> Caller:
        with app.app_context(), writing() as session:
            account = Account(
                kind=AccountKind.STAFF,
                email=email,
                name=email.split("@")[0],
                site_roles=[SiteRole(site_id=one, role=role) for one in site_ids],
            )
            session.add(account)
            session.flush()
            number = account.id
        client = app.test_client()
        with client.session_transaction() as kept:
            kept.update(browser_of(app, number), csrf_token="raw")
        assert app.secret_key is not None
        signed = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("raw")
        return Caller(client, {"X-CSRFToken": str(signed)})

    return sign
