"""The desk by its forms: deciding, undoing, who sees what, the record and the order."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jobs.transactions import writing
from models import Account, Comment, Decision, Report, ReportReason, ReportState, Role, db
from moderation import reports
from tests.conftest import status_of
from tests.web.console.desk_forms import (
    RUDE,
    SCRIPT,
    MakeComment,
    Staff,
    signed_in,
    token,
    version_of,
)


def newest(app: Flask, comment_id: int) -> Decision:
    """The newest decision on a comment, detached."""
    with app.app_context():
        query = select(Decision).where(Decision.comment_id == comment_id)
        found = db.session().scalars(query.order_by(Decision.id.desc())).first()
        assert found is not None
        return found


def decide(
    client: FlaskClient, comment_id: int, version: object, decision: str = "approve", **sent: Any
) -> TestResponse:
    """Send the form of a case."""
    page = client.get("/console/decisions").text
    headers = sent.pop("headers", {})
    query = sent.pop("query", "from=queue")
    data = {"decision": decision, "version": version, "csrf_token": token(page), **sent}
    return client.post(f"/console/cases/{comment_id}/decisions?{query}", data=data, headers=headers)


def test_a_form_without_the_token_is_refused(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    data = {"decision": "approve", "version": version_of(app, held)}
    assert desk.post(f"/console/cases/{held}/decisions", data=data).status_code == 400
    number = newest(app, held).id
    assert desk.post(f"/console/decisions/{number}/undo").status_code == 400
    assert status_of(app, held) == "held"


def test_a_form_of_another_site_is_refused(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = decide(desk, held, version_of(app, held), headers=headers)
        assert answer.status_code == 403
    assert status_of(app, held) == "held"


def test_approve_is_said_and_can_be_undone(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    answer = decide(desk, held, version_of(app, held))
    assert answer.status_code == 302
    number = newest(app, held).id
    assert f"decided={number}" in answer.location
    assert status_of(app, held) == "published"
    page = desk.get(answer.location).text
    assert "Approved — published in the thread." in page
    assert f"/console/decisions/{number}/undo" in page
    undone = desk.post(f"/console/decisions/{number}/undo", data={"csrf_token": token(page)})
    assert undone.status_code == 302
    assert status_of(app, held) == "held"
    page = desk.get("/console/").text
    assert "Insult score 0.95 is over the hold threshold 0.60." in page


def test_reject_with_a_reason(app: Flask, desk: FlaskClient, make_comment: MakeComment) -> None:
    held = make_comment(RUDE)
    answer = decide(desk, held, version_of(app, held), "reject", reasons="insult")
    assert "Rejected (insult)" in desk.get(answer.location).text
    decision = newest(app, held)
    assert (decision.after, decision.reasons) == ("rejected", ["insult"])
    assert decision.actor_name == "mod"


@pytest.mark.parametrize(
    ("decision", "sent"),
    [("publish", {}), ("", {}), ("reject", {"reasons": "made-up"}), ("approve", {"version": ""})],
)
def test_what_is_no_decision_is_refused(
    app: Flask, desk: FlaskClient, make_comment: MakeComment, decision: str, sent: dict[str, str]
) -> None:
    held = make_comment(RUDE)
    version = sent.pop("version", str(version_of(app, held)))
    answer = decide(desk, held, version, decision, **sent)
    assert answer.status_code == 422
    assert status_of(app, held) == "held"


def test_stale_version_says_who_was_faster(
    app: Flask, desk: FlaskClient, site: int, make_staff: Staff, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    seen = version_of(app, held)
    make_staff("ana@example.org", Role.SENIOR, site)
    ana = signed_in(app, "ana@example.org")
    assert decide(ana, held, seen, "reject", reasons="insult").status_code == 302
    late = decide(desk, held, seen)
    assert late.status_code == 409
    assert "ana rejected this a moment ago." in late.text
    assert "Publish after all" in late.text
    word = decide(desk, held, seen, headers=SCRIPT)
    assert word.status_code == 409
    said = word.get_json()
    assert said["said"].startswith("ana rejected this a moment ago.")
    assert (said["status"], said["waits"], said["undo"]) == ("rejected", False, "")
    assert newest(app, held).actor_name == "ana"


def test_a_request_sent_twice_is_told_that_it_worked(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    seen = version_of(app, held)
    decide(desk, held, seen)
    again = decide(desk, held, seen, headers=SCRIPT)
    assert again.get_json()["said"].startswith("You approved this a moment ago.")


def test_undo_of_what_was_decided_again_is_refused(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    decide(desk, held, version_of(app, held))
    first = newest(app, held).id
    decide(desk, held, version_of(app, held), "reject")
    sent = {"csrf_token": token(desk.get("/console/").text)}
    answer = desk.post(f"/console/decisions/{first}/undo", data=sent)
    assert answer.status_code == 409
    assert status_of(app, held) == "rejected"
    assert desk.post("/console/decisions/999999/undo", data=sent).status_code == 404


def test_the_script_is_answered_with_the_case(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    make_comment("Another idiot.")
    word = decide(desk, held, version_of(app, held), headers=SCRIPT).get_json()
    assert word["said"] == "Approved — published in the thread."
    assert word["counts"] == dict.fromkeys(
        ("reported", "appealed", "escalated", "unscored"), "0"
    ) | {"held": "1"}
    assert f'id="case-{held}"' in word["case"]
    assert not word["waits"]
    back = desk.post(
        word["undo"], data={"csrf_token": token(desk.get("/console/").text)}, headers=SCRIPT
    ).get_json()
    assert back["waits"]
    assert back["said"] == "Taken back — it waits for a decision again."


def test_reports_are_shown_and_dismissed(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    fine = make_comment()
    with app.app_context(), writing() as session:
        for name, reason in (("x", ReportReason.SPAM), ("y", ReportReason.INSULT)):
            reader = Account(name=name)
            session.add(reader)
            session.flush()
            comment = session.get_one(Comment, fine)
            reports.record(session, comment, reader, reason, "<b>look</b>")
    page = desk.get("/console/?state=reported").text
    assert "2 readers reported it: spam, insult." in page
    assert "&lt;b&gt;look&lt;/b&gt;" in page
    decide(desk, fine, version_of(app, fine), query="from=queue&state=reported")
    assert status_of(app, fine) == "published"
    with app.app_context():
        assert set(db.session().scalars(select(Report.state))) == {ReportState.DISMISSED}


def test_nothing_of_a_person_is_markup(desk: FlaskClient, make_comment: MakeComment) -> None:
    make_comment("idiot <script>alert(1)</script> [x](javascript:alert(1))", "<i>Bobby</i>")
    page = desk.get("/console/").text
    assert "<script>alert" not in page
    assert "<i>Bobby" not in page
    assert 'href="javascript' not in page
    assert "<bdi>&lt;i&gt;Bobby&lt;/i&gt;</bdi>" in page


def test_another_sites_moderator_sees_and_does_nothing(
    app: Flask, other_site: int, make_staff: Staff, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    make_staff("far@example.org", Role.ADMIN, other_site)
    far = signed_in(app, "far@example.org")
    queue = far.get("/console/").text
    assert RUDE not in queue
    assert "Nothing waits." in queue
    for path in (
        f"/console/cases/{held}",
        "/console/?site=news",
        "/console/decisions?site=news",
        "/console/?site=no-such-site",
    ):
        assert far.get(path).status_code == 404
    assert far.get("/console/decisions?by=everyone").text.count("<li>") == 0
    assert decide(far, held, version_of(app, held)).status_code == 404
    sent = {"csrf_token": token(queue)}
    number = newest(app, held).id
    assert far.post(f"/console/decisions/{number}/undo", data=sent).status_code == 404
    assert RUDE not in far.get(f"/console/?decided={number}").text
    assert status_of(app, held) == "held"


def test_without_any_role_there_is_nothing(
    app: Flask, make_staff: Staff, make_comment: MakeComment
) -> None:
    make_comment(RUDE)
    make_staff("new@example.org", Role.ADMIN)
    page = signed_in(app, "new@example.org").get("/console/").text
    assert "No site is open to you." in page
    assert RUDE not in page


def test_read_only_sees_but_decides_nothing(
    app: Flask, desk: FlaskClient, site: int, make_staff: Staff, make_comment: MakeComment
) -> None:
    held, decided = make_comment(RUDE), make_comment("Another idiot.")
    decide(desk, decided, version_of(app, decided))
    make_staff("look@example.org", Role.READ_ONLY, site)
    look = signed_in(app, "look@example.org")
    pages = [
        look.get(path).text
        for path in ("/console/", f"/console/cases/{held}", "/console/decisions?by=everyone")
    ]
    assert RUDE in pages[0]
    for page in pages:
        assert 'value="approve"' not in page
        assert 'value="reject"' not in page
        assert not re.search(r"/decisions/\d+/undo", page)
    assert decide(look, held, version_of(app, held)).status_code == 403
    sent = {"csrf_token": token(pages[0])}
    number = newest(app, decided).id
    assert look.post(f"/console/decisions/{number}/undo", data=sent).status_code == 403
    assert (status_of(app, held), status_of(app, decided)) == ("held", "published")


def test_the_record_says_who_did_what(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    decide(desk, held, version_of(app, held), "reject", reasons="insult")
    page = desk.get("/console/decisions").text
    assert "You" in page
    assert RUDE in page
    assert "Parley</bdi>" not in page
    assert "Parley</bdi>" in desk.get("/console/decisions?by=everyone").text
    number = newest(app, held).id
    assert f"/console/decisions/{number}/undo" in page
    desk.post(f"/console/decisions/{number}/undo?from=decisions", data={"csrf_token": token(page)})
    assert "taken back" in desk.get("/console/decisions").text
