"""Words in one thread: what is found, and what never is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from discussion import comments as posting
from discussion import searching, threads
from jobs.transactions import writing
from models import Account, AccountKind, Comment, Status
from models.decision import ActorKind
from moderation import decisions
from moderation.decisions import Actor
from tests.conftest import ORIGIN
from tests.discussion.test_reading import counted

MakeComment = Callable[..., int]
_MO = Actor(ActorKind.STAFF, 1, "Mo")


def found(client: FlaskClient, thread: int, words: str, **more: object) -> dict:
    """The answer to a search."""
    asked = {"q": words, **more}
    answer = client.get(f"/api/v1/threads/{thread}/search", query_string=asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_all_words_in_any_order_newest_first(
    client: FlaskClient, make_comment: MakeComment, thread: int
):
    old = make_comment("The bridge over the river is closed")
    make_comment("A bridge too far")
    new = make_comment("River and BRIDGE and so on", parent=old)
    answer = found(client, thread, "bridge river")
    assert [one["id"] for one in answer["comments"]] == [new, old]
    assert answer["count"] == 2
    assert answer["next"] is None
    root = answer["comments"][1]
    assert root["replies"] == []
    assert root["more_replies"] == "first"
    assert root["permalink"].endswith(f"#comment-{old}")


@pytest.mark.parametrize("after", [Status.HELD, Status.REJECTED])
def test_what_is_not_published_is_not_found(
    app: Flask, client: FlaskClient, make_comment: MakeComment, thread: int, after: Status
):
    hidden = make_comment("A secretword here", name="Secretname")
    make_comment("Below", parent=hidden)
    make_comment("You idiot of a secretword")
    assert found(client, thread, "secretword")["count"] == 1
    with app.app_context(), writing() as session:
        decisions.decide(session, session.get_one(Comment, hidden), after, _MO)
    for words in ("secretword", "secretname"):
        nothing = {"comments": [], "next": None, "count": 0, "capped": False}
        assert found(client, thread, words) == nothing


def test_other_threads_are_not_looked_through(
    app: Flask, client: FlaskClient, make_comment: MakeComment, thread: int
):
    first = make_comment("A bridge")
    with app.app_context(), writing() as session:
        place = threads.locate(session, f"{ORIGIN}/other")
        elsewhere, _ = threads.find_or_begin(session, place)
        author = Account(kind=AccountKind.GUEST, name="Bo")
        session.add(author)
        session.flush()
        words = posting.draft("Another bridge", 100)
        comment, _ = posting.post(
            session, elsewhere, author, words, None, posting.Limits(100, 60, 9, 15)
        )
        decisions.decide(session, comment, Status.PUBLISHED, _MO)
    last = make_comment("One more bridge")
    assert [one["id"] for one in found(client, thread, "bridge")["comments"]] == [last, first]


def test_page_by_page_each_once(client: FlaskClient, make_comment: MakeComment, thread: int):
    made = [make_comment(f"bridge {number}") for number in range(7)]
    seen, cursor = [], ""
    while cursor is not None:
        answer = found(client, thread, "bridge", cursor=cursor, limit=3)
        seen += [one["id"] for one in answer["comments"]]
        assert answer["count"] == 7
        cursor = answer["next"]
    assert seen == made[::-1]


@pytest.mark.parametrize("words", ["", "  ", "!?", "-bridge", '""'])
def test_words_that_ask_for_nothing_are_refused_clearly(
    client: FlaskClient, thread: int, words: str
):
    answer = client.get(f"/api/v1/threads/{thread}/search", query_string={"q": words})
    assert answer.status_code == 422
    assert "word" in answer.json["errors"]["q"][0]


def test_a_cursor_that_is_none_and_a_thread_that_is_none(client: FlaskClient, thread: int):
    asked = {"q": "bridge", "cursor": "abc"}
    assert client.get(f"/api/v1/threads/{thread}/search", query_string=asked).status_code == 422
    assert client.get("/api/v1/threads/999/search?q=bridge").status_code == 404


def test_many_found_are_counted_to_a_thousand_and_cost_the_same(
    app: Flask, make_comment: MakeComment, thread: int, monkeypatch: pytest.MonkeyPatch
):
    for number in range(6):
        make_comment(f"bridge {number}")
    monkeypatch.setattr(searching, "MOST", 4)
    with app.app_context(), writing() as session, counted() as statements:
        answer = searching.search(session, thread, "bridge", "", 3)
    assert (answer.count, answer.capped) == (4, True)
    assert len(statements) == 2


def test_the_answer_says_whether_all_were_counted(
    client: FlaskClient, make_comment: MakeComment, thread: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(searching, "MOST", 3)
    for capped in (False, False, True, True):
        make_comment("bridge")
        told = client.get(f"/api/v1/threads/{thread}/search?q=bridge").json
        assert told["capped"] is capped
    assert told["count"] == 3
