"""Many at once through the real doors: totals stay right, and one of two contenders wins."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from discussion.votes import wilson
from jobs.transactions import writing
from models import Account, AccountKind, ApiKey, Comment, db
from moderation.keys import digest_of
from tests.conftest import status_of
from tests.flows.invariants import broken_promises
from web.auth import token_for
from web.runtime import runtime_of

Given = TypeVar("Given")
READERS = 100


@pytest.fixture
def environ() -> dict[str, str]:
    """A short wait for a locked database, so that the test of it is short as well."""
    return {"PARLEY_BUSY_SECONDS": "20"}


def at_once(call: Callable[[Given], TestResponse], given: Sequence[Given]) -> list[TestResponse]:
    """Call with each of the given from a thread of its own, all let go at one moment."""
    barrier = threading.Barrier(len(given))

    def one(value: Given) -> TestResponse:
        barrier.wait(30)
        return call(value)

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(one, given))


@pytest.fixture
def tokens(app: Flask) -> list[str]:
    """The tokens of READERS readers who exist already."""
    with app.test_request_context(), writing() as session:
        readers = [Account(kind=AccountKind.GUEST, name=f"Reader {n}") for n in range(READERS)]
        session.add_all(readers)
        session.flush()
        return [token_for(reader) for reader in readers]


@pytest.fixture
def key(app: Flask, site: int) -> dict[str, str]:
    """The headers of a program that moderates."""
    with app.app_context(), writing() as session:
        session.add(ApiKey(site_id=site, name="test", digest=digest_of("pk_test")))
    return {"Authorization": "Bearer pk_test"}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_hundred_concurrent_votes_are_a_hundred_rows_and_the_right_total(
    app: Flask, make_comment: Callable[..., int], tokens: list[str], tmp_path: Path
):
    comment = make_comment()

    def vote(number: int) -> TestResponse:
        value = -1 if number % 4 == 0 else 1
        return app.test_client().put(
            f"/api/v1/comments/{comment}/vote",
            json={"value": value},
            headers=_bearer(tokens[number]),
        )

    answers = at_once(vote, range(READERS))
    assert Counter(answer.status_code for answer in answers) == {200: READERS}
    with app.app_context():
        row = db.session().get_one(Comment, comment)
        assert (row.up, row.down) == (75, 25)
        assert row.best == pytest.approx(wilson(75, 25))
    with closing(sqlite3.connect(tmp_path / "parley.db")) as rows:
        assert rows.execute("SELECT count(*), sum(value) FROM vote").fetchone() == (100, 50)
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_one_reader_voting_from_ten_windows_has_one_vote(
    app: Flask, make_comment: Callable[..., int], tokens: list[str], tmp_path: Path
):
    comment = make_comment()

    def vote(value: int) -> TestResponse:
        return app.test_client().put(
            f"/api/v1/comments/{comment}/vote", json={"value": value}, headers=_bearer(tokens[0])
        )

    answers = at_once(vote, [1, -1] * 5)
    assert {answer.status_code for answer in answers} == {200}
    with closing(sqlite3.connect(tmp_path / "parley.db")) as rows:
        assert rows.execute("SELECT count(*) FROM vote").fetchone() == (1,)
    assert broken_promises(tmp_path / "parley.db") == []


def test_article_points_given_at_once_are_all_counted(
    app: Flask, thread: int, tokens: list[str], tmp_path: Path
):
    def give(token: str) -> TestResponse:
        return app.test_client().put(f"/api/v1/threads/{thread}/points", headers=_bearer(token))

    answers = at_once(give, tokens[:20] + tokens[:5])
    assert {answer.status_code for answer in answers} == {200}
    with closing(sqlite3.connect(tmp_path / "parley.db")) as rows:
        assert rows.execute("SELECT points FROM thread").fetchone() == (20,)
    assert broken_promises(tmp_path / "parley.db") == []


def test_of_two_moderators_at_once_one_decides_and_one_is_told(
    app: Flask,
    client: FlaskClient,
    make_comment: Callable[..., int],
    key: dict[str, str],
    tmp_path: Path,
):
    for _ in range(5):
        comment = make_comment("You idiot.")
        case = client.get(f"/api/v1/moderation/cases/{comment}", headers=key).json["case"]

        def decide(word: str, number: int = comment, version: int = case["version"]):
            return app.test_client().post(
                f"/api/v1/moderation/cases/{number}/decisions",
                json={"decision": word, "version": version},
                headers=key,
            )

        answers = at_once(decide, ["approve", "reject"])
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert refused.json["type"].endswith("stale-version")
        with closing(sqlite3.connect(tmp_path / "parley.db")) as rows:
            by_people = rows.execute(
                "SELECT count(*) FROM decision WHERE comment_id = ? AND actor_kind = 'api-key'",
                [comment],
            ).fetchone()
        assert by_people == (1,)
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_one_key_posted_by_eight_at_once_is_one_comment(
    app: Flask, scoring: Flask, thread: int, tmp_path: Path
):
    def post(_: int) -> TestResponse:
        return app.test_client().post(
            f"/api/v1/threads/{thread}/comments",
            json={"text": "Only once.", "author_name": "Ada"},
            headers={"Idempotency-Key": "0d5f3c52-1f0c-4a57-9a55-2b8a3c1f7e11"},
        )

    answers = at_once(post, range(8))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["comment"]["id"] for answer in answers}) == 1
    assert len({answer.json["reader_token"] for answer in answers}) == 1
    with closing(sqlite3.connect(tmp_path / "parley.db")) as rows:
        assert rows.execute("SELECT count(*) FROM comment").fetchone() == (1,)
        assert rows.execute("SELECT count(*) FROM account").fetchone() == (1,)
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """While the body runs, another connection holds the write lock."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


