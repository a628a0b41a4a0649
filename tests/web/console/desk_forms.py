"""What the tests of the desk's forms share: a browser, its tokens, and deciding."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from models import Comment, db
from tests.conftest import PASSWORD

RUDE = "You idiot."
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
SCRIPT = {"Accept": "application/json"}
Staff = Callable[..., int]
MakeComment = Callable[..., int]


def signed_in(app: Flask, email: str) -> FlaskClient:
    """A moderator's browser."""
    client = app.test_client()
    page = client.get("/console/sign-in").text
    answer = client.post(
        "/console/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": token(page)}
    )
    assert answer.status_code == 302, answer.text
    assert answer.location == "/console/"
    return client


def token(page: str) -> str:
    """The token in a page's forms."""
    found = TOKEN.search(page)
    assert found, page
    return found[1]


def version_of(app: Flask, comment_id: int) -> int:
    """The version that a moderator would see now."""
    with app.app_context():
        return db.session().get_one(Comment, comment_id).version


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    statements: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)
