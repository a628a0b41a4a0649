"""A form that is sent twice makes one comment, whoever sends it; another form makes another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models import Account, Comment
from tests.web.thread_page.conftest import COOKIE, SAME, SHOWN, Browser, Form, count

TYPED = {"text": "Said once.", "author_name": "Ada"}


def sent(app: Flask, form: Form, cookie: str = "", **typed: str) -> TestResponse:
    """Send a form as the browser does that pressed its button before any answer came."""
    client = app.test_client()
    if cookie:
        client.set_cookie(COOKIE, cookie)
    return client.post(form.action, data=form.fields | TYPED | typed, headers=SAME)


def cookie_of(answer: TestResponse) -> str:
    return answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]


class TestTwice:
    def test_by_somebody_unknown(self, scoring: Flask, thread: int, ada: Browser):
        ada.get(SHOWN)
        form = ada.form("/thread?")
        first, second = sent(scoring, form), sent(scoring, form)
        assert (first.status_code, second.status_code) == (303, 303)
        assert first.headers["Location"] == second.headers["Location"]
        # A browser shows the second answer alone: its reader is known by that one.
        assert cookie_of(first) == cookie_of(second)
        ada.client.set_cookie(COOKIE, cookie_of(second))
        assert "Said once." in ada.get(second.headers["Location"]).text
        assert "/withdraw" in ada.text
        assert (count(scoring, Comment), count(scoring, Account)) == (1, 1)

    def test_by_somebody_known(self, scoring: Flask, thread: int, ada: Browser):
        ada.post("Before.")
        cookie = ada.client.get_cookie(COOKIE)
        assert cookie is not None
        ada.get(SHOWN)
        form = ada.form("/thread?")
        answers = [sent(scoring, form, cookie.value) for _ in range(2)]
        assert [one.status_code for one in answers] == [303, 303]
        assert len({one.headers["Location"] for one in answers}) == 1
        assert (count(scoring, Comment), count(scoring, Account)) == (2, 1)

    def test_a_reply(self, scoring: Flask, make_comment: Callable[..., int], ada: Browser):
        ada.get(f"/thread/comments/{make_comment('Above.')}/reply")
        form = ada.form("/reply")
        answers = [sent(scoring, form) for _ in range(2)]
        assert len({one.headers["Location"] for one in answers}) == 1
        assert count(scoring, Comment) == 2

    def test_the_first_comment_of_a_discussion(self, scoring: Flask, site: int, ada: Browser):
        ada.get(SHOWN)
        form = ada.form("/thread?")
        answers = [sent(scoring, form) for _ in range(2)]
        assert len({one.headers["Location"] for one in answers}) == 1
        assert count(scoring, Comment) == 1

    def test_at_once(self, scoring: Flask, thread: int, ada: Browser):
        ada.get(SHOWN)
        form = ada.form("/thread?")
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(lambda _: sent(scoring, form), range(2)))
        assert [one.status_code for one in answers] == [303, 303]
        places = {one.headers["Location"].rpartition("#")[2] for one in answers}
        assert places == {"comment-1"}
        assert count(scoring, Comment) == 1

    def test_after_a_preview(self, scoring: Flask, thread: int, ada: Browser):
        ada.get(SHOWN)
        key = ada.form("/thread?").fields["key"]
        ada.send("/thread?", to="preview", **TYPED)
        form = ada.form("/thread?")
        assert form.fields["key"] == key
        assert len({sent(scoring, form).headers["Location"] for _ in range(2)}) == 1
        assert count(scoring, Comment) == 1

    def test_once_the_cookie_has_come(self, scoring: Flask, thread: int, ada: Browser):
        # The second click falls between the first one's answer and the page that it leads to.
        ada.get(SHOWN)
        form = ada.form("/thread?")
        first = sent(scoring, form)
        ada.client.set_cookie(COOKIE, cookie_of(first))
        ada.answer = ada.client.post(form.action, data=form.fields | TYPED, headers=SAME)
        assert ada.answer.headers["Location"] == first.headers["Location"]
        assert count(scoring, Comment) == 1

    def test_once_anothers_cookie_has_come(self, scoring: Flask, thread: int, ada: Browser,
                                           ben: Browser):  # fmt: skip
        # The key opens nothing to anybody but the reader whose comment it made.
        ada.get(SHOWN)
        form = ada.form("/thread?")
        sent(scoring, form)
        ben.post("Mine.", "Ben")
        ben.answer = ben.client.post(form.action, data=form.fields | TYPED, headers=SAME)
        assert ben.answer.status_code == 403
        assert ben.form("/thread?").fields["key"] == form.fields["key"]
        number = count(scoring, Comment)
        for act in ("edit", "withdraw"):
            path = f"/thread/comments/{number}/{act}"
            assert ben.client.post(path, data=form.fields, headers=SAME).status_code == 403
        assert count(scoring, Comment) == 2

    def test_a_key_is_good_for_posting_alone(self, scoring: Flask, thread: int, ada: Browser):
        ada.get(SHOWN)
        form = ada.form("/thread?")
        first = sent(scoring, form)
        ada.client.set_cookie(COOKIE, cookie_of(first))
        for act in ("edit", "withdraw"):
            path = f"/thread/comments/1/{act}"
            assert ada.client.post(path, data=form.fields | TYPED, headers=SAME).status_code == 403


class TestNewcomers:
    """What is sent again makes nobody new, so it is not counted among the newcomers."""

    @pytest.mark.parametrize("begun", [True, False])
    def test_a_first_comment(self, scoring: Flask, site: int, begun: bool, ada: Browser,
                             make_comment: Callable[..., int]):  # fmt: skip
        if begun:
            make_comment()
        scoring.config["PARLEY_NEWCOMER_RATE"] = "2 per hour"
        answers = []
        for times in (4, 1, 1):
            ada.get(SHOWN)
            form = ada.form("/thread?")
            answers += [sent(scoring, form) for _ in range(times)]
        assert [one.status_code for one in answers] == [303] * 5 + [429]
        assert len({one.headers["Location"] for one in answers[:4]}) == 1

    def test_a_reply(self, scoring: Flask, make_comment: Callable[..., int], ada: Browser):
        path = f"/thread/comments/{make_comment('Above.')}/reply"
        scoring.config["PARLEY_NEWCOMER_RATE"] = "1 per hour"
        ada.get(path)
        form = ada.form("/reply")
        assert [sent(scoring, form).status_code for _ in range(3)] == [303] * 3
        ada.get(path)
        assert sent(scoring, ada.form("/reply")).status_code == 429

    def test_other_words_in_a_form_that_was_sent(self, scoring: Flask, thread: int, ada: Browser):
        scoring.config["PARLEY_NEWCOMER_RATE"] = "2 per hour"
        ada.get(SHOWN)
        form = ada.form("/thread?")
        sent(scoring, form)
        for _ in range(3):
            ada.answer = sent(scoring, form, text="Said next.")
            assert ada.answer.status_code == 409
        assert ada.send("/thread?", follow=False).status_code == 303


class TestAnother:
    def test_every_form_has_a_key_of_its_own(self, client: FlaskClient, thread: int,
                                             make_comment: Callable[..., int]):  # fmt: skip
        number = make_comment()
        drawn = Browser(client)
        keys = set()
        for path, part in ((SHOWN, "/thread?"), (f"/thread/comments/{number}/reply", "/reply")):
            for _ in range(2):
                assert drawn.get(path).headers["Cache-Control"] == "private, no-cache"
                keys.add(drawn.form(part).fields["key"])
        assert len(keys) == 4

    def test_the_same_words_of_another_form_are_another_comment(
        self, scoring: Flask, thread: int, ada: Browser, ben: Browser
    ):
        answers = []
        for who in (ada, ben):
            who.get(SHOWN)
            answers.append(sent(scoring, who.form("/thread?")))
        assert cookie_of(answers[0]) != cookie_of(answers[1])
        assert (count(scoring, Comment), count(scoring, Account)) == (2, 2)

    def test_other_words_in_a_form_that_was_sent(self, scoring: Flask, thread: int, ada: Browser):
        # Back to the page as it was, where a browser blocks the cookie.
        ada.get(SHOWN)
        form = ada.form("/thread?")
        sent(scoring, form)
        ada.answer = sent(scoring, form, text="Said next.")
        assert ada.answer.status_code == 409
        assert "press the button again" in ada.text
        assert ada.form("/thread?").fields["text"] == "Said next."
        assert ada.form("/thread?").fields["key"] != form.fields["key"]
        assert ada.send("/thread?", follow=False).status_code == 303
        assert count(scoring, Comment) == 2

    @pytest.mark.parametrize("key", ["short", "x" * 201, "line\nbreak and more"])
    def test_a_key_that_is_none_is_replaced(self, scoring: Flask, thread: int, ada: Browser,
                                            key: str):  # fmt: skip
        ada.get(SHOWN)
        assert ada.send("/thread?", key=key, **TYPED).status_code == 422
        assert ada.send("/thread?", follow=False).status_code == 303
        assert count(scoring, Comment) == 1
