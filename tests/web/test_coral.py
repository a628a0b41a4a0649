"""A Coral asks what is to become of a comment: signed, judged by rules, in time or held."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs.transactions import writing
from models import Comment, CoralSecret, Decision, Site, db
from moderation import coral
from tests.conftest import WordClassifier, set_policy
from web.runtime import runtime_of

SECRET = "a-signing-secret-of-coral-0123456789"
PHASE = "/coral/news/phase"


@pytest.fixture
def secret(app: Flask, site: int, scoring: Flask) -> str:
    """The site knows the secret of a Coral."""
    with app.app_context(), writing() as session:
        coral.add(session, session.get_one(Site, site), SECRET, runtime_of(app).coral_seal)
    return SECRET


def request(text: str, role: str = "COMMENTER", **more: Any) -> dict[str, Any]:
    """What Coral sends of a new comment."""
    return {
        "action": "NEW",
        "comment": {"body": text, "parentID": None},
        "author": {"id": "baf4e943", "role": role},
        "story": {"id": "245b3856", "url": "https://news.example/story"},
        "site": {"id": "a4bede88"},
        "tenantID": "19ba5794",
        "tenantDomain": "coral.example",
        **more,
    }


def ask(client: FlaskClient, sent: Any, *secrets: str, path: str = PHASE) -> TestResponse:
    """As Coral's source does it: the body indented by two, one signature for each valid secret."""
    body = json.dumps(sent, indent=2).encode()
    signed = [hmac.new(one.encode(), body, hashlib.sha256).hexdigest() for one in secrets]
    return client.post(
        path,
        data=body,
        headers={
            "Content-Type": "application/json",
            "X-Coral-Signature": ",".join(f"sha256={one}" for one in signed),
        },
    )


def test_what_is_fine_is_left_to_coral(client: FlaskClient, secret: str):
    answer = ask(client, request("<div>A <b>fine</b> day.</div>"), secret)
    assert (answer.status_code, answer.data) == (204, b"")


def test_what_is_held_is_withheld_and_flagged(client: FlaskClient, secret: str):
    for text in ("<div>You idi<b>ot</b>.</div>", "You idiot.", "1 < 2, you idiot"):
        answer = ask(client, request(text), secret)
        assert answer.status_code == 200
        assert answer.json == {
            "status": "SYSTEM_WITHHELD",
            "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}],
        }
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_edit_is_judged_like_a_new_one(client: FlaskClient, secret: str):
    assert ask(client, request("You idiot.", action="EDIT"), secret).json["status"] != "NONE"


def test_the_rules_of_the_site_are_those_of_its_own_comments(
    app: Flask, client: FlaskClient, site: int, secret: str
):
    set_policy(app, site, thresholds={"toxicity": [0.6, 0.9]})
    assert ask(client, request("You idiot."), secret).json["status"] == "REJECTED"
    set_policy(app, site, suspect_words=["harbour"])
    assert ask(client, request("Tea for the harbour."), secret).json["status"] == "SYSTEM_WITHHELD"
    set_policy(app, site, moderation="pre")
    assert ask(client, request("A fine day."), secret).json == {"status": "PREMOD"}


def test_links_are_spam(app: Flask, client: FlaskClient, site: int, secret: str):
    set_policy(app, site, held_domains=["casino.example"])
    text = '<div><a href="https://casino.example/x">Win</a></div>'
    assert ask(client, request(text), secret).json == {
        "status": "SYSTEM_WITHHELD",
        "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"}],
    }


@pytest.mark.parametrize("role", ["STAFF", "MODERATOR", "ADMIN"])
def test_what_staff_write_is_theirs(client: FlaskClient, secret: str, role: str):
    assert ask(client, request("You idiot.", role), secret).status_code == 204


def test_nothing_of_it_is_stored_or_logged(
    app: Flask, client: FlaskClient, secret: str, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.DEBUG):
        ask(client, request("You idiot, says marmalade."), secret)
        ask(client, request("You idiot, says marmalade."), "wrong")
    assert "marmalade" not in caplog.text
    with app.app_context():
        assert db.session().query(Comment).count() == db.session().query(Decision).count() == 0


