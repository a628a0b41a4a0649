"""Points of the article, where the address asks for them as the widget's attribute does."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import writing
from models import Account, ArticlePoint, SanctionKind, Thread, db
from moderation import sanctions
from moderation.decisions import Actor
from tests.conftest import ORIGIN
from tests.web.thread_page.conftest import SAME, SHOWN, Browser

ASKED = f"{SHOWN}&points=1"


def given(app: Flask, thread: int) -> tuple[int, int]:
    """What the discussion says it has, and the rows behind it."""
    with app.app_context():
        session = db.session()
        return session.get_one(Thread, thread).points, session.query(ArticlePoint).count()


class TestShown:
    def test_only_where_they_are_asked_for(self, client: FlaskClient, thread: int):
        assert 'class="points"' not in client.get(SHOWN).text
        for asked in ("&points=1", "&points", "&points="):
            assert "0 points" in client.get(SHOWN + asked).text

    def test_every_link_goes_on_asking(self, client: FlaskClient,
                                       make_comment: Callable[..., int]):  # fmt: skip
        number = make_comment("A herring swims.")
        make_comment("A gull flies.")
        pages = (ASKED, f"/thread/comments/{number}?points=1", f"{ASKED}&q=herring")
        for path in pages:
            page = client.get(path).text
            ours = re.findall(r'(?:href|action)="(/thread(?:/comments)?[?/][^"]*)"', page)
            ours = [unescape(one) for one in ours if "/style/" not in one]
            assert ours
            assert [one for one in ours if "points=1" not in one] == [], path
        assert '<input type="hidden" name="points" value="1">' in client.get(ASKED).text

    def test_the_page_is_another_with_them(self, client: FlaskClient, thread: int):
        marks = {client.get(path).headers["ETag"] for path in (SHOWN, ASKED)}
        assert len(marks) == 2

    def test_the_page_is_another_once_somebody_gave_one(self, client: FlaskClient, thread: int,
                                                        ben: Browser):  # fmt: skip
        mark = {"If-None-Match": client.get(ASKED).headers["ETag"]}
        assert client.get(ASKED, headers=mark).status_code == 304
        ben.get(ASKED)
        ben.send("/thread/points", value="1")
        assert "1 point<" in client.get(ASKED, headers=mark).text


class TestGiving:
    def test_one_each_and_back(self, app: Flask, thread: int, ada: Browser, ben: Browser):
        for who, so_far in ((ada, 1), (ben, 2)):
            who.get(ASKED)
            who.send("/thread/points", value="1")
            assert "Your point for the article is counted." in who.text
            assert given(app, thread) == (so_far, so_far)
        button = ben.form("/thread/points").buttons[0]
        assert (button["value"], button["aria-pressed"]) == ("0", "true")
        assert button["aria-label"] == "Take your point back, 2 so far"
        ben.send("/thread/points", value="1")
        assert given(app, thread) == (2, 2)
        ben.send("/thread/points", value="0")
        assert "Your point for the article is taken back." in ben.text
        assert given(app, thread) == (1, 1)
        ben.send("/thread/points", value="0")
        assert given(app, thread) == (1, 1)

    def test_it_is_said_in_the_readers_language(self, thread: int, ada: Browser):
        ada.get(f"{ASKED}&lang=de")
        ada.send("/thread/points", value="1")
        assert "Ihr Punkt für den Artikel ist gezählt." in ada.text

    def test_it_is_the_readers_point_in_the_widget_too(
        self, app: Flask, thread: int, client: FlaskClient, token_of: Callable[[int], str]
    ):
        token = client.put(f"/api/v1/threads/{thread}/points").json["reader_token"]
        client.set_cookie("parley-reader", token)
        assert "Take your point back, 1 so far" in client.get(ASKED).text

    def test_the_first_begins_the_discussion(self, app: Flask, site: int, ada: Browser):
        ada.get(f"{ASKED}&title=The+Story")
        ada.send("/thread/points", value="1")
        assert "1 point<" in ada.text
        with app.app_context():
            thread = db.session().query(Thread).one()
            assert (thread.title, thread.points) == ("The Story", 1)

    def test_a_stranger_is_known_afterwards(self, app: Flask, thread: int, ada: Browser):
        ada.get(ASKED)
        answer = ada.send("/thread/points", follow=False, value="1")
        assert answer.headers["Set-Cookie"].startswith("parley-reader=")
        ada.get(ASKED)
        assert "Set-Cookie" not in ada.send("/thread/points", follow=False, value="0").headers
        with app.app_context():
            assert db.session().query(Account).count() == 1

    def test_taking_back_makes_nobody(self, app: Flask, thread: int, ada: Browser):
        ada.get(ASKED)
        assert "Set-Cookie" not in ada.send("/thread/points", follow=False, value="0").headers
        with app.app_context():
            assert db.session().query(Account).count() == 0

    def test_it_leads_back_to_where_one_was(self, make_comment: Callable[..., int], ada: Browser):
        make_comment()
        ada.get(f"{ASKED}&sort=best")
        place = ada.send("/thread/points", follow=False, value="1").headers["Location"]
        assert "sort=best" in place
        assert "points=1" in place


class TestRefused:
    @pytest.mark.parametrize("value", ["", "-1", "2", "x", "0.5"])
    def test_no_other_value(self, app: Flask, thread: int, ada: Browser, value: str):
        ada.get(ASKED)
        assert ada.send("/thread/points", value=value).status_code == 422
        assert given(app, thread) == (0, 0)

    def test_by_get(self, app: Flask, client: FlaskClient, thread: int):
        assert client.get(f"/thread/points{SHOWN.removeprefix('/thread')}").status_code == 405

    @pytest.mark.parametrize("url", ["nonsense", "https://evil-news.example/story"])
    def test_of_a_page_of_nobody(self, client: FlaskClient, site: int, url: str):
        path = f"/thread/points?url={url}"
        assert client.post(path, data={"value": "1"}, headers=SAME).status_code == 422

    def test_from_elsewhere(self, app: Flask, client: FlaskClient, thread: int):
        path = f"/thread/points{SHOWN.removeprefix('/thread')}"
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": ORIGIN}, {}):
            assert client.post(path, data={"value": "1"}, headers=headers).status_code == 403
        assert given(app, thread) == (0, 0)

    def test_too_many(self, app: Flask, thread: int, browse: Callable[[], Browser]):
        app.config["PARLEY_VOTE_RATE"] = "1 per hour"
        answers = []
        for who in (browse(), browse()):
            who.get(ASKED)
            answers.append(who.send("/thread/points", follow=False, value="1"))
        assert [one.status_code for one in answers] == [303, 429]
        assert given(app, thread) == (1, 1)
        back = re.search(r'href="(/thread\?[^"]+)">All comments', answers[1].text)
        assert back
        assert "1 point<" in who.get(unescape(back[1])).text

    def test_of_the_banned(self, scoring: Flask, site: int, thread: int, ada: Browser):
        ada.post()
        with scoring.app_context(), writing() as session:
            reader = session.query(Account).one()
            staff = Account(name="Mo")
            session.add(staff)
            session.flush()
            sanctions.impose(session, site, reader, SanctionKind.BAN, "Enough.", Actor.staff(staff))
        ada.get(ASKED)
        assert ada.send("/thread/points", value="1").status_code == 403
        assert given(scoring, thread) == (0, 0)
