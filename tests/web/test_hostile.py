"""Every door takes hostile strings without breaking, and lets nothing unsafe out."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import uuid
from collections.abc import Callable, Iterable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from jobs.transactions import writing
from models import ApiKey, db
from moderation.keys import digest_of
from tests.conftest import ORIGIN, PAGE
from tests.discussion.hostile import OWN, UNSTORABLE, corpora, unsafe_parts

SAMPLE = 1_500
SEED = int(os.environ.get("HOSTILE_SEED", "20261122"))
_JSON = {"application/json", "application/problem+json"}


def small_strings() -> list[str]:
    """Our own strings, and the small files of the collection whole."""
    files = corpora()
    return [*OWN, *UNSTORABLE, *files["blns"], *files["commonmark"]]


def sampled_strings() -> list[str]:
    """A sample of the large files, the same for the same seed."""
    files = corpora()
    large = [*files["xss"], *files["tokenizer"], *files["confusables"]]
    return random.Random(SEED).sample(large, SAMPLE)


@pytest.fixture(autouse=True)
def _answer_faults(app: Flask) -> None:
    """A fault is answered with 500, as in production; nothing here has to outlive the power."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def hurry(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    with app.app_context():
        event.listen(db.engine, "connect", hurry)


def check(answer: TestResponse, given: str) -> TestResponse:
    """No fault, JSON, and safe html wherever an answer holds html."""
    assert answer.status_code < 500 or answer.json["type"].endswith("model-unavailable"), (
        given,
        answer.text,
    )
    assert answer.mimetype in _JSON, (given, answer.mimetype)
    for html in _html_in(answer.json):
        assert unsafe_parts(html) == [], given
    return answer


