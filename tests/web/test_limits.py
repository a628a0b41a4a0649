"""How often one address may knock: 429 with Retry-After, by /64, past no forged header."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models import Account, db
from tests.conftest import PAGE
from web.limits import limiter

RATE = "3 per minute"


@pytest.fixture
def environ() -> dict[str, str]:
    """Rates that a test can use up."""
    return {f"PARLEY_{name}_RATE": RATE for name in ("READ", "WRITE", "VOTE", "PREVIEW", "SIGN_IN")}


@pytest.fixture(autouse=True)
def clock(app: Flask) -> Iterator[time_machine.Traveller]:
    """Nothing is counted yet, and time stands still: no minute ends within a test."""
    with time_machine.travel("2026-05-05T12:00:10Z", tick=False) as traveller:
        with app.app_context():
            limiter.reset()
        yield traveller


def ask(client: FlaskClient, address: str = "192.0.2.1", **headers: str) -> int:
    """The status of one reading request from an address."""
    answer = client.get(
        f"/api/v1/threads?url={PAGE}",
        headers=headers,
        environ_overrides={"REMOTE_ADDR": address},
    )
    return answer.status_code


def use_up(client: FlaskClient, address: str = "192.0.2.1") -> None:
    """Ask until no more is allowed."""
    assert [ask(client, address) for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("method", "path", "sent", "expected"),
    [
        ("GET", f"/api/v1/threads?url={PAGE}", None, 200),
        ("GET", "/api/v1/threads/{thread}/comments", None, 200),
        ("GET", "/api/v1/threads/{thread}/mine", None, 200),
        ("GET", "/api/v1/comments/{comment}", None, 200),
        ("GET", f"/api/v1/counts?url={PAGE}", None, 200),
        ("POST", "/api/v1/threads", {"url": PAGE}, 200),
        ("POST", "/api/v1/threads/{thread}/comments", {"text": "a", "author_name": "b"}, 201),
        ("POST", "/api/v1/comments/{comment}/reports", {"reason": "spam"}, 201),
        ("PATCH", "/api/v1/comments/{comment}", {"text": "a"}, 401),
        ("DELETE", "/api/v1/comments/{comment}", None, 401),
        ("PUT", "/api/v1/comments/{comment}/vote", {"value": 1}, 200),
        ("DELETE", "/api/v1/comments/{comment}/vote", None, 200),
        ("PUT", "/api/v1/threads/{thread}/points", None, 200),
        ("DELETE", "/api/v1/threads/{thread}/points", None, 200),
        ("POST", "/api/v1/preview", {"text": "a", "url": PAGE}, 200),
    ],
)
def test_every_public_door_counts(
    client: FlaskClient,
    thread: int,
    make_comment: Callable[..., int],
    method: str,
    path: str,
    sent: dict[str, object] | None,
    expected: int,
):
    comment = make_comment()

    def call() -> TestResponse:
        return client.open(path.format(thread=thread, comment=comment), method=method, json=sent)

    assert [call().status_code for _ in range(3)] == [expected] * 3
    refused = call()
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    # A second more than is left: a client that comes back then is not turned away again.
    assert 1 <= int(refused.headers["Retry-After"]) <= 61


def test_signing_in_counts(client: FlaskClient, site: int):
    statuses = [
        client.post("/console/sign-in", data={"email": "a@b.example", "password": "x"}).status_code
        for _ in range(4)
    ]
    assert 429 not in statuses[:3]
    assert statuses[3] == 429


def test_after_the_time_named_it_is_open_again(
    client: FlaskClient, thread: int, clock: time_machine.Traveller
):
    use_up(client)
    refused = client.get(
        f"/api/v1/threads?url={PAGE}", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}
    )
    clock.shift(int(refused.headers["Retry-After"]) + 1)
    assert ask(client) == 200


def test_another_address_is_not_to_blame(client: FlaskClient, thread: int):
    use_up(client)
    assert ask(client, "192.0.2.2") == 200


def test_a_household_with_ipv6_is_one(client: FlaskClient, thread: int):
    for number in range(3):
        assert ask(client, f"2001:db8:0:1::{number:x}") == 200
    assert ask(client, "2001:db8:0:1:ffff:ffff:ffff:ffff") == 429
    assert ask(client, "2001:db8:0:2::1") == 200


def test_an_address_is_the_same_in_both_notations(client: FlaskClient, thread: int):
    use_up(client, "192.0.2.9")
    assert ask(client, "::ffff:192.0.2.9") == 429
    assert ask(client, "::ffff:192.0.2.10") == 200


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP"])
def test_a_forged_header_makes_nobody_another(client: FlaskClient, thread: int, name: str):
    use_up(client)
    assert ask(client, **{name: "203.0.113.5"}) == 429
    assert ask(client, **{name: "for=203.0.113.6"}) == 429


class TestBehindAProxy:
    """One proxy is trusted: what it says counts, what was said to it does not."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        """One proxy."""
        return {"PARLEY_TRUSTED_PROXIES": "1", "PARLEY_READ_RATE": RATE}

    def test_the_last_hop_counts_and_not_what_the_client_wrote(
        self, client: FlaskClient, thread: int
    ):
        for number in range(3):
            forged = f"203.0.113.{number}, 198.51.100.1"
            assert ask(client, **{"X-Forwarded-For": forged}) == 200
        assert ask(client, **{"X-Forwarded-For": "203.0.113.99, 198.51.100.1"}) == 429
        assert ask(client, **{"X-Forwarded-For": "198.51.100.2"}) == 200


class TestNewcomers:
    """How many new readers one address may be."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        """Few newcomers."""
        return {"PARLEY_NEWCOMER_RATE": RATE}

    def test_made_up_voters_are_bounded_and_known_ones_are_not(
        self, client: FlaskClient, thread: int, make_comment: Callable[..., int]
    ):
        comment = make_comment()
        path = f"/api/v1/comments/{comment}/vote"
        answers = [client.put(path, json={"value": 1}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert int(answers[3].headers["Retry-After"]) >= 1
        known = {"Authorization": f"Bearer {answers[0].json['reader_token']}"}
        assert client.put(path, json={"value": -1}, headers=known).json["down"] == 1
        for refused in (
            client.put(f"/api/v1/threads/{thread}/points"),
            client.post(
                f"/api/v1/threads/{thread}/comments", json={"text": "a", "author_name": "b"}
            ),
            client.post(f"/api/v1/comments/{comment}/reports", json={"reason": "spam"}),
        ):
            assert refused.status_code == 429
        # Nothing was stored for those who were turned away.
        page = client.get(f"/api/v1/threads/{thread}/comments").json
        assert (page["comments"][0]["up"], page["comments"][0]["down"]) == (2, 1)

    def test_a_repeated_request_makes_nobody_and_is_not_counted(
        self, app: Flask, scoring: Flask, client: FlaskClient, thread: int
    ):
        app.config["PARLEY_NEWCOMER_RATE"] = "2 per hour"

        def post(key: str, text: str = "A fine day.") -> TestResponse:
            path, headers = f"/api/v1/threads/{thread}/comments", {"Idempotency-Key": key}
            return client.post(path, json={"text": text, "author_name": "Ada"}, headers=headers)

        first, *again = [post("k" * 16) for _ in range(5)]
        assert [one.status_code for one in again] == [201] * 4
        assert {one.json["comment"]["id"] for one in again} == {first.json["comment"]["id"]}
        assert {one.json["reader_token"] for one in again} == {first.json["reader_token"]}
        # Neither is a key that was used for other words.
        assert post("k" * 16, "Something else.").status_code == 409
        assert [post(letter * 16).status_code for letter in "lm"] == [201, 429]
        # Where no more newcomers are let in, a repeat still finds its answer; others do not.
        assert post("k" * 16).json["comment"]["id"] == first.json["comment"]["id"]
        assert post("").status_code == 429
        with app.app_context():
            assert db.session().query(Account).count() == 2

    def test_the_same_key_in_another_discussion_repeats_nothing(
        self, app: Flask, scoring: Flask, client: FlaskClient, thread: int
    ):
        app.config["PARLEY_NEWCOMER_RATE"] = "1 per hour"
        other = client.post("/api/v1/threads", json={"url": f"{PAGE}-2"}).json["thread"]["id"]
        sent, key = {"text": "A fine day.", "author_name": "Ada"}, {"Idempotency-Key": "k" * 16}
        answers = [
            client.post(f"/api/v1/threads/{number}/comments", json=sent, headers=key)
            for number in (thread, other, thread)
        ]
        assert [one.status_code for one in answers] == [201, 429, 201]
