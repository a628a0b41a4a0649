"""Readers vote on and report what others wrote."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from models import Account, Comment, Report, Vote, db
from tests.web.thread_page.conftest import SHOWN, Browser, count


def comment_of(app: Flask, number: int) -> Comment:
    with app.app_context():
        return db.session().get_one(Comment, number)


class TestOthers:
    def test_votes_up_down_and_back(self, app: Flask, make_comment: Callable[..., int],
                                    ben: Browser):  # fmt: skip
        number = make_comment()
        ben.get(SHOWN)
        for value, totals, said in (
            ("1", (1, 0), "Your vote is counted."),
            ("-1", (0, 1), "Your vote is counted."),
            ("0", (0, 0), "Your vote is taken back."),
        ):
            ben.send(f"/{number}/vote", value=value)
            comment = comment_of(app, number)
            assert (comment.up, comment.down) == totals
            assert said in ben.text
        assert count(app, Account) == 2

    def test_the_pressed_button_takes_back(self, make_comment: Callable[..., int], ben: Browser):
        number = make_comment()
        ben.get(SHOWN)
        ben.send(f"/{number}/vote", value="1")
        buttons = ben.form(f"/{number}/vote").buttons
        assert [one["value"] for one in buttons] == ["0", "-1"]
        assert [one["aria-pressed"] for one in buttons] == ["true", "false"]

    def test_a_vote_leads_back_to_where_it_was_cast(
        self, make_comment: Callable[..., int], ben: Browser
    ):
        number = make_comment()
        make_comment("Below.", parent=number)
        ben.get(f"{SHOWN}&sort=best")
        place = ben.send(f"/{number}/vote", follow=False, value="1").headers["Location"]
        assert "sort=best" in place
        assert place.endswith(f"#comment-{number}")
        ben.get(f"/thread/comments/{number}")
        place = ben.send(f"/{number}/vote", follow=False, value="1").headers["Location"]
        assert place.startswith(f"/thread/comments/{number}?")

    @pytest.mark.parametrize("value", ["", "2", "x", "1.5", "-0.1"])
    def test_no_other_vote(self, app: Flask, make_comment: Callable[..., int], ben: Browser,
                           value: str):  # fmt: skip
        number = make_comment()
        ben.get(SHOWN)
        assert ben.send(f"/{number}/vote", value=value).status_code == 422
        assert count(app, Vote) == 0

    def test_a_report(self, app: Flask, make_comment: Callable[..., int], ben: Browser):
        number = make_comment()
        ben.get(f"/thread/comments/{number}/report")
        assert ben.send("/report", text="Look.").status_code == 422
        assert ben.form("/report").fields["text"] == "Look."
        ben.send("/report", reason="spam", text="Look.")
        assert "Thank you. A moderator will look at it." in ben.text
        assert "Reported" in ben.text
        with app.app_context():
            made = db.session().query(Report).one()
            assert (made.reason.value, made.text) == ("spam", "Look.")
