"""Authors that a reader hides for themselves: in a cookie, and on nobody else's page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs.transactions import writing
from models import Account, Comment, ThreadState, db
from moderation import sanctions
from tests.web.thread_page.conftest import COOKIE, SAME, SHOWN, Browser
from web.thread_page.hiding import MOST

HIDDEN = "parley-hidden"
HID, SHOW_AGAIN = "A comment by somebody whom you hid", "Show them again"


@pytest.fixture
def number(make_comment: Callable[..., int]) -> int:
    """A comment by somebody who is about to be hidden."""
    return make_comment("A herring swims.", "Ben")


@pytest.fixture
def reader(app: Flask, number: int, ada: Browser) -> Browser:
    """Somebody who acted already, by a vote."""
    ada.get(SHOWN)
    ada.send(f"{number}/vote", value="1")
    return ada


def author_of(app: Flask, number: int) -> int:
    with app.app_context():
        return db.session().get_one(Comment, number).author_id


def cookie(browser: Browser) -> str:
    kept = browser.client.get_cookie(HIDDEN)
    return kept.value if kept else ""


def hide(browser: Browser, number: int, follow: bool = True) -> TestResponse:
    browser.get(f"/thread/comments/{number}/report")
    return browser.send(f"{number}/hide", follow=follow, value="1")


class TestHiding:
    def test_from_the_report_and_back_at_its_place(self, app: Flask, number: int, reader: Browser):
        hide(reader, number)
        assert reader.at.startswith(f"/thread/comments/{number}")
        assert "You hid the comments of this author" in reader.text
        for path in (SHOWN, f"/thread/comments/{number}"):
            page = reader.get(path).text
            assert HID in page
            assert ">Ben<" in page
            assert 'dir="auto"><p>A herring swims.' not in page
            assert f"{number}/report" not in page
        assert reader.form(f"{number}/hide").buttons[0]["value"] == "0"
        reader.get(SHOWN)
        reader.send(f"{number}/hide", value="0")
        assert reader.at.startswith(SHOWN)
        assert "You see the comments of this author again." in reader.text
        assert "A herring swims." in reader.text
        assert HID not in reader.text
        assert cookie(reader) == ""

    def test_all_of_one_author_and_nobody_elses(
        self, app: Flask, number: int, make_comment: Callable[..., int], reader: Browser
    ):
        author, again = author_of(app, number), make_comment("Herring again.", "Ben")
        below = make_comment("A gull answers.", "Cleo", parent=number)
        with app.app_context(), writing() as session:
            session.get_one(Comment, again).author_id = author
        hide(reader, number)
        page = reader.get(SHOWN).text
        assert page.count(HID) == 2
        assert "A gull answers." in page
        above = reader.get(f"/thread/comments/{below}").text
        assert (above.count(HID), "A gull answers." in above) == (1, True)
        found = reader.get(f"{SHOWN}&q=herring").text
        assert (found.count(HID), found.count("2 comments found")) == (2, 1)

    def test_who_was_reported_is_hidden_where_that_stands(self, number: int, reader: Browser):
        reader.get(f"/thread/comments/{number}/report")
        reader.send(f"{number}/report", reason="spam")
        assert "Reported" in reader.text
        reader.send(f"{number}/hide", value="1")
        assert HID in reader.text

    def test_whose_report_one_opens_is_shown_again_there(self, number: int, reader: Browser):
        hide(reader, number)
        reader.get(f"/thread/comments/{number}/report")
        assert SHOW_AGAIN in reader.text
        reader.send(f"{number}/hide", value="0")
        assert cookie(reader) == ""

    def test_it_leads_back_to_where_one_was(self, number: int, reader: Browser):
        hide(reader, number)
        reader.get(f"{SHOWN}&sort=oldest&lang=de&points=1")
        place = reader.send(f"{number}/hide", follow=False, value="0").headers["Location"]
        for part in ("sort=oldest", "lang=de", "points=1", f"#comment-{number}"):
            assert part in place
        assert "Sie sehen die Kommentare dieser Person wieder." in reader.get(place).text


class TestCookie:
    def test_what_it_is(self, app: Flask, number: int, reader: Browser):
        made = hide(reader, number, follow=False).headers["Set-Cookie"]
        assert made.startswith(f"{HIDDEN}={author_of(app, number)};")
        for word in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"):
            assert word in made
        gone = reader.get(SHOWN) and reader.send(f"{number}/hide", follow=False, value="0")
        assert "Max-Age=0" in gone.headers["Set-Cookie"]

    def test_no_reading_and_no_other_act_sets_it(self, number: int, reader: Browser):
        for path in (SHOWN, f"/thread/comments/{number}", f"/thread/comments/{number}/report"):
            assert "Set-Cookie" not in reader.get(path).headers
        assert reader.client.get_cookie(HIDDEN) is None

    def test_it_holds_so_many_and_the_first_give_way(
        self, app: Flask, number: int, reader: Browser
    ):
        author = author_of(app, number)
        others = [10**18 + one for one in range(MOST)]
        reader.client.set_cookie(HIDDEN, ".".join(map(str, others)))
        made = hide(reader, number, follow=False).headers["Set-Cookie"]
        assert cookie(reader) == ".".join(map(str, [*others[1:], author]))
        assert len(made) < 4_000
        # Hidden once more it is the latest, and stands there once.
        reader.client.set_cookie(HIDDEN, f"{author}.77")
        reader.get(SHOWN)
        token = reader.forms[0].fields["form_token"]
        sent = {"value": "1", "form_token": token}
        reader.client.post(f"/thread/comments/{number}/hide", data=sent, headers=SAME)
        assert cookie(reader) == f"77.{author}"

    @pytest.mark.parametrize(
        "told",
        ["", ".", "...", "x", "-{}", "{}x", "0{}", "1e0", "١", "{},", "{}|7", "9" * 3_000, "%00",
         "x." * 100 + "{}"],
    )  # fmt: skip
    def test_what_is_none_hides_nobody(self, app: Flask, number: int, reader: Browser, told: str):
        value = told.replace("{}", str(author_of(app, number)))
        reader.client.set_cookie(HIDDEN, value)
        answer = reader.get(SHOWN)
        assert answer.status_code == 200
        assert HID not in reader.text
        assert hide(reader, number).status_code == 200
        assert cookie(reader).endswith(str(author_of(app, number)))

    @pytest.mark.parametrize("environ", [{"PARLEY_PUBLIC_URL": "https://comments.example"}])
    @pytest.mark.parametrize("framed", ["iframe", "document"])
    def test_over_https(self, app: Flask, number: int, ben: Browser, framed: str):
        secure = {"base_url": "https://comments.example"}
        headers = SAME | {"Sec-Fetch-Dest": framed}
        path, data = f"/thread/comments/{number}", {"value": "1"}
        token = ben.client.post(f"{path}/vote", data=data, headers=headers, **secure)
        assert token.headers["Set-Cookie"].startswith("__Host-parley-reader=")
        ben.answer = ben.client.get(f"{path}/report", headers=headers, **secure)
        data |= ben.form("/hide").fields
        answer = ben.client.post(f"{path}/hide", data=data, headers=headers, **secure)
        made = answer.headers["Set-Cookie"]
        assert made.startswith("__Host-parley-hidden=")
        for word in ("HttpOnly", "Secure", "Path=/"):
            assert word in made
        assert ("Partitioned" in made, "SameSite=None" in made) == (framed == "iframe",) * 2


class TestOthers:
    def test_nobody_else_sees_a_difference(self, number: int, reader: Browser, ben: Browser):
        hide(reader, number)
        ben.post("Also here.", "Cleo")
        for who in (ben, Browser(ben.client.application.test_client())):
            assert HID not in who.get(SHOWN).text
            assert "A herring swims." in who.text

    def test_a_strangers_page_is_everyones_whatever_it_hides(
        self, app: Flask, number: int, client: FlaskClient
    ):
        with app.app_context(), writing() as session:
            session.get_one(Comment, number).thread.state = ThreadState.CLOSED
        hiding = app.test_client()
        hiding.set_cookie(HIDDEN, str(author_of(app, number)))
        paths = (SHOWN, f"/thread/comments/{number}", f"{SHOWN}&q=herring")
        for path in paths:
            plain, other = client.get(path), hiding.get(path)
            assert plain.data == other.data
            assert other.headers["Cache-Control"] == "public, no-cache"
            assert plain.headers.get("ETag") == other.headers.get("ETag")
            assert "/hide" not in plain.text
        mark = {"If-None-Match": client.get(SHOWN).headers["ETag"]}
        assert hiding.get(SHOWN, headers=mark).status_code == 304
        assert "/hide" not in client.get(f"/thread/comments/{number}/report").text

    def test_who_is_not_known_any_more_sees_all(self, app: Flask, number: int, reader: Browser):
        hide(reader, number)
        with app.app_context(), writing() as session:
            for account in session.query(Account).all():
                sanctions.ban_everywhere(account)
        assert HID not in reader.get(SHOWN).text


class TestRefused:
    def test_of_somebody_unknown(self, number: int, client: FlaskClient):
        path = f"/thread/comments/{number}/hide"
        answer = client.post(path, data={"value": "1"}, headers=SAME)
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers
        assert f"/thread/comments/{number}" in answer.text

    @pytest.mark.parametrize("value", ["", "-1", "2", "x"])
    def test_no_other_value(self, number: int, reader: Browser, value: str):
        reader.get(f"/thread/comments/{number}/report")
        assert reader.send(f"{number}/hide", value=value).status_code == 422
        assert cookie(reader) == ""

    def test_by_get(self, number: int, reader: Browser):
        assert reader.get(f"/thread/comments/{number}/hide?value=1").status_code == 405

    def test_from_elsewhere_or_without_the_token(self, number: int, reader: Browser):
        reader.get(f"/thread/comments/{number}/report")
        form = reader.form("/hide")
        assert len(form.fields["form_token"]) == 40
        for headers, sent in (
            ({"Sec-Fetch-Site": "cross-site"}, form.fields),
            ({"Origin": "https://evil.example"}, form.fields),
            (SAME, {}),
            ({}, {}),
        ):
            answer = reader.client.post(form.action, data=sent | {"value": "1"}, headers=headers)
            assert answer.status_code == 403
            assert "Set-Cookie" not in answer.headers

    def test_oneself(self, scoring: Flask, thread: int, ada: Browser):
        own = ada.post("Mine.")
        ada.client.set_cookie(HIDDEN, str(author_of(scoring, own)))
        assert "Mine." in ada.get(SHOWN).text
        assert HID not in ada.text
        token = ada.forms[0].fields["form_token"]
        sent = {"value": "1", "form_token": token}
        answer = ada.client.post(f"/thread/comments/{own}/hide", data=sent, headers=SAME)
        assert answer.status_code == 409

    def test_by_a_comment_that_one_may_not_read(
        self, number: int, make_comment: Callable[..., int], reader: Browser
    ):
        held = make_comment("You idiot.")
        sent = {
            "value": "1",
            "form_token": reader.get(SHOWN) and reader.forms[0].fields["form_token"],
        }
        for missing in (held, 999_999):
            path = f"/thread/comments/{missing}/hide"
            assert reader.client.post(path, data=sent, headers=SAME).status_code == 404
        assert cookie(reader) == ""

    def test_too_many(self, app: Flask, number: int, reader: Browser):
        app.config["PARLEY_VOTE_RATE"] = "1 per hour"
        assert hide(reader, number, follow=False).status_code == 303
        assert hide(reader, number, follow=False).status_code == 429


def test_the_cookies_do_not_stand_in_for_each_other(app: Flask, number: int, reader: Browser):
    hide(reader, number)
    kept = reader.client.get_cookie(COOKIE)
    assert kept is not None
    reader.client.set_cookie(COOKIE, cookie(reader))
    reader.client.set_cookie(HIDDEN, kept.value)
    assert "/hide" not in reader.get(f"/thread/comments/{number}/report").text
