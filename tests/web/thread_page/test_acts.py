"""Everything that a reader does with the widget is done here by forms, through the same doors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from jobs.transactions import writing
from models import Account, Comment, Report, Role, SanctionKind, Status, ThreadState, Vote, db
from moderation import decisions, sanctions
from moderation.decisions import Actor
from tests.conftest import ORIGIN, set_policy, status_of
from tests.web.thread_page.conftest import SAME, SHOWN, Browser, forms

COOKIE = "parley-reader"


def comment_of(app: Flask, number: int) -> Comment:
    with app.app_context():
        return db.session().get_one(Comment, number)


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session().query(table).count()


def reject(app: Flask, number: int) -> None:
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        staff = Account(name="Mo")
        session.add(staff)
        session.flush()
        decisions.decide(session, comment, Status.REJECTED, Actor.staff(staff))


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

    def test_a_warning_is_read_first(self, scoring: Flask, site: int, thread: int, ada: Browser):
        number = ada.post()
        with scoring.app_context(), writing() as session:
            author = session.get_one(Comment, number).author
            staff = Account(name="Mo")
            session.add(staff)
            session.flush()
            sanctions.impose(
                session, site, author, SanctionKind.WARNING, "Be <kind>.", Actor.staff(staff)
            )
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
        with scoring.app_context(), writing() as session:
            author = session.get_one(Comment, number).author
            staff = Account(name="Mo")
            session.add(staff)
            session.flush()
            sanctions.impose(session, site, author, SanctionKind.BAN, "Enough.", Actor.staff(staff))
        page = ada.get(SHOWN).text
        assert "no longer take part" in page
        assert "Enough." in page
        assert 'id="write"' not in page
        assert "/reply" not in page
        assert "Post</button>" not in ada.get(f"/thread/comments/{number}/reply").text


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


# --- who may what -----------------------------------------------------------------------------

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


# --- where a form came from --------------------------------------------------------------------

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


# --- the cookie ---------------------------------------------------------------------------------


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
