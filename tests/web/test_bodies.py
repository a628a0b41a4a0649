"""What is sent: broken, enormous, of the wrong kind or with too much in it; all answered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jobs.transactions import reading
from models import Account, Comment
from tests.conftest import PAGE, status_of

_WORDS = '{"text": "Good day.", "author_name": "Ada"}'


@pytest.fixture
def send(app: Flask, client: FlaskClient, thread: int) -> Callable[..., TestResponse]:
    """Posts raw bytes as a comment."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def post(body: bytes | str, kind: str = "application/json") -> TestResponse:
        return client.post(f"/api/v1/threads/{thread}/comments", data=body, content_type=kind)

    return post


def check_problem(answer: TestResponse, status: int) -> None:
    """An RFC 9457 answer with a sentence in it."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert {"type", "title", "detail"} <= set(answer.json)
    assert len(answer.json["detail"]) > 20
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        _WORDS[:-1],
        _WORDS[:20],
        "[]",
        "null",
        "1",
        '"text"',
        "NaN",
        "{'text': 'a'}",
        b"\xff\xfe{\x00}\x00",
        b'{"text": "\xff", "author_name": "Ada"}',
        _WORDS + "x",
        _WORDS + _WORDS,
        "\x00",
        b"\xef\xbb\xbf" + _WORDS.encode(),
        '{"text": ' + "[" * 30_000 + "]" * 30_000 + "}",
        "[" * 60_000,
        '{"a":' * 10_000,
        '{"parent_id": ' + "9" * 5_000 + "}",
    ],
    ids=range(20),
)
def test_what_is_no_json_object_is_refused(send: Callable[..., TestResponse], body: bytes | str):
    check_problem(send(body), 400)


@pytest.mark.parametrize(
    "body",
    [
        '{"text": NaN, "author_name": "Ada"}',
        '{"text": "a", "author_name": Infinity}',
        '{"text": "a", "author_name": "b", "parent_id": NaN}',
        '{"text": "a", "author_name": "b", "parent_id": -Infinity}',
        '{"text": "a", "author_name": "b", "parent_id": 1e999}',
        '{"text": "a", "author_name": "b", "parent_id": 1.0}',
        '{"text": "a", "author_name": "b", "parent_id": ' + "9" * 4_000 + "}",
        '{"text": "a", "author_name": "b", "parent_id": 99}',
        '{"text": "a"}',
        "{}",
        '{"text": "\\ud800", "author_name": "Ada"}',
        '{"text": "a", "author_name": "\\udfff"}',
        '{"text": "a\\u0000b", "author_name": "Ada"}',
        '{"text": "a", "author_name": "b", "\\ud800": 1}',
        '{"text": "' + "\u200b" * 50 + '", "author_name": "Ada"}',
        '{"text": "a", "author_name": "' + "n" * 61 + '"}',
    ],
    ids=range(16),
)
def test_what_a_field_cannot_be_is_refused_with_a_reason(
    send: Callable[..., TestResponse], body: str
):
    answer = send(body)
    check_problem(answer, 422)
    assert answer.json["errors"]


@pytest.mark.parametrize(
    "extra",
    [
        '"status": "published"',
        '"id": 1',
        '"author_id": 1',
        '"html": "<script>"',
        '"site_id": 2',
        '"revision": 7',
        '"up": 100',
        '"created_at": "2020-01-01T00:00:00Z"',
        '"depth": -1',
        '"__proto__": {}',
    ],
)
def test_what_is_not_asked_for_changes_nothing(
    app: Flask, send: Callable[..., TestResponse], extra: str
):
    check_problem(send(_WORDS[:-1] + f", {extra}}}"), 422)
    with app.app_context(), reading() as session:
        assert session.scalars(select(Comment)).all() == []
        assert session.scalars(select(Account)).all() == []


def test_of_two_equal_names_the_last_counts_everywhere(send: Callable[..., TestResponse]):
    answer = send('{"text": "You idiot.", "author_name": "Ada", "text": "Good day."}')
    assert answer.json["comment"]["text"] == "Good day."
    assert "idiot" not in answer.text


@pytest.mark.parametrize("kind", ["", "text/html", "application/xml", "application/jsonx"])
def test_only_json_is_read(send: Callable[..., TestResponse], kind: str):
    check_problem(send(_WORDS, kind), 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/vnd.a+json"])
def test_json_by_any_of_its_names_is(send: Callable[..., TestResponse], kind: str):
    assert send(_WORDS, kind).status_code == 201


def test_a_body_over_the_limit_is_413(send: Callable[..., TestResponse]):
    check_problem(send('{"text": "' + "a" * 66_000 + '", "author_name": "Ada"}'), 413)
    check_problem(send(b" " * 10_000_000), 413)


@pytest.mark.parametrize("length", [10_001, 59_999, 60_001, 65_400])
def test_a_text_over_the_limit_is_413_and_never_cut(
    send: Callable[..., TestResponse], client: FlaskClient, length: int
):
    check_problem(send('{"text": "' + "a" * length + '", "author_name": "Ada"}'), 413)
    check_problem(client.post("/api/v1/preview", json={"text": "a" * length, "url": PAGE}), 413)


def test_the_longest_text_is_taken_whole(
    app: Flask, send: Callable[..., TestResponse], client: FlaskClient
):
    # In characters, not bytes; and what surrounds it does not count.
    text = "é" * 10_000
    answer = send('{"text": "\\n ' + text + ' \\r\\n", "author_name": "Ada"}')
    assert answer.status_code == 201
    assert answer.json["comment"]["text"] == text


def test_an_edit_is_bounded_like_a_new_comment(
    app: Flask, send: Callable[..., TestResponse], client: FlaskClient
):
    posted = send(_WORDS).json
    path = f"/api/v1/comments/{posted['comment']['id']}"
    headers = {"Authorization": f"Bearer {posted['reader_token']}"}
    for text, status in (("a" * 10_001, 413), ("", 422), (" \n ", 422), ("\x00", 422), ("b", 200)):
        answer = client.patch(path, json={"text": text}, headers=headers)
        assert answer.status_code == status
    assert status_of(app, posted["comment"]["id"]) == "unscored"


def test_a_wrong_method_is_405_and_says_which_are_right(app: Flask, client: FlaskClient):
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1"):
            continue
        path = rule.rule.replace("<row:", "").replace("comment_id>", "1").replace("thread_id>", "1")
        path = re.sub(r"[a-z]+_id>", "1", path)
        answer = client.open(path, method="PROPFIND")
        check_problem(answer, 405)
        allowed = set(answer.headers["Allow"].split(", "))
        assert (rule.methods or set()) - {"OPTIONS"} <= allowed | {"HEAD"}


def test_an_unknown_address_is_a_problem_as_well(client: FlaskClient, site: int):
    for path in ("/api/v1/nothing", "/api/v1/", "/api/v1/threads/1/nothing", "/nothing"):
        check_problem(client.get(path), 404)


def test_a_fault_of_ours_says_nothing_of_our_insides(
    app: Flask,
    client: FlaskClient,
    thread: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
):
    from discussion import comments
    from web import logs

    def break_down(*given: object, **named: object) -> None:
        raise ZeroDivisionError

    app.config["PROPAGATE_EXCEPTIONS"] = False
    logs.configure("INFO")
    monkeypatch.setattr(comments, "post", break_down)
    answer = client.post(
        f"/api/v1/threads/{thread}/comments",
        json={"text": "Words between us.", "author_name": "Adalbert"},
        environ_overrides={"REMOTE_ADDR": "198.51.100.7"},
    )
    check_problem(answer, 500)
    assert "ZeroDivisionError" not in answer.text
    logged = capfd.readouterr().err
    assert "ZeroDivisionError" in logged
    for secret in ("Words between us", "Adalbert", "198.51.100.7"):
        assert secret not in logged