class TestLockedDatabase:
    """Somebody else holds SQLite's write lock for longer than we wait."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        """A short wait."""
        return {"PARLEY_BUSY_SECONDS": "0.1"}

    def test_writers_are_told_to_come_back_and_then_succeed(
        self, client: FlaskClient, make_comment: Callable[..., int], tmp_path: Path
    ):
        comment = make_comment()
        address = f"/api/v1/comments/{comment}/vote"
        with locked(tmp_path / "parley.db"):
            # More often than the pool has connections: a refused request must give its own back.
            for _ in range(20):
                answer = client.put(address, json={"value": 1})
                assert answer.status_code == 503
                assert int(answer.headers["Retry-After"]) > 0
                assert answer.mimetype == "application/problem+json"
                assert answer.json["type"].endswith("database-busy")
        assert client.put(address, json={"value": 1}).json["up"] == 1
        assert broken_promises(tmp_path / "parley.db", drained=True) == []

    def test_readers_are_served_while_it_is_locked(
        self, client: FlaskClient, make_comment: Callable[..., int], thread: int, tmp_path: Path
    ):
        make_comment("Still here.")
        with locked(tmp_path / "parley.db"):
            page = client.get(f"/api/v1/threads/{thread}/comments")
        assert "Still here." in page.text

    def test_the_scorer_lives_through_it(
        self, app: Flask, client: FlaskClient, thread: int, tmp_path: Path
    ):
        sent = {"text": "Patience.", "author_name": "Ada"}
        # Nobody scores yet, so that the first round falls into the time of the lock.
        comment = client.post(f"/api/v1/threads/{thread}/comments", json=sent).json["comment"]
        assert comment["status"] == "unscored"
        with locked(tmp_path / "parley.db"):
            runtime_of(app).scorer.start()
            assert runtime_of(app).classifier.wait_ready(10)
            time.sleep(1.5)
            assert status_of(app, comment["id"]) == "unscored"
        until = time.monotonic() + 10
        while status_of(app, comment["id"]) != "published":
            assert time.monotonic() < until, "the scorer gave up"
            time.sleep(0.05)
