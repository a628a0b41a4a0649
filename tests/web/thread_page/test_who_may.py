"""Who may do what with which comment, and how much of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.web.thread_page.conftest import SAME, SHOWN, Browser, forms

TABLE = [
    # act, sent, nobody, another reader, the author
    ("reply", {"text": "A.", "author_name": "B"}, 303, 303, 303),
    ("edit", {"text": "Changed."}, 401, 403, 303),
    ("withdraw", {}, 401, 403, 303),
    ("vote", {"value": "1"}, 303, 303, 409),
    ("report", {"reason": "spam"}, 303, 303, 303),
    ("appeal", {"text": "Why?"}, 401, 403, 409),
]


def _try(who: Browser, number: int, act: str, sent: dict[str, str]) -> TestResponse:
    """Send what no page offers, with the token that this person's pages carry."""
    token = {"form_token": forms(who.get(SHOWN).text)[0].fields["form_token"]}
    return who.client.post(f"/thread/comments/{number}/{act}", data=sent | token, headers=SAME)


@pytest.mark.parametrize(("act", "sent", "nobody", "other", "author"), TABLE)
def test_who_may_what(
    scoring: Flask, thread: int, browse: Callable[[], Browser],
    act: str, sent: dict[str, str], nobody: int, other: int, author: int,
):  # fmt: skip
    ada, ben, cleo = browse(), browse(), browse()
    number = ada.post()
    ben.post("Also here.", "Ben")
    hidden = ada.post("You idiot.")
    answered = {}
    for name, who in (("nobody", cleo), ("other", ben), ("author", ada)):
        answered[name] = _try(who, number, act, sent).status_code
        if name != "author":
            answer = _try(who, hidden, act, sent)
            assert answer.status_code in (401, 404), (name, answer.text)
            assert "You idiot." not in answer.text
    assert answered == {"nobody": nobody, "other": other, "author": author}


@pytest.mark.parametrize(
    ("setting", "act", "sent"),
    [
        ("WRITE", "report", {"reason": "spam"}),
        ("WRITE", "reply", {"text": "A.", "author_name": "B"}),
        ("VOTE", "vote", {"value": "1"}),
        ("NEWCOMER", "vote", {"value": "1"}),
    ],
)
def test_the_limits_are_those_of_the_api(
    app: Flask, browse: Callable[[], Browser], make_comment: Callable[..., int],
    setting: str, act: str, sent: dict[str, str],
):  # fmt: skip
    app.config[f"PARLEY_{setting}_RATE"] = "1 per hour"
    number = make_comment()
    path = f"/thread/comments/{number}/{act}"
    answers = [browse().client.post(path, data=sent, headers=SAME) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 429]
    assert answers[1].mimetype == "text/html"
    assert f"/thread/comments/{number}" in answers[1].text


def test_previews_have_a_limit_of_their_own(app: Flask, thread: int, ada: Browser):
    app.config["PARLEY_PREVIEW_RATE"] = "1 per hour"
    for status in (200, 429):
        ada.get(SHOWN)
        answer = ada.send("/thread?", to="preview", text="Kept.", author_name="Ada")
        assert answer.status_code == status
        assert ada.form("/thread?").fields["text"] == "Kept."
