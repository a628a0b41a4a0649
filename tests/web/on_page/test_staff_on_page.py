"""Staff on a publisher's page: what they see of a thread, and what they write."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from models import Role, db
from tests.conftest import ORIGIN, set_policy
from tests.web.on_page.conftest import DESK, WORDS


def test_the_hidden_comments_of_a_thread(
    app: Flask, client: FlaskClient, thread: int, holders: dict[str, str],
    make_comment: Callable[..., int],
):  # fmt: skip
    make_comment("A fine day.")
    numbers = [make_comment(f"You idiot, {n}.") for n in range(4)]
    headers = {"Authorization": f"Bearer {holders['moderator']}", "Origin": ORIGIN}
    path = f"{DESK}/threads/{thread}/comments"
    first = client.get(f"{path}?limit=3", headers=headers).json
    assert [one["id"] for one in first["comments"]] == numbers[:0:-1]
    assert first["waiting"] == 4
    desk = first["comments"][0]["desk"]
    assert desk["status"] == "held"
    assert desk["can"] == ["approve", "reject"]
    assert any("over the hold threshold" in why for why in desk["why"])
    assert desk["scores"][0]["is_over"] is True
    second = client.get(f"{path}?limit=3&below={first['next']}", headers=headers).json
    assert ([one["id"] for one in second["comments"]], second["next"]) == (numbers[:1], 0)
    quiet = {"Authorization": f"Bearer {holders['read-only']}"}
    assert client.get(path, headers=quiet).json["comments"][0]["desk"]["can"] == []


def test_a_fixed_number_of_queries(
    app: Flask, client: FlaskClient, thread: int, holders: dict[str, str],
    make_comment: Callable[..., int],
):  # fmt: skip
    headers = {"Authorization": f"Bearer {holders['moderator']}"}
    asked: list[str] = []

    def cost() -> int:
        asked.clear()
        assert client.get(f"{DESK}/threads/{thread}/comments", headers=headers).status_code == 200
        return len(asked)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    make_comment("You idiot.")
    cost()
    few = cost()
    for n in range(12):
        make_comment(f"You idiot, {n}.", name=f"Reader {n}")
    assert cost() == few


@pytest.mark.parametrize("mode", ["post", "pre"])
def test_staff_write_under_their_name_and_are_not_held(
    scoring: Flask, client: FlaskClient, site: int, thread: int, holders: dict[str, str], mode: str
):
    if mode == "pre":
        set_policy(scoring, site, moderation=mode)
    headers = {"Authorization": f"Bearer {holders['moderator']}", "Origin": ORIGIN}
    sent = {"text": "Do not call each other idiot.", "author_name": "Somebody else"}
    answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent, headers=headers)
    comment = answer.json["comment"]
    assert (comment["status"], comment["by_staff"]) == ("published", True)
    assert comment["author"]["name"] == "anna"
    assert "reader_token" not in answer.json
    public = client.get(f"/api/v1/threads/{thread}/comments").json["comments"][0]
    assert (public["by_staff"], public["author"]["staff"]) == (True, True)
    shown = client.get(f"{DESK}/threads/{thread}/comments/{comment['id']}", headers=headers).json
    assert shown["desk"]["scores"][0]["value"] > 0.9


def test_a_token_of_staff_says_nothing_in_a_reader_s_comment(
    client: FlaskClient, thread: int, site: int
):
    sent = WORDS | {"by_staff": True}
    answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent)
    assert answer.status_code == 422
    made = client.post(f"/api/v1/threads/{thread}/comments", json=WORDS)
    assert made.json["comment"]["by_staff"] is False


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("anna", 422),
        ("Anna", 422),
        ("ANNA ", 422),
        ("Ａｎｎａ", 422),
        ("Аnnа", 422),
        ("Ànna", 422),
        ("A-n-n-a", 422),
        ("Anna Karenina", 201),
        ("Hanna", 201),
        ("Ada", 201),
    ],
)
def test_nobody_else_takes_a_name_of_the_staff(
    client: FlaskClient, site: int, thread: int, make_staff: Callable[..., int], name: str,
    status: int,
):  # fmt: skip
    make_staff("anna@example.org", Role.MODERATOR, site)
    sent = {"text": "Good day.", "author_name": name}
    answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent)
    assert answer.status_code == status, answer.text
    if status == 422:
        assert "staff" in answer.json["errors"]["author_name"][0]


def test_the_staff_of_another_site_keep_no_name_here(
    client: FlaskClient, other_site: int, thread: int, make_staff: Callable[..., int]
):
    make_staff("anna@example.org", Role.MODERATOR, other_site)
    sent = {"text": "Good day.", "author_name": "Anna"}
    assert client.post(f"/api/v1/threads/{thread}/comments", json=sent).status_code == 201