@pytest.mark.parametrize(
    ("path", "secrets"),
    [
        (PHASE, ()),
        (PHASE, ("another-secret-of-somebody",)),
        ("/coral/other/phase", (SECRET,)),
        ("/coral/nowhere/phase", (SECRET,)),
    ],
)
def test_a_wrong_signature_is_refused(
    client: FlaskClient, secret: str, other_site: int, path: str, secrets: tuple[str, ...]
):
    answer = ask(client, request("A fine day."), *secrets, path=path)
    assert answer.status_code == 401
    assert answer.json == {"error": "The signature is wrong, or there is no such site."}


def test_another_body_is_refused(client: FlaskClient, secret: str):
    right = hmac.new(secret.encode(), b"{}", hashlib.sha256).hexdigest()
    for header in (f"sha256={right}", right, f"sha1={right}", "sha256=", "sha256=é", ",,=,"):
        answer = client.post(PHASE, data=b"{ }", headers={"X-Coral-Signature": header})
        assert answer.status_code == 401


def test_guessing_is_ended(client: FlaskClient, secret: str):
    answers = [ask(client, request("x"), "wrong").status_code for _ in range(70)]
    assert answers[0] == 401
    assert answers[-1] == 429
    # Who has the secret is not held up by those who guess.
    assert ask(client, request("A fine day."), secret).status_code == 204


def test_both_secrets_count_while_one_is_rolled(
    app: Flask, client: FlaskClient, site: int, secret: str
):
    new = "the-next-signing-secret-of-coral"
    assert ask(client, request("A fine day."), new).status_code == 401
    with app.app_context(), writing() as session:
        coral.add(session, session.get_one(Site, site), new, runtime_of(app).coral_seal)
    for secrets in ((secret,), (new,), (secret, new), ("neither", new)):
        assert ask(client, request("A fine day."), *secrets).status_code == 204
    with app.app_context(), writing() as session:
        coral.remove(session, 1)
    assert ask(client, request("A fine day."), secret).status_code == 401
    assert ask(client, request("A fine day."), new).status_code == 204


@pytest.mark.parametrize(
    "sent", [[], "x", 7, None, {}, {"comment": {}}, {"comment": {"body": "x"}}, {"comment": 3}]
)
def test_something_else_is_refused_with_a_reason(client: FlaskClient, secret: str, sent: Any):
    answer = ask(client, sent, secret)
    assert answer.status_code == 400
    assert "external moderation phase" in answer.json["error"]


def test_an_empty_comment_is_corals_to_refuse(client: FlaskClient, secret: str):
    for text in ("", "<div><br></div>", " \n"):
        assert ask(client, request(text), secret).status_code == 204


def test_what_takes_too_long_is_withheld(
    client: FlaskClient, secret: str, classifier: WordClassifier
):
    classifier.hook = lambda texts: time.sleep(1.0)
    began = time.monotonic()
    answer = ask(client, request("A fine day."), secret)
    assert time.monotonic() - began < 0.9
    assert answer.json == {"status": "SYSTEM_WITHHELD"}


def test_without_a_model_all_is_withheld(app: Flask, client: FlaskClient, secret: str):
    runtime_of(app).scorer.stop()
    assert ask(client, request("A fine day."), secret).json == {"status": "SYSTEM_WITHHELD"}


def test_the_secret_is_not_in_the_database(app: Flask, secret: str):
    with app.app_context():
        (kept,) = db.session().query(CoralSecret)
        assert secret not in kept.sealed


def run(app: Flask, *words: str, typed: str = "") -> tuple[int, str]:
    """A command as somebody types it."""
    done = app.test_cli_runner().invoke(args=["coral", *words], input=typed)
    return done.exit_code, done.output


def test_the_commands(app: Flask, site: int):
    status, said = run(app, "add", "news", typed=f"{SECRET}\n")
    assert status == 0
    assert "Callback URL: http://127.0.0.1:8000/coral/news/phase" in said
    assert SECRET not in said
    assert "news" in run(app, "list")[1]
    assert run(app, "add", "news", typed="short\n")[0] == 1
    assert run(app, "add", "nowhere", "--secret", SECRET)[0] == 1
    assert run(app, "remove", "1") == (0, "Secret 1 is forgotten.\n")
    assert run(app, "remove", "1")[0] == 1