def _html_in(value: object) -> Iterable[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "html" and isinstance(inner, str):
                yield inner
            else:
                yield from _html_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _html_in(inner)


class Doors:
    """The doors through which a text comes in."""

    def __init__(self, client: FlaskClient, thread: int) -> None:
        self._client = client
        self._thread = thread
        self._author: dict[str, str] = {}
        self._comment = 0

    def post(self, text: str, name: str = "Ada", **more: object) -> TestResponse:
        """A new comment."""
        return self._client.post(
            f"/api/v1/threads/{self._thread}/comments",
            json={"text": text, "author_name": name, **more},
            headers=self._author,
        )

    def edit(self, text: str) -> TestResponse:
        """A comment of one's own, changed."""
        if not self._comment:
            first = self.post("First.").json
            self._comment = first["comment"]["id"]
            self._author = {"Authorization": f"Bearer {first['reader_token']}"}
        return self._client.patch(
            f"/api/v1/comments/{self._comment}", json={"text": text}, headers=self._author
        )

    def preview(self, text: str) -> TestResponse:
        """A look at what it would be."""
        return self._client.post("/api/v1/preview", json={"text": text, "url": PAGE})

    def try_one(self, number: int, text: str) -> None:
        """The text through one of the doors, by turns."""
        # All render alike; the preview alone writes nothing, and so takes the most.
        door = (self.post, self.preview, self.edit, self.preview, self.preview)[number % 5]
        answer = check(door(text), text)
        assert answer.status_code in (200, 201, 422), (text, answer.text)

    def try_all(self, text: str) -> None:
        """The text through each: all take it, and show it alike, or none does."""
        edited = check(self.edit(text), text)
        previewed = check(self.preview(text), text)
        posted = check(self.post(text), text)
        assert posted.status_code in (201, 422), (text, posted.text)
        assert (edited.status_code, previewed.status_code) == (
            (200, 200) if posted.status_code == 201 else (422, 422)
        ), text
        if posted.status_code == 201:
            assert posted.json["comment"]["html"] == previewed.json["html"]


@pytest.fixture
def doors(client: FlaskClient, thread: int) -> Doors:
    """The doors of one thread."""
    return Doors(client, thread)


def test_our_own_strings_as_text(doors: Doors):
    for text in [*OWN, *UNSTORABLE]:
        doors.try_all(text)


def test_the_small_files_as_text(doors: Doors):
    for number, text in enumerate(small_strings()):
        doors.try_one(number + SEED, text)


def test_a_sample_of_the_large_files_as_text(doors: Doors):
    for number, text in enumerate(sampled_strings()):
        doors.try_one(number, text)


def test_what_was_stored_is_safe_for_every_reader(
    doors: Doors, client: FlaskClient, thread: int, app: Flask
):
    with app.app_context(), writing() as session:
        key = ApiKey(site_id=1, name="test", digest=digest_of("pk_test"))
        session.add(key)
    for text in OWN:
        doors.post(text, name=f"<b>{text}</b>"[:50])
    cursor = ""
    shown = 0
    while cursor is not None:
        page = check(
            client.get(
                "/api/v1/moderation/queue",
                query_string={"state": "unscored", "cursor": cursor},
                headers={"Authorization": "Bearer pk_test"},
            ),
            "the queue",
        ).json
        shown += len(page["cases"])
        cursor = page["next"]
    assert shown > 20


def short_strings() -> list[str]:
    """What is tried in fields that take a short text."""
    naughty = random.Random(SEED).sample(corpora()["blns"], 90)
    return [*OWN, *UNSTORABLE, *naughty, *sampled_strings()[:60]]


def test_as_the_name_of_an_author(doors: Doors):
    taken = 0
    for text in short_strings():
        answer = check(doors.post("Hello.", name=text), text)
        assert answer.status_code in (201, 422), text
        if answer.status_code == 201:
            taken += 1
            name = answer.json["comment"]["author"]["name"]
            assert 0 < len(name) <= 60
            # One line, printable, nothing that turns the direction of what stands beside it.
            assert not set(name) & set("\n\r\t\x00\u2028\u2029\u202a\u202b\u202d\u202e\u2066\u2067")
    assert taken > 80


def test_as_the_text_of_a_report(client: FlaskClient, make_comment: Callable[..., int]):
    comment = make_comment()
    for text in short_strings():
        sent = {"reason": "other", "text": text}
        answer = check(client.post(f"/api/v1/comments/{comment}/reports", json=sent), text)
        assert answer.status_code in (201, 404, 422), text


def test_as_address_title_and_id_of_a_page(client: FlaskClient, site: int):
    begun = 0
    for text in short_strings():
        for sent in (
            {"url": text},
            {"url": f"{ORIGIN}/{text}"},
            {"url": f"{ORIGIN}/?{text}"},
            {"url": f"{ORIGIN}/a", "title": text},
            {"url": f"{ORIGIN}/b", "page_id": text},
            {"url": f"{ORIGIN}/c", "site": text},
        ):
            answer = check(client.post("/api/v1/threads", json=sent), text)
            assert answer.status_code in (200, 201, 422), (sent, answer.text)
            if answer.status_code < 300:
                begun += 1
                assert answer.json["thread"]["url"].startswith(f"{ORIGIN}/")
    assert begun > 200


def test_in_the_query_of_every_reading_address(client: FlaskClient, thread: int):
    writable = [
        text for text in short_strings() if not any("\ud800" <= c <= "\udfff" for c in text)
    ]
    for text in writable:
        for path, query in (
            ("/api/v1/threads", {"url": text}),
            ("/api/v1/threads", {"url": PAGE, "page_id": text, "title": text, "site": text}),
            (f"/api/v1/threads/{thread}/comments", {"cursor": text}),
            (f"/api/v1/threads/{thread}/comments", {"sort": text}),
            (f"/api/v1/threads/{thread}/comments", {"limit": text, "unknown": text}),
            ("/api/v1/counts", {"url": [text, f"{ORIGIN}/{text}"]}),
        ):
            answer = check(client.get(path, query_string=query), text)
            assert answer.status_code in (200, 422), (path, text, answer.text)


def test_as_idempotency_key_and_other_headers(client: FlaskClient, thread: int):
    for text in [*OWN, *UNSTORABLE, *sampled_strings()[:30], "\xff\xfe", "a" * 201]:
        value = text.encode("utf-8", "replace").decode("latin-1")
        if any(char in value for char in "\r\n"):
            continue  # no client can send these, and Werkzeug's does not either
        for name in ("Idempotency-Key", "Authorization", "If-None-Match", "Origin", "Cookie"):
            sent = f"Bearer {value}" if name == "Authorization" else value
            answer = client.post(
                f"/api/v1/threads/{thread}/comments",
                json={"text": "Hello.", "author_name": "Ada"},
                headers=Headers([(name, sent)]),
            )
            check(answer, text)
            assert answer.status_code in (201, 401, 403, 422), (name, text, answer.text)
            page = client.get(f"/api/v1/threads/{thread}/comments", headers=Headers([(name, sent)]))
            check(page, text)


@pytest.mark.parametrize(
    "number",
    ["0", "-1", "1.0", "1e3", "abc", "%00", "%F0%9F%92%A9", "9" * 30, str(2**31), str(2**63), "٣",
     "..%2f..%2f", "%ff", "1;drop", "0x1", "+1", " 1", "nan", "<script>", "%2e%2e/1"],
)  # fmt: skip
def test_as_a_number_in_the_path(client: FlaskClient, number: str):
    for path in (
        f"/api/v1/threads/{number}",
        f"/api/v1/threads/{number}/comments",
        f"/api/v1/threads/{number}/mine",
        f"/api/v1/comments/{number}",
        f"/api/v1/comments/{number}/replies",
        f"/api/v1/moderation/cases/{number}",
    ):
        answer = client.get(path)
        check(answer, number)
        assert answer.status_code in (401, 404), path


@pytest.mark.parametrize(
    "value",
    [None, True, False, 0, -1, 1.5, 2**31, 2**63, 2**64, 10**400, "1", "", [], [1], {}, {"a": 1}],
)
def test_as_a_value_of_the_wrong_kind(
    client: FlaskClient, thread: int, make_comment: Callable[..., int], value: object
):
    comment = make_comment()
    good = {"text": "Hello.", "author_name": "Ada"}
    for field in ("text", "author_name", "parent_id"):
        answer = check(
            client.post(f"/api/v1/threads/{thread}/comments", json=good | {field: value}), field
        )
        fine = (field, value) == ("parent_id", None) or (field != "parent_id" and value == "1")
        assert answer.status_code == (201 if fine else 422), (field, value, answer.text)
    for path, sent in (
        (f"/api/v1/comments/{comment}/reports", {"reason": value}),
        (f"/api/v1/comments/{comment}/reports", {"reason": "spam", "text": value}),
        ("/api/v1/threads", {"url": value}),
        ("/api/v1/threads", {"url": PAGE, "title": value}),
        ("/api/v1/preview", {"text": value, "thread_id": thread}),
        ("/api/v1/preview", {"text": "Hello.", "thread_id": value}),
    ):
        assert check(client.post(path, json=sent), path).status_code in (200, 201, 404, 422)
    vote = check(client.put(f"/api/v1/comments/{comment}/vote", json={"value": value}), "vote")
    assert vote.status_code == (200 if value == -1 else 422)


def test_a_key_that_nobody_can_guess_may_hold_any_printable_character(
    client: FlaskClient, thread: int
):
    key = f"ünï\xa0 {uuid.UUID(int=7)}".replace("\xa0", "")
    sent = {"text": "Once.", "author_name": "Ada"}
    headers = {"Idempotency-Key": key}
    path = f"/api/v1/threads/{thread}/comments"
    answers = [client.post(path, json=sent, headers=headers) for _ in range(2)]
    assert answers[0].json == answers[1].json


def test_the_corpora_are_json_that_survives_a_round_trip():
    # What is sent above is what the files hold: json does not mend it on the way.
    for text in OWN:
        assert json.loads(json.dumps(text)) == text
