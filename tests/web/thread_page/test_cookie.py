"""The cookie by which readers are known: out of reach, and good here alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import writing
from models import Account, Comment, Report, Vote, db
from moderation import sanctions
from tests.conftest import ORIGIN
from tests.web.thread_page.conftest import COOKIE, SAME, SHOWN, Browser, count


def comment_of(app: Flask, number: int) -> Comment:
    with app.app_context():
        return db.session().get_one(Comment, number)


def test_reading_sets_no_cookie(client: FlaskClient, thread: int, make_comment: Callable[..., int]):
    number = make_comment()
    for path in (SHOWN, f"/thread/comments/{number}", f"/thread/comments/{number}/reply"):
        assert "Set-Cookie" not in client.get(path).headers


def test_the_cookie_is_out_of_scripts_reach(scoring: Flask, thread: int, ada: Browser):
    ada.get(SHOWN)
    made = ada.send("/thread?", follow=False, text="A.", author_name="Ada").headers["Set-Cookie"]
    assert made.startswith(f"{COOKIE}=")
    assert "HttpOnly" in made
    assert "SameSite=Lax" in made
    assert "Secure" not in made


@pytest.mark.parametrize("environ", [{"PARLEY_PUBLIC_URL": "https://comments.example"}])
@pytest.mark.parametrize(
    ("framed", "words"),
    [("iframe", ["SameSite=None", "Partitioned"]), ("document", ["SameSite=Lax"])],
)
def test_framed_over_https_it_is_kept_apart(
    app: Flask, make_comment: Callable[..., int], ben: Browser, framed: str, words: list[str]
):
    number = make_comment()
    ben.get(SHOWN)
    answer = ben.client.post(
        f"/thread/comments/{number}/vote", data={"value": "1"},
        headers=SAME | {"Sec-Fetch-Dest": framed},
    )  # fmt: skip
    made = answer.headers["Set-Cookie"]
    assert made.startswith("__Host-parley-reader=")
    for word in ["HttpOnly", "Secure", "Path=/", *words]:
        assert word in made
    assert ("Partitioned" in made) == (framed == "iframe")


def test_a_cookie_that_is_no_good_is_forgotten(scoring: Flask, thread: int, ada: Browser):
    number = ada.post()
    with scoring.app_context(), writing() as session:
        sanctions.ban_everywhere(session.get_one(Comment, number).author)
    answer = ada.get(SHOWN)
    assert answer.status_code == 200
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert ada.get(SHOWN).headers.get("Set-Cookie") is None


def test_neither_a_staff_token_nor_a_header_makes_a_reader(
    client: FlaskClient, thread: int, make_comment: Callable[..., int]
):
    number = make_comment()
    client.set_cookie(COOKIE, "pst_made-up")
    assert client.get(SHOWN).status_code == 200
    answer = client.get(f"/thread/comments/{number}", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 200


def test_the_cookie_opens_nothing_elsewhere(scoring: Flask, thread: int, ada: Browser):
    number = ada.post()
    answer = ada.client.patch(f"/api/v1/comments/{number}", json={"text": "Changed."})
    assert answer.status_code == 401
    assert ada.client.get(f"/api/v1/threads/{thread}/mine").json["comments"] == []


def test_get_changes_nothing(scoring: Flask, thread: int, ada: Browser):
    number = ada.post()
    before = [count(scoring, table) for table in (Account, Comment, Vote, Report)]
    version = comment_of(scoring, number).version
    for act in ("reply", "edit", "withdraw", "report", "appeal", "vote"):
        answer = ada.client.get(f"/thread/comments/{number}/{act}?value=1&text=x&reason=spam")
        assert answer.status_code == (405 if act == "vote" else 200)
    assert ada.client.get("/thread/preview").status_code in (404, 405)
    ada.client.get(f"/thread?url={ORIGIN}/never-begun")
    assert before == [count(scoring, table) for table in (Account, Comment, Vote, Report)]
    assert comment_of(scoring, number).version == version
