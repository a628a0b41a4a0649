"""Readers post and reply by forms; what is refused keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from jobs.transactions import writing
from models import Comment, Role, ThreadState, db
from tests.conftest import set_policy, status_of
from tests.web.thread_page.conftest import COOKIE, SAME, SHOWN, Browser, count


class TestPosting:
    def test_the_first_comment_begins_the_discussion(self, scoring: Flask, site: int, ada: Browser):
        number = ada.post("Hello **there**.")
        assert "Your comment is published." in ada.text
        assert "<strong>there</strong>" in ada.text
        assert f'id="comment-{number}"' in ada.text
        assert "1 comment<" in ada.text

    def test_a_page_id_and_a_title_come_along(self, scoring: Flask, site: int, ada: Browser):
        ada.get(f"{SHOWN}&page_id=story-7&title=The+Story&section=News")
        ada.send("/thread?", text="First.", author_name="Ada")
        assert "The Story" in ada.text
        assert "First." in ada.text
        with scoring.app_context():
            thread = db.session().query(Comment).one().thread
            assert (thread.identity, thread.title) == ("id:story-7", "The Story")

    def test_a_held_comment_is_shown_to_its_author_alone(
        self, scoring: Flask, thread: int, ada: Browser, ben: Browser
    ):
        number = ada.post("You idiot.")
        assert status_of(scoring, number) == "held"
        assert "A moderator looks at your comment before it appears" in ada.text
        assert "Your comments that only you can see" in ada.text
        assert "You idiot." in ada.text
        assert ada.answer.headers["Cache-Control"] == "private, no-store"
        assert ada.get(f"/thread/comments/{number}").status_code == 200
        assert "You idiot." not in ben.get(SHOWN).text
        assert ben.get(f"/thread/comments/{number}").status_code == 404

    def test_what_waits_for_the_model_says_so(self, app: Flask, thread: int, ada: Browser):
        # No scorer runs: the comment stays unscored.
        runtime = app.extensions["parley"]
        object.__setattr__(runtime, "scoring_deadline", 0.0)
        number = ada.post("Slow.")
        assert status_of(app, number) == "unscored"
        assert "Your comment appears once it has been checked." in ada.text

    def test_a_reply_stands_below_its_parent(self, scoring: Flask, thread: int, ada: Browser,
                                             ben: Browser):  # fmt: skip
        parent = ada.post("Above.")
        ben.get(f"/thread/comments/{parent}/reply")
        assert "Reply to Ada" in ben.text
        assert "Above." in ben.text
        ben.send("/reply", text="Below.", author_name="Ben")
        assert ben.answer.status_code == 200
        assert "What came before" in ben.text
        assert "Below." in ben.text
        page = ada.get(SHOWN).text
        assert page.index("<p>Above.") < page.index("<p>Below.")

    @pytest.mark.parametrize(
        ("typed", "status", "said"),
        [
            ({"text": "", "author_name": "Ada"}, 422, "Write something first"),
            ({"text": "Kept.", "author_name": " "}, 422, "Give a name"),
            ({"text": "Kept." + "x" * 10_000, "author_name": "Ada"}, 413, "Shorten it"),
            ({"text": "Kept.\x00", "author_name": "Ada"}, 422, "cannot be stored"),
            ({"text": "Kept.", "author_name": "A\u202eda"}, 422, "turn the writing direction"),
        ],
    )
    def test_a_refusal_keeps_what_was_typed(
        self, app: Flask, thread: int, ada: Browser, typed: dict[str, str], status: int, said: str
    ):
        ada.get(SHOWN)
        answer = ada.send("/thread?", **typed)
        assert answer.status_code == status
        assert said in answer.text
        kept = ada.form("/thread?").fields
        assert kept["text"].startswith(typed["text"][:5])
        assert kept["author_name"].strip() == typed["author_name"].strip()
        assert "noindex" in answer.text
        assert count(app, Comment) == 0

    def test_too_many_are_told_to_wait_with_their_text(self, app: Flask, thread: int, ada: Browser):
        app.config["PARLEY_WRITE_RATE"] = "1 per hour"
        ada.get(SHOWN)
        ada.send("/thread?", follow=False, text="One.", author_name="Ada")
        ada.get(SHOWN)
        answer = ada.send("/thread?", text="Two.", author_name="Ada")
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
        assert ada.form("/thread?").fields["text"] == "Two."
        # The same purse as the API's.
        sent = {"text": "Three.", "author_name": "Ada"}
        assert ada.client.post(f"/api/v1/threads/{thread}/comments", json=sent).status_code == 429

    def test_the_trap_catches_programs(self, scoring: Flask, thread: int, ada: Browser):
        ada.get(SHOWN)
        ada.send("/thread?", text="Buy.", author_name="Ada", website="http://spam.example")
        with scoring.app_context():
            assert db.session().query(Comment).one().trapped

    def test_sent_twice_with_one_key_is_one_comment(self, scoring: Flask, thread: int,
                                                    ada: Browser):  # fmt: skip
        ada.post("First.")
        ada.get(SHOWN)
        form = ada.form("/thread?")
        typed = form.fields | {"text": "Twice.", "author_name": "Ada"}
        places = {
            ada.client.post(form.action, data=typed, headers=SAME).headers["Location"]
            for _ in range(2)
        }
        assert len(places) == 1
        assert count(scoring, Comment) == 2

    def test_a_closed_thread_takes_nothing(self, app: Flask, thread: int, ada: Browser,
                                           make_comment: Callable[..., int]):  # fmt: skip
        number = make_comment()
        ada.get(SHOWN)
        with app.app_context(), writing() as session:
            session.get_one(Comment, number).thread.state = ThreadState.CLOSED
        assert ada.send("/thread?", text="Late.", author_name="Ada").status_code == 409
        assert "This discussion is closed" in ada.text
        page = ada.get(SHOWN).text
        assert "This discussion is closed" in page
        assert "<textarea" not in page
        assert "/reply" not in page

    def test_pre_moderation_says_so(self, app: Flask, site: int, thread: int, ada: Browser):
        set_policy(app, site, moderation="pre")
        assert "appear once a moderator has read them" in ada.get(SHOWN).text

    def test_a_name_of_the_staff_is_refused(
        self, app: Flask, site: int, thread: int, ada: Browser, make_staff: Callable[..., int]
    ):
        make_staff("mo@example.org", Role.MODERATOR, site)
        ada.get(SHOWN)
        answer = ada.send("/thread?", text="I decide.", author_name="Mo")
        assert (answer.status_code, count(app, Comment)) == (422, 0)


class TestPreview:
    def test_it_renders_and_stores_nothing(self, scoring: Flask, thread: int, ada: Browser):
        ada.get(SHOWN)
        answer = ada.send("/thread?", to="preview", text="**Bold** idiot", author_name="Ada")
        assert answer.status_code == 200
        assert "<strong>Bold</strong>" in answer.text
        assert "This may read as an insult" in answer.text
        assert ada.form("/thread?").fields["text"] == "**Bold** idiot"
        assert ada.form("/thread?").fields["author_name"] == "Ada"
        assert (count(scoring, Comment), COOKIE in answer.headers.get("Set-Cookie", "")) == (
            0,
            False,
        )
        ada.send("/thread?")
        assert count(scoring, Comment) == 1

    def test_of_a_reply_and_of_an_edit_it_stays_there(self, scoring: Flask, thread: int,
                                                      ada: Browser):  # fmt: skip
        number = ada.post()
        for name in ("reply", "edit"):
            ada.get(f"/thread/comments/{number}/{name}")
            answer = ada.send(f"/{name}", to="preview", text="_Looked_ at", author_name="Ada")
            assert "<em>Looked</em>" in answer.text
            assert ada.form(f"/{name}").fields["text"] == "_Looked_ at"


def test_a_body_too_large_is_told_on_a_page(client: FlaskClient, thread: int):
    answer = client.post(SHOWN, data={"text": "x" * 70_000, "author_name": "A"}, headers=SAME)
    assert (answer.status_code, answer.mimetype) == (413, "text/html")


def test_a_database_that_is_away_keeps_the_text(
    app: Flask, thread: int, ada: Browser, monkeypatch: pytest.MonkeyPatch
):
    def away(*rest: object, **more: object) -> None:
        raise OperationalError("", {}, Exception("locked"))

    ada.get(SHOWN)
    monkeypatch.setattr("web.posting.written", away)
    monkeypatch.setattr("web.thread_page.showing.mine", away)
    answer = ada.send("/thread?", text="Kept <b>.", author_name="Ada")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "Kept &lt;b&gt;." in answer.text
    assert answer.headers["Retry-After"]
