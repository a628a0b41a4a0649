"""The banner: it stands while comments are not judged, says why, since when and how many wait."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from jobs.transactions import writing
from models import Comment, Role, Status, utcnow
from moderation.classifier.watching import Watch
from tests.conftest import ORIGIN
from tests.jobs.scoring.conftest import wait_until
from tests.web.conftest import Caller
from web.runtime import runtime_of

PAGES = ("/console/", "/console/decisions", "/console/cases/1", "/console/banner")


SignIn = Callable[..., Caller]


@pytest.fixture
def desk(site: int, sign_in: SignIn) -> FlaskClient:
    """A moderator of one site, signed in."""
    return sign_in("mod@example.org", Role.MODERATOR, site).client


def banner(client: FlaskClient, path: str = "/console/") -> str:
    """What the banner says on a page, in plain words; empty when it does not stand."""
    page = client.get(path).text
    assert page.count('id="banner"') == 1
    found = re.search(r'<div class="banner">.*?</div></div>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def post(client: FlaskClient, thread: int) -> None:
    """A comment that nobody scores."""
    sent = {"text": "Waits.", "author_name": "Ada"}
    assert client.post(f"/api/v1/threads/{thread}/comments", json=sent).status_code == 201


@pytest.mark.parametrize("path", PAGES)
def test_without_a_model_it_stands_on_every_page(
    app: Flask, desk: FlaskClient, client: FlaskClient, thread: int, path: str
):
    post(client, thread)
    runtime_of(app).classifier.failure = "The model file /srv/model.ckpt cannot be read."
    said = banner(desk, path)
    assert said.startswith("1 comment waits to be scored, hidden from readers.")
    assert "Scoring stopped a moment ago ; when it works again, they are scored" in said
    assert "The model file /srv/model.ckpt cannot be read." in said


def test_it_counts_the_comments_of_the_sites_of_whoever_looks(
    app: Flask,
    desk: FlaskClient,
    client: FlaskClient,
    thread: int,
    other_site: int,
    sign_in: SignIn,
):
    for _ in range(3):
        post(client, thread)
    assert banner(desk).startswith("3 comments wait")
    elsewhere = sign_in("else@example.org", Role.MODERATOR, other_site).client
    assert banner(elsewhere).startswith("New comments would wait to be scored")


def test_it_does_not_stand_while_all_is_well(
    scoring: Flask, desk: FlaskClient, make_comment: Callable[..., int]
):
    make_comment("Nice.")
    assert [banner(desk, path) for path in PAGES] == [""] * len(PAGES)


def test_what_is_being_scored_just_now_is_nothing_to_report(
    scoring: Flask, desk: FlaskClient, make_comment: Callable[..., int]
):
    number = make_comment("Nice.")
    put_back(scoring, number, minutes=1)
    assert banner(desk) == ""


def test_a_comment_that_waits_for_minutes_is_reported_even_if_this_server_is_well(
    scoring: Flask, desk: FlaskClient, make_comment: Callable[..., int]
):
    number = make_comment("Nice.")
    put_back(scoring, number, minutes=7)
    said = banner(desk)
    assert said.startswith("1 comment waits to be scored, hidden from readers.")
    assert "The oldest was written 7 min ago" in said


def put_back(app: Flask, number: int, minutes: int) -> None:
    """Make a comment unscored, and as old as that, past all doors."""
    with app.app_context(), writing() as session:
        written = utcnow() - timedelta(minutes=minutes)
        session.execute(
            update(Comment)
            .where(Comment.id == number)
            .values(status=Status.UNSCORED, created_at=written)
        )


def test_a_slow_model_is_named(scoring: Flask, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Watch, "complaint", "The model has been busy for 31 seconds.")
    assert "The model has been busy for 31 seconds." in banner(desk)


def test_a_reason_is_text_and_nothing_else(app: Flask, desk: FlaskClient):
    runtime_of(app).classifier.failure = "<script>alert(1)</script>"
    assert "<script>alert" not in desk.get("/console/").text


def test_the_banner_alone_is_for_those_who_are_signed_in(client: FlaskClient):
    assert client.get("/console/banner").status_code == 302


def test_it_goes_when_the_model_is_back(app: Flask, desk: FlaskClient):
    assert "The model is being loaded." in banner(desk)
    runtime_of(app).scorer.start()
    wait_until(lambda: banner(desk) == "")


def test_nothing_of_it_is_public(app: Flask, client: FlaskClient, thread: int):
    runtime_of(app).classifier.failure = "The model file /srv/model.ckpt cannot be read."
    post(client, thread)
    for path in (f"/api/v1/threads/{thread}/comments", f"/api/v1/threads?url={ORIGIN}/story"):
        assert "srv" not in client.get(path).text
