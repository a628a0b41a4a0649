"""Claims, notes and escalations over HTTP: who may, what is said, and no decision taken twice."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import Comment, Decision, Note, Role, db
from tests.conftest import status_of
from tests.web.conftest import Caller

RUDE = "You idiot."
_SCRIPT = {"Accept": "application/json"}

MakeComment = Callable[..., int]
SignIn = Callable[..., Caller]


@pytest.fixture
def anna(site: int, sign_in: SignIn) -> Caller:
    """A moderator."""
    return sign_in("anna@example.org", Role.MODERATOR, site)


@pytest.fixture
def ben(site: int, sign_in: SignIn) -> Caller:
    """Another one."""
    return sign_in("ben@example.org", Role.MODERATOR, site)


@pytest.fixture
def senior(site: int, sign_in: SignIn) -> Caller:
    """A senior."""
    return sign_in("sue@example.org", Role.SENIOR, site)


def version_of(app: Flask, comment_id: int) -> int:
    """The version that a moderator would see now."""
    with app.app_context():
        return db.session().get_one(Comment, comment_id).version


def post(
    who: Caller, path: str, *, script: bool = True, query: str = "from=queue", **sent: Any
) -> TestResponse:
    """Send a form of the console."""
    headers = who.headers | (_SCRIPT if script else {})
    return who.client.post(f"/console{path}?{query}", data=sent, headers=headers)


def claim(app: Flask, who: Caller, *cases: int) -> Any:
    """Say that cases are looked at."""
    sent = {"case": list(cases), "version": [version_of(app, one) for one in cases]}
    return post(who, "/claims", **sent).get_json()


def decide(app: Flask, who: Caller, case: int, **more: Any) -> TestResponse:
    """Approve a case."""
    sent = {"decision": "approve", "version": version_of(app, case)}
    return post(who, f"/cases/{case}/decisions", **(sent | more))


# --- claims --------------------------------------------------------------------------------


def test_a_case_in_other_hands_is_neither_given_nor_decided(
    app: Flask, anna: Caller, ben: Caller, make_comment: MakeComment
) -> None:
    first, second, third = (make_comment(f"{RUDE} {n}") for n in range(3))
    assert claim(app, anna, first, second) == {"mine": [first, second], "others": {}, "gone": []}
    seen = claim(app, ben, first, second, third)
    assert seen["mine"] == [third]
    assert seen["others"] == {str(first): "anna", str(second): "anna"}
    shown = re.findall(r'id="case-(\d+)"', ben.client.get("/console/").text)
    assert shown == [str(third)]
    answer = decide(app, ben, first)
    assert answer.status_code == 409
    assert answer.get_json()["holder"] == "anna"
    assert "anna has this case open" in answer.get_json()["said"]
    page = decide(app, ben, first, script=False)
    assert (page.status_code, "anna has this case open" in page.text) == (409, True)
    assert status_of(app, first) == "held"
    assert decide(app, anna, first).status_code == 200
    # Settled means free: who undoes or looks again is in nobody's way.
    assert decide(app, ben, third).status_code == 200


def test_what_changed_since_is_told(app: Flask, anna: Caller, make_comment: MakeComment) -> None:
    case, other = make_comment(RUDE), make_comment("Another idiot.")
    seen = version_of(app, case)
    decide(app, anna, case)
    sent = {"case": [case, other], "version": [seen, version_of(app, other)]}
    assert post(anna, "/claims", **sent).get_json() == {
        "mine": [other],
        "others": {},
        "gone": [case],
    }


def test_another_sites_case_is_as_if_it_were_gone(
    app: Flask, anna: Caller, other_site: int, sign_in: SignIn, make_comment: MakeComment
) -> None:
    case = make_comment(RUDE)
    stranger = sign_in("eve@example.org", Role.ADMIN, other_site)
    assert claim(app, stranger, case) == {"mine": [], "others": {}, "gone": [case]}
    assert claim(app, anna, case)["mine"] == [case]


@pytest.mark.parametrize(
    "sent",
    [{"case": "1"}, {"case": "x", "version": "1"}, {"case": ["1"] * 2, "version": "1"},
     {"case": "99999999999", "version": "1"}],
)  # fmt: skip
def test_a_claim_that_cannot_be_read_is_refused(anna: Caller, sent: dict[str, Any]) -> None:
    assert post(anna, "/claims", **sent).status_code == 422


def test_a_program_takes_no_notice_of_claims(
    app: Flask, site: int, anna: Caller, make_key: Any, make_comment: MakeComment
) -> None:
    case = make_comment(RUDE)
    claim(app, anna, case)
    sent = {"decision": "approve", "version": version_of(app, case), "reasons": []}
    answer = app.test_client().post(
        f"/api/v1/moderation/cases/{case}/decisions", json=sent, headers=make_key(site, "robot")
    )
    assert answer.status_code == 201


def test_a_crowd_at_one_desk_decides_every_case_once(
    app: Flask, site: int, sign_in: SignIn, make_comment: MakeComment
) -> None:
    cases = [make_comment(f"{RUDE} {number}") for number in range(12)]
    versions = {case: version_of(app, case) for case in cases}
    people = [sign_in(f"mod{number}@example.org", Role.MODERATOR, site) for number in range(4)]
    given: list[list[int]] = [[] for _ in people]
    faults: list[str] = []
    start = threading.Barrier(len(people))

    def work(number: int) -> None:
        start.wait()
        left = list(cases)
        while left:
            sent = {"case": left, "version": [versions[case] for case in left]}
            answer = post(people[number], "/claims", **sent)
            if answer.status_code != 200:
                faults.append(answer.text)
                return
            word = answer.get_json()
            left = [case for case in left if case not in word["gone"]]
            if not word["mine"]:
                continue
            case = word["mine"][0]
            sent = {"decision": "approve", "version": versions[case]}
            done = post(people[number], f"/cases/{case}/decisions", **sent)
            if done.status_code != 200:
                faults.append(f"{case}: {done.status_code}")
            given[number].append(case)
            left.remove(case)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert sorted(case for mine in given for case in mine) == sorted(cases)
    with app.app_context():
        made = db.session().scalars(
            select(Decision.comment_id).where(Decision.actor_id > 0).order_by(Decision.comment_id)
        )
        assert list(made) == sorted(cases)


# --- notes and escalations -----------------------------------------------------------------


def test_a_note_stands_in_the_history_and_is_taken_back(
    app: Flask, anna: Caller, ben: Caller, make_comment: MakeComment
) -> None:
    case = make_comment(RUDE)
    word = post(anna, f"/cases/{case}/notes", text="<b>Knows</b> the mayor.").get_json()
    assert word["said"].startswith("Note kept")
    assert word["waits"]
    assert "&lt;b&gt;Knows&lt;/b&gt; the mayor." in word["case"]
    assert "Take the note back" in word["case"]
    page = ben.client.get(f"/console/cases/{case}").text
    assert "the mayor" in page
    assert "Take the note back" not in page
    assert post(ben, word["undo"].partition("?")[0].removeprefix("/console")).status_code == 403
    back = post(anna, word["undo"].partition("?")[0].removeprefix("/console")).get_json()
    assert back["said"] == "Taken back — the note is gone."
    assert "the mayor" not in back["case"]


def test_the_forms_of_notes_and_escalations_work_without_script(
    app: Flask, anna: Caller, make_comment: MakeComment
) -> None:
    case = make_comment(RUDE)
    for path, sent, said in (
        ("notes", {"text": "Look."}, "Note kept"),
        ("escalation", {"version": version_of(app, case)}, "it waits for a senior"),
    ):
        answer = post(anna, f"/cases/{case}/{path}", script=False, query="from=case", **sent)
        assert answer.status_code == 302
        page = anna.client.get(answer.location).text
        assert said in page
        undo = re.search(r'id="undo" action="(/console[^"?]+)', page)
        assert undo
        done = anna.client.post(undo[1], headers=anna.headers)
        assert done.status_code == 302
        assert "Taken back" in anna.client.get(done.location).text


def test_what_is_passed_on_is_the_seniors(
    app: Flask, anna: Caller, ben: Caller, senior: Caller, make_comment: MakeComment
) -> None:
    case = make_comment(RUDE)
    sent = {"version": version_of(app, case)}
    word = post(anna, f"/cases/{case}/escalation", **sent).get_json()
    assert (word["waits"], word["counts"]["held"], word["counts"]["escalated"]) == (False, "0", "1")
    for moderator in (anna, ben):
        page = moderator.client.get("/console/?state=escalated").text
        assert "Waits for a senior." in page
        assert 'value="approve"' not in page
        assert decide(app, moderator, case).status_code == 403
    assert post(ben, f"/cases/{case}/escalation/take-back").status_code == 409
    decided = decide(app, senior, case)
    assert decided.status_code == 200
    undone = post(senior, decided.get_json()["undo"].partition("?")[0].removeprefix("/console"))
    assert undone.get_json()["counts"]["escalated"] == "1"
    assert post(anna, f"/cases/{case}/escalation/take-back").status_code == 200
    assert decide(app, anna, case).status_code == 200


def test_a_program_does_not_decide_what_waits_for_a_senior(
    app: Flask, site: int, anna: Caller, make_key: Any, make_comment: MakeComment
) -> None:
    case = make_comment(RUDE)
    post(anna, f"/cases/{case}/escalation", version=version_of(app, case))
    sent = {"decision": "approve", "version": version_of(app, case), "reasons": []}
    answer = app.test_client().post(
        f"/api/v1/moderation/cases/{case}/decisions", json=sent, headers=make_key(site, "robot")
    )
    assert answer.status_code == 403


_PATHS = ("/cases/{case}/notes", "/cases/{case}/escalation", "/cases/{case}/escalation/take-back",
          "/notes/{note}/take-back")  # fmt: skip


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize(("who", "status"), [("eve", 404), ("rob", 403), ("nobody", 401)])
def test_strangers_and_readers_do_nothing(
    app: Flask,
    anna: Caller,
    site: int,
    other_site: int,
    sign_in: SignIn,
    make_comment: MakeComment,
    path: str,
    who: str,
    status: int,
) -> None:
    case = make_comment(RUDE)
    post(anna, f"/cases/{case}/notes", text="Look.")
    with app.app_context():
        note = db.session().scalars(select(Note.id)).one()
    callers = {
        "eve": lambda: sign_in("eve@example.org", Role.ADMIN, other_site),
        "rob": lambda: sign_in("rob@example.org", Role.READ_ONLY, site),
        "nobody": lambda: Caller(app.test_client()),
    }
    sent = {"text": "Mine.", "version": version_of(app, case)}
    answer = post(callers[who](), path.format(case=case, note=note), **sent)
    assert answer.status_code == status
    with app.app_context():
        assert db.session().scalars(select(Note.text)).all() == ["Look."]
        assert not db.session().get_one(Comment, case).escalated


# --- counts and one's own page -------------------------------------------------------------


def test_counts_are_asked_for_lightly(app: Flask, anna: Caller, make_comment: MakeComment) -> None:
    make_comment(RUDE)
    first = anna.client.get("/console/counts")
    assert first.get_json()["held"] == "1"
    mark = {"If-None-Match": first.headers["ETag"]}
    again = anna.client.get("/console/counts", headers=mark)
    assert (again.status_code, again.data) == (304, b"")
    make_comment("Another idiot.")
    changed = anna.client.get("/console/counts", headers=mark)
    assert (changed.status_code, changed.get_json()["held"]) == (200, "2")
    assert anna.client.get("/console/counts?site=nowhere").status_code == 404


def test_the_case_stands_in_its_context(
    app: Flask, anna: Caller, make_comment: MakeComment
) -> None:
    top = make_comment("Where is the mayor?", name="Cleo")
    middle = make_comment("In his office.", name="Dan", parent=top)
    case = make_comment(RUDE, name="Ada", parent=middle)
    page = anna.client.get(f"/console/cases/{case}").text
    for words in ("Where is the mayor?", "In his office.", "Nothing else by them here."):
        assert words in page
    above = anna.client.get(f"/console/cases/{top}").text
    assert "In his office." in above
    # The queue knows the parent; the rest comes when the case is looked at.
    queue = anna.client.get("/console/").text
    assert 'data-around="no"' in queue
    assert "In his office." in queue
    assert "Where is the mayor?" not in queue


def test_ones_own_settings(app: Flask, anna: Caller, ben: Caller) -> None:
    page = anna.client.get("/console/me").text
    assert 'name="veil">' in page
    sent = {"veil": "on", "break_after": "45"}
    assert post(anna, "/me", script=False, **sent).status_code == 302
    queue = anna.client.get("/console/").text
    assert re.search(r'<body class="desk veiled" data-keys="off" data-break="45"', queue)
    assert "veiled" not in ben.client.get("/console/").text
    wrong = post(anna, "/me", script=False, break_after="soon")
    assert (wrong.status_code, 'value="soon"' in wrong.text) == (422, True)
    assert "veiled" in anna.client.get("/console/").text
