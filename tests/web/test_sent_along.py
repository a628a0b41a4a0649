"""What a comment is sent with over HTTP: a field that people do not see, an address not kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import Comment, Decision, Status, StoredSignal
from moderation import decisions, screening
from moderation.classifier.scores import Scores
from tests.conftest import LABELS, set_policy, status_of

Post = Callable[..., Any]


@pytest.fixture
def post(scoring: Flask, client: FlaskClient, thread: int) -> Post:
    """Posts a comment with some more fields; answers the response."""

    def send(**more: object) -> Any:
        sent = {"text": "All is well.", "author_name": "Ada", **more}
        return client.post(f"/api/v1/threads/{thread}/comments", json=sent)

    return send


def reasons(app: Flask) -> list[str]:
    """Why the newest comment stands where it stands."""
    with app.app_context(), reading() as session:
        newest = session.scalars(select(Decision).order_by(Decision.id.desc())).first()
        assert newest is not None
        return newest.reasons


@pytest.mark.parametrize(
    ("more", "status", "why"),
    [
        ({}, "published", []),
        ({"website": ""}, "published", []),
        ({"website": "  "}, "published", []),
        ({"website": "https://spam.example"}, "held", ["honeypot"]),
        ({"author_email": ""}, "published", []),
        ({"author_email": "ada@example.org"}, "published", []),
        ({"author_email": "x@mailinator.com"}, "held", ["disposable-email:mailinator.com"]),
        ({"author_email": "x@a.Mailinator.COM"}, "held", ["disposable-email:mailinator.com"]),
    ],
)
def test_what_becomes_of_a_comment(
    app: Flask, post: Post, more: dict[str, str], status: str, why: list[str]
):
    answer = post(**more)
    assert (answer.status_code, answer.json["comment"]["status"]) == (201, status)
    assert reasons(app) == why


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\n",
     "x" * 250 + "@example.org", 7],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(post: Post, address: object):
    answer = post(author_email=address)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["author_email"]


def test_the_author_is_not_told_of_the_trap(app: Flask, post: Post, client: FlaskClient, site: int):
    usual = post(text="You idiot.").json["comment"]
    trapped = post(website="x").json["comment"]
    assert trapped["notice"] == usual["notice"]
    assert set(trapped) == set(usual)
    set_policy(app, site, rules={"honeypot": ["reject", 0]})
    answer = post(website="x")
    assert answer.json["comment"]["status"] == "rejected"
    assert "it looks like spam" in answer.json["comment"]["notice"]
    assert "honeypot" not in answer.text


def test_of_an_address_only_its_domain_is_kept(app: Flask, post: Post, tmp_path: Path):
    post(author_email="somebody.in.particular@Example.org")
    with app.app_context(), reading() as session:
        assert session.scalars(select(Comment.email_domain)).one() == "example.org"
    with closing(sqlite3.connect(tmp_path / "parley.db")) as rows:
        assert "somebody.in.particular" not in "".join(rows.iterdump())


def test_staff_is_judged_by_all_and_held_by_nothing(app: Flask, make_comment: Callable[..., int]):
    number = make_comment()
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        comment.by_staff = True
        comment.trapped = True
        comment.revision = 2
        author = decisions.Actor.author(comment.author)
        decisions.decide(session, comment, Status.UNSCORED, author)
        screening.screen(session, comment, Scores(dict.fromkeys(LABELS, 0.95), "words", "1"), 2)
    assert status_of(app, number) == "published"
    assert reasons(app) == ["by-staff"]
    with app.app_context(), reading() as session:
        kinds = session.scalars(
            select(StoredSignal.kind).where(StoredSignal.advice == "hold")
        ).all()
    assert {"score", "honeypot"} <= set(kinds)
