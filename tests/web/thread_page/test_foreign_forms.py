"""Only a form of our own page, made for its reader, changes anything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models import Comment, Vote
from tests.conftest import ORIGIN
from tests.web.thread_page.conftest import SAME, SHOWN, Browser, count, forms

NOTHING: dict[str, str] = {}


@pytest.mark.parametrize(
    ("headers", "stranger", "known", "known_without_token"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303, 303, 403),
        ({"Origin": "http://localhost"}, 303, 303, 403),
        (NOTHING, 403, 303, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403, 403, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403, 403, 403),
        ({"Sec-Fetch-Site": "none"}, 403, 403, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403, 403, 403),
        ({"Origin": ORIGIN}, 403, 403, 403),
        ({"Origin": "null"}, 403, 403, 403),
        ({"Origin": "http://localhost.evil.example"}, 403, 403, 403),
        ({"Origin": "http://localhost:81"}, 403, 403, 403),
    ],
)
def test_only_our_own_forms_change_anything(
    scoring: Flask, thread: int, browse: Callable[[], Browser],
    make_comment: Callable[..., int], headers: dict[str, str],
    stranger: int, known: int, known_without_token: int,
):  # fmt: skip
    number = make_comment()
    ada = browse()
    ada.post()
    token = ada.form("/thread?").fields["form_token"]
    path, sent = f"/thread/comments/{number}/vote", {"value": "1"}
    before = count(scoring, Vote)
    answers = (
        browse().client.post(path, data=sent, headers=headers).status_code,
        ada.client.post(path, data=sent, headers=headers).status_code,
        ada.client.post(path, data=sent | {"form_token": "x" * 40}, headers=headers).status_code,
        ada.client.post(path, data=sent | {"form_token": token}, headers=headers).status_code,
    )
    assert answers == (stranger, known_without_token, known_without_token, known)
    assert count(scoring, Vote) - before == (stranger == 303) + (known == 303)


def test_another_readers_token_opens_nothing(scoring: Flask, thread: int, ada: Browser,
                                             ben: Browser):  # fmt: skip
    number = ada.post()
    ben.post("Mine.", "Ben")
    token = ada.form("/thread?").fields["form_token"]
    sent = {"value": "1", "form_token": token}
    assert (
        ben.client.post(f"/thread/comments/{number}/vote", data=sent, headers=SAME).status_code
        == 403
    )


def test_a_page_from_before_the_cookie_is_sent_again(scoring: Flask, thread: int, ada: Browser):
    old = ada.get(SHOWN).text
    ada.post("First.")
    action = next(one for one in forms(old) if "/thread?" in one.action).action
    typed = {"text": "Second.", "author_name": "Ada", "form_token": ""}
    ada.answer = ada.client.post(action, data=typed, headers=SAME)
    assert ada.answer.status_code == 403
    assert "press the button again" in ada.text
    ada.send("/thread?")
    assert "Second." in ada.text
    assert count(scoring, Comment) == 2


def test_a_foreign_form_puts_no_words_on_our_page(client: FlaskClient, thread: int):
    answer = client.post(
        SHOWN, data={"text": "PLANTED", "author_name": "Eve"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert answer.status_code == 403
    assert "PLANTED" not in answer.text
    assert answer.mimetype == "text/html"
