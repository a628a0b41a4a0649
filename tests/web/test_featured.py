"""Featured comments: who may, where readers find them, and when they are gone again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from discussion import comments as posting
from discussion.reading import Sort
from jobs.transactions import writing
from models import AuditEntry, Comment, Role, Status, db
from models.comment import lock
from models.decision import ActorKind
from moderation import decisions, featuring, screening
from moderation.classifier.scores import Scores
from moderation.decisions import Actor
from tests.conftest import PAGE
from tests.web.conftest import Caller

MakeComment = Callable[..., int]
_MO = Actor(ActorKind.STAFF, 1, "Mo")


@pytest.fixture
def program(site: int, make_key: Callable[[int, str], dict[str, str]]) -> dict[str, str]:
    """The headers of a program of the site."""
    return make_key(site, "a-key-of-the-site")


def page_of(client: FlaskClient, thread: int, query: str = "") -> Any:
    """A page of the thread."""
    return client.get(f"/api/v1/threads/{thread}/comments?{query}").json


def feature(client: FlaskClient, program: dict[str, str], comment_id: int, way: str = "put") -> Any:
    """Ask for it over the API."""
    ask = getattr(client, way)
    return ask(f"/api/v1/moderation/comments/{comment_id}/feature", headers=program)


@pytest.mark.parametrize("sort", Sort)
def test_it_stands_above_the_first_page_of_every_order_and_in_its_place(
    client: FlaskClient, make_comment: MakeComment, thread: int, program: dict[str, str], sort: Sort
):
    root = make_comment("Root")
    reply = make_comment("Reply", parent=root)
    make_comment("Below", parent=reply)
    assert page_of(client, thread, f"sort={sort}")["featured"] == []
    assert feature(client, program, reply).json == {"comment_id": reply, "featured": True}
    page = page_of(client, thread, f"sort={sort}")
    (shown,) = page["featured"]
    assert (shown["id"], shown["featured"], shown["replies"]) == (reply, True, [])
    assert shown["more_replies"] == "first"
    (there,) = page["comments"]
    assert there["featured"] is False
    assert there["replies"][0]["featured"] is True
    assert client.get(f"/api/v1/threads?url={PAGE}&sort={sort}").json["featured"] == [shown]


def test_further_pages_have_none_and_the_last_three_are_shown(
    client: FlaskClient, make_comment: MakeComment, thread: int, program: dict[str, str]
):
    made = [make_comment(f"Comment {number}") for number in range(5)]
    for number in (3, 0, 4, 1):
        feature(client, program, made[number])
    first = page_of(client, thread, "limit=2")
    assert [one["id"] for one in first["featured"]] == [made[1], made[4], made[0]]
    assert "featured" not in page_of(client, thread, f"limit=2&cursor={first['next']}")


@pytest.mark.parametrize("after", [Status.HELD, Status.REJECTED, Status.WITHDRAWN])
def test_what_is_not_published_is_not_shown_and_comes_back_with_it(
    app: Flask,
    client: FlaskClient,
    make_comment: MakeComment,
    thread: int,
    program: dict[str, str],
    after: Status,
):
    chosen = make_comment("A chosen text")
    make_comment("Below", parent=chosen)
    feature(client, program, chosen)
    with app.app_context(), writing() as session:
        comment = lock(session, chosen)
        if after is Status.WITHDRAWN:
            posting.withdraw(session, comment, comment.author)
        else:
            decisions.decide(session, comment, after, _MO)
    page = page_of(client, thread)
    assert page["featured"] == []
    assert page["comments"][0]["featured"] is False
    if after is not Status.WITHDRAWN:
        with app.app_context(), writing() as session:
            decisions.decide(session, lock(session, chosen), Status.PUBLISHED, _MO)
        assert len(page_of(client, thread)["featured"]) == 1


def test_another_text_is_not_what_was_chosen(
    app: Flask, client: FlaskClient, make_comment: MakeComment, thread: int, program: dict[str, str]
):
    chosen = make_comment("A chosen text")
    feature(client, program, chosen)
    with app.app_context(), writing() as session:
        comment = lock(session, chosen)
        posting.edit(session, comment, comment.author, posting.draft("Buy now", 99), 15)
        session.flush()
        screening.screen(session, comment, Scores({"toxicity": 0.0}, "words", "1"), 2)
        assert comment.status is Status.PUBLISHED
    assert page_of(client, thread)["featured"] == []


def test_taken_back_and_again_changes_nothing(
    app: Flask, client: FlaskClient, make_comment: MakeComment, thread: int, program: dict[str, str]
):
    chosen = make_comment("A chosen text")
    versions = []
    for way in ("delete", "put", "put", "delete", "delete"):
        answer = feature(client, program, chosen, way)
        assert answer.json["featured"] is (way == "put")
        versions.append(page_of(client, thread)["thread"]["version"])
    assert [one - versions[0] for one in versions] == [0, 1, 1, 2, 2]
    with app.app_context():
        acts = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        told = [(one.action, one.subject_id, one.actor_name) for one in acts]
        assert told == [
            (featuring.FEATURED, chosen, "a-key-of-the-site"),
            (featuring.TAKEN_BACK, chosen, "a-key-of-the-site"),
        ]


def test_it_is_no_new_version_of_the_comment(
    app: Flask, client: FlaskClient, make_comment: MakeComment, program: dict[str, str]
):
    chosen = make_comment("A chosen text")
    with app.app_context():
        before = db.session.get_one(Comment, chosen).version
    feature(client, program, chosen)
    with app.app_context():
        assert db.session.get_one(Comment, chosen).version == before


def test_only_what_is_published_and_only_ones_own_sites(
    app: Flask,
    client: FlaskClient,
    make_comment: MakeComment,
    other_site: int,
    make_key: Callable[[int, str], dict[str, str]],
    sign_in: Callable[..., Caller],
    site: int,
    program: dict[str, str],
):
    held = make_comment("You idiot")
    shown = make_comment("Fine")
    assert feature(client, program, held).status_code == 409
    assert feature(client, program, 999).status_code == 404
    theirs = make_key(other_site, "a-key-of-another")
    reading = sign_in("ro@example.org", Role.READ_ONLY, site)
    for way in ("put", "delete"):
        assert feature(client, theirs, shown, way).status_code == 404
        assert feature(client, {}, shown, way).status_code == 401
        assert feature(reading.client, reading.headers, shown, way).status_code == 403


def test_a_moderator_does_it_in_the_console_and_takes_it_back(
    app: Flask,
    client: FlaskClient,
    make_comment: MakeComment,
    sign_in: Callable[..., Caller],
    site: int,
    thread: int,
):
    chosen = make_comment("A chosen text")
    anna = sign_in("anna@example.org", Role.MODERATOR, site)
    case = f"/console/cases/{chosen}"
    assert "Feature no longer" not in anna.client.get(case).text
    done = anna.client.post(f"{case}/feature", headers=anna.headers, follow_redirects=True)
    assert "Featured — readers find it above the discussion." in done.text
    assert "Feature no longer" in done.text
    assert "featured it" in done.text
    assert f"{case}/feature/take-back" in done.text
    assert len(page_of(client, thread)["featured"]) == 1
    back = anna.client.post(
        f"{case}/feature/take-back", headers=anna.headers, follow_redirects=True
    )
    assert "it stands in its own place alone" in back.text
    assert page_of(client, thread)["featured"] == []
    script = anna.headers | {"Accept": "application/json"}
    told = anna.client.post(f"{case}/feature", headers=script).json
    assert told["undo"].startswith(f"{case}/feature/take-back")


def test_what_is_held_cannot_be_featured_in_the_console(
    make_comment: MakeComment, sign_in: Callable[..., Caller], site: int
):
    held = make_comment("You idiot")
    anna = sign_in("anna@example.org", Role.MODERATOR, site)
    assert "/feature" not in anna.client.get(f"/console/cases/{held}").text
    refused = anna.client.post(f"/console/cases/{held}/feature", headers=anna.headers)
    assert refused.status_code == 409
    assert "Publish it first" in refused.text
