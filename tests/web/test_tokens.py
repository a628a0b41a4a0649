"""A reader's token: nobody else's, not forged, not after a ban, not after the epoch counted up."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeSerializer

from jobs.transactions import writing
from models import Account, AccountKind, Standing


@pytest.fixture
def reader(make_reader: Callable[..., int]) -> int:
    """A reader; the number."""
    return make_reader()


def status_with(client: FlaskClient, thread: int, token: str) -> int:
    """How a token is answered where it is looked at."""
    answer = client.get(
        f"/api/v1/threads/{thread}/mine", headers={"Authorization": f"Bearer {token}"}
    )
    return answer.status_code


def signed(
    content: Any, secret: str, salt: str = "reader-token", digest: Any = hashlib.sha256
) -> str:
    """A token made elsewhere."""
    signer = URLSafeSerializer(
        secret, salt=salt, signer_kwargs={"digest_method": staticmethod(digest)}
    )
    return str(signer.dumps(content))


def content_of(app: Flask, account: int) -> list[Any]:
    """What the token of an account says."""
    with app.app_context(), writing() as session:
        row = session.get_one(Account, account)
        return [row.id, row.token_epoch, row.fs_uniquifier[:8]]


def test_the_token_that_was_given_is_good(
    client: FlaskClient, thread: int, token_of: Callable[[int], str], reader: int
):
    assert status_with(client, thread, token_of(reader)) == 200


def test_every_changed_character_makes_it_bad(
    client: FlaskClient, thread: int, token_of: Callable[[int], str], reader: int
):
    token = token_of(reader)
    for position in range(0, len(token), 3):
        other = "A" if token[position] != "A" else "B"
        changed = token[:position] + other + token[position + 1 :]
        # The last character of each part of base64 has bits that mean nothing.
        if (
            base64.urlsafe_b64decode(changed.split(".")[-1] + "==")
            == base64.urlsafe_b64decode(token.split(".")[-1] + "==")
            and changed.split(".")[0] == token.split(".")[0]
        ):
            continue
        assert status_with(client, thread, changed) == 401, position


def test_a_token_signed_otherwise_is_bad(app: Flask, client: FlaskClient, thread: int, reader: int):
    secret, content = str(app.secret_key), content_of(app, reader)
    assert status_with(client, thread, signed(content, secret)) == 200
    body = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for forged in (
        signed(content, "another secret"),
        signed(content, secret, salt="session"),
        signed(content, secret, salt="wtf-csrf-token"),
        signed(content, secret, digest=hashlib.sha1),
        body,
        f"{body}.",
        f"{none}.{body}.",
        f".{body}",
        "",
        ".",
        "é",
        "x" * 5_000,
    ):
        expected = 401
        answer = client.get(
            f"/api/v1/threads/{thread}/mine",
            headers={"Authorization": f"Bearer {forged.encode().decode('latin-1')}"},
        )
        assert answer.status_code == expected, forged


@pytest.mark.parametrize(
    "content",
    [None, 1, "1", [], [1], [1, 0], [1, 0, "x", 2], {}, ["1", 0, ""], [1, "0", ""],
     [-1, 0, ""], [[1], 0, ""], [1.5, 0, ""], [True, 0, ""]],
)  # fmt: skip
def test_even_well_signed_nonsense_is_bad(
    app: Flask, client: FlaskClient, thread: int, reader: int, content: Any
):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert status_with(client, thread, signed(content, str(app.secret_key))) == 401


def test_a_token_names_one_account_of_one_database(
    app: Flask,
    client: FlaskClient,
    thread: int,
    reader: int,
    make_reader: Callable[..., int],
):
    number, epoch, _ = content_of(app, reader)
    other_mark = content_of(app, make_reader())[2]
    for content in ([number, epoch, other_mark], [number + 500, epoch, other_mark]):
        assert status_with(client, thread, signed(content, str(app.secret_key))) == 401


def change(app: Flask, account: int, **values: Any) -> None:
    """Change an account."""
    with app.app_context(), writing() as session:
        row = session.get_one(Account, account)
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.parametrize(
    "values",
    [{"standing": Standing.BANNED}, {"token_epoch": 1}, {"fs_uniquifier": "f" * 32}],
    ids=["banned", "ended", "renewed"],
)
def test_a_ban_or_a_new_epoch_ends_it_at_once(
    app: Flask,
    client: FlaskClient,
    thread: int,
    token_of: Callable[[int], str],
    reader: int,
    make_comment: Callable[..., int],
    values: dict[str, Any],
):
    token, comment = token_of(reader), make_comment()
    change(app, reader, **values)
    headers = {"Authorization": f"Bearer {token}"}
    words = {"text": "Good day.", "author_name": "Ada"}
    for method, path, sent in (
        ("GET", f"/api/v1/threads/{thread}/mine", None),
        ("POST", f"/api/v1/threads/{thread}/comments", words),
        ("PUT", f"/api/v1/comments/{comment}/vote", {"value": 1}),
        ("POST", f"/api/v1/comments/{comment}/reports", {"reason": "spam"}),
        ("PUT", f"/api/v1/threads/{thread}/points", None),
        ("PATCH", f"/api/v1/comments/{comment}", {"text": "x"}),
        ("DELETE", f"/api/v1/comments/{comment}", None),
    ):
        answer = client.open(path, method=method, json=sent, headers=headers)
        assert answer.status_code == 401, path


def test_a_member_of_staff_is_no_reader_by_token(
    app: Flask, client: FlaskClient, thread: int, token_of: Callable[[int], str], reader: int
):
    token = token_of(reader)
    change(app, reader, kind=AccountKind.STAFF)
    assert status_with(client, thread, token) == 401


@pytest.mark.parametrize("value", ["Basic eDp4", "Bearer", "Bearer ", "Token x", "x", "Bearer a b"])
def test_a_header_of_another_kind_makes_no_new_person(
    client: FlaskClient, thread: int, make_comment: Callable[..., int], value: str
):
    comment = make_comment()
    answer = client.put(
        f"/api/v1/comments/{comment}/vote", json={"value": 1}, headers={"Authorization": value}
    )
    assert answer.status_code == 401
    assert "reader_token" not in answer.text


def test_a_token_is_not_repeated_to_those_who_have_one(
    client: FlaskClient, thread: int, token_of: Callable[[int], str], reader: int
):
    headers = {"Authorization": f"Bearer {token_of(reader)}"}
    answer = client.post(
        f"/api/v1/threads/{thread}/comments",
        json={"text": "Good day.", "author_name": "Ada"},
        headers=headers,
    )
    assert answer.status_code == 201
    assert "reader_token" not in answer.json
    assert answer.headers.get("Set-Cookie") is None
