"""Readers edit, withdraw and object to what was decided of their own comments."""

from __future__ import annotations

from flask import Flask

from jobs.transactions import writing
from models import Account, Comment, SanctionKind, Status
from moderation import decisions, sanctions
from moderation.decisions import Actor
from tests.conftest import status_of
from tests.web.thread_page.conftest import SHOWN, Browser


def reject(app: Flask, number: int, *reasons: str) -> None:
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        staff = Account(name="Mo")
        session.add(staff)
        session.flush()
        decisions.decide(session, comment, Status.REJECTED, Actor.staff(staff), reasons)


def _impose(app: Flask, site: int, number: int, kind: SanctionKind, told: str) -> None:
    """A moderator's sanction of a comment's author."""
    with app.app_context(), writing() as session:
        author = session.get_one(Comment, number).author
        staff = Account(name="Mo")
        session.add(staff)
        session.flush()
        sanctions.impose(session, site, author, kind, told, Actor.staff(staff))


class TestOneself:
    def test_an_edit_is_judged_again(self, scoring: Flask, thread: int, ada: Browser):
        number = ada.post("Mild.")
        ada.get(f"/thread/comments/{number}/edit")
        assert ada.form("/edit").fields["text"] == "Mild."
        ada.send("/edit", text="Milder.")
        assert "Your change is saved." in ada.text
        assert "edited" in ada.text
        ada.get(f"/thread/comments/{number}/edit")
        ada.send("/edit", text="You idiot.")
        assert status_of(scoring, number) == "held"
        assert "Waiting" in ada.text

    def test_withdrawing_asks_first(self, scoring: Flask, thread: int, ada: Browser):
        number = ada.post()
        ada.get(f"/thread/comments/{number}/withdraw")
        assert status_of(scoring, number) == "published"
        assert "Withdraw this comment?" in ada.text
        ada.send("/withdraw")
        assert status_of(scoring, number) == "withdrawn"
        assert "You withdrew this comment." in ada.text

    def test_an_objection(self, scoring: Flask, thread: int, ada: Browser):
        number = ada.post()
        reject(scoring, number)
        page = ada.get(f"/thread/comments/{number}").text
        assert "Not published" in page
        assert "A moderator decided this." in page
        ada.get(f"/thread/comments/{number}/appeal")
        assert ada.send("/appeal", text=" ").status_code == 422
        ada.send("/appeal", text="It was a quotation.")
        assert "You objected. A moderator will look at it again" in ada.text

    def test_why_it_was_rejected_in_each_language(self, scoring: Flask, thread: int, ada: Browser):
        number = ada.post()
        reject(scoring, number, "insult", "spam")
        page = ada.get(f"/thread/comments/{number}").text
        assert "Say it without the insult." in page
        page = ada.get(f"/thread/comments/{number}?lang=de").text
        assert "Nur Sie sehen ihn. Grund: Beleidigung · Spam" in page
        assert "Say it without the insult." not in page

    def test_a_warning_is_read_first(self, scoring: Flask, site: int, thread: int, ada: Browser):
        number = ada.post()
        _impose(scoring, site, number, SanctionKind.WARNING, "Be <kind>.")
        ada.get(SHOWN)
        assert "Be &lt;kind&gt;." in ada.text
        assert ada.send("/thread?", text="Kept.", author_name="Ada").status_code == 403
        assert ada.form("/thread?").fields["text"] == "Kept."
        ada.send("/acknowledgement")
        assert "Thank you. You can write now." in ada.text
        ada.send("/thread?", text="Kind.", author_name="Ada")
        assert "Kind." in ada.text

    def test_the_muted_find_no_form(self, scoring: Flask, site: int, thread: int, ada: Browser):
        number = ada.post()
        _impose(scoring, site, number, SanctionKind.BAN, "Enough.")
        page = ada.get(SHOWN).text
        assert "no longer take part" in page
        assert "Enough." in page
        assert 'id="write"' not in page
        assert "/reply" not in page
        assert "Post</button>" not in ada.get(f"/thread/comments/{number}/reply").text
