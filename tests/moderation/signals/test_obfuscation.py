"""Disguised words as a signal: when it is left, what it may decide, and what a moderator reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models import Advice, Comment, Role, StoredSignal, db
from moderation import policy
from moderation.classifier.scores import Obfuscation
from moderation.classifier.worst_reading import WorstReading
from moderation.signals import Facts, gather
from moderation.signals.facts import Thresholds
from moderation.signals.obfuscation import obfuscation
from tests.conftest import ORIGIN, PAGE, PASSWORD, WordClassifier, status_of

HOLD = {"toxicity": Thresholds(0.6)}


def facts(rose: float, toxicity: float, **thresholds: Thresholds) -> Facts:
    """A disguised text with one score."""
    found = Obfuscation(("signs", "spaced"), "an idiot", rose)
    return Facts("an 1d10t", {"toxicity": toxicity}, HOLD | thresholds, obfuscation=found)


@pytest.mark.parametrize(
    ("rose", "toxicity", "thresholds", "advice"),
    [
        # Without a threshold for it, it is told and decides nothing.
        (0.9, 0.95, {}, Advice.NOTE),
        (0.2, 0.30, {}, Advice.NOTE),
        # It hid nothing, but the comment is held all the same.
        (0.0, 0.95, {}, Advice.NOTE),
        # It hid nothing in a comment that nobody holds: a way of writing.
        (0.0, 0.30, {}, None),
        (0.09, 0.30, {}, None),
        # A site may hold or reject for it.
        (0.3, 0.35, {"obfuscated": Thresholds(0.3)}, Advice.HOLD),
        (0.2, 0.35, {"obfuscated": Thresholds(0.3)}, Advice.NOTE),
        (0.8, 0.85, {"obfuscated": Thresholds(0.3, 0.7)}, Advice.REJECT),
        (1.0, 1.00, {"obfuscated": Thresholds(1.0, 1.0)}, Advice.NOTE),
    ],
)  # fmt: skip
def test_what_a_disguise_advises(
    rose: float, toxicity: float, thresholds: dict[str, Thresholds], advice: Advice | None
) -> None:
    found = obfuscation(facts(rose, toxicity, **thresholds))
    assert [signal.advice for signal in found] == ([advice] if advice else [])
    for signal in found:
        assert (signal.reason, signal.value) == ("obfuscated", rose)
        assert signal.evidence == {"kinds": ["signs", "spaced"], "reading": "an idiot"}


def test_an_undisguised_text_leaves_none() -> None:
    assert obfuscation(Facts("an idiot", {"toxicity": 0.95}, HOLD)) == []


def test_the_note_is_no_reason_to_hold() -> None:
    from models import Moderation, Status

    verdict = policy.judge(gather(facts(0.4, 0.5)), Moderation.POST)
    assert verdict == policy.Verdict(Status.PUBLISHED, ())


# --- in the database and on the desk ---------------------------------------------------------

MakeComment = Callable[..., int]


@pytest.fixture
def classifier() -> Any:
    """Every reading is asked about, as the application does it."""
    return WorstReading(WordClassifier())


def signals_of(app: Flask, comment_id: int) -> dict[str, StoredSignal]:
    """The stored signals of a comment by kind."""
    with app.app_context():
        query = select(StoredSignal).where(StoredSignal.comment_id == comment_id)
        return {signal.kind: signal for signal in db.session().scalars(query)}


def test_a_disguised_comment_is_held_and_says_why(
    app: Flask, site: int, make_comment: MakeComment, make_staff: Callable[..., int]
) -> None:
    held = make_comment("What an i.d.1.0.t you are.")
    assert status_of(app, held) == "held"
    stored = signals_of(app, held)["obfuscated"]
    assert stored.advice is Advice.NOTE
    assert stored.value == pytest.approx(0.94)
    assert stored.evidence == {"kinds": ["spaced"], "reading": "What an idiot you are."}

    make_staff("mod@example.org", Role.MODERATOR, site)
    client = app.test_client()
    page = client.get("/console/sign-in").text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    client.post(
        "/console/sign-in",
        data={"email": "mod@example.org", "password": PASSWORD, "csrf_token": token},
    )
    case = client.get(f"/console/cases/{held}").text
    assert "Its words are disguised: words taken apart." in case
    assert "Read plainly: “What an idiot you are.” That hid 0.94 of a score." in case


def test_the_text_itself_is_never_changed(app: Flask, make_comment: MakeComment) -> None:
    text = "What an i.d.1.0.t you are."
    held = make_comment(text)
    with app.app_context():
        comment = db.session().get_one(Comment, held)
        assert comment.text == text
        assert "i.d.1.0.t" in comment.html


def test_readers_are_not_told(scoring: Flask, site: int, thread: int, client: FlaskClient) -> None:
    sent = {"text": "An 1d10t wrote this.", "author_name": "Ada"}
    answer = client.post(
        f"/api/v1/threads/{thread}/comments", json=sent, headers={"Origin": ORIGIN}
    )
    assert answer.status_code == 201
    assert answer.json["comment"]["status"] == "held"
    assert "idiot" not in answer.text
    preview = client.post(
        "/api/v1/preview", json={"text": sent["text"], "url": PAGE}, headers={"Origin": ORIGIN}
    )
    assert preview.json["would_hold"] is True
    assert "idiot" not in preview.text
    assert "obfuscated" not in preview.text


def test_a_site_can_hold_for_it(app: Flask, site: int, make_comment: MakeComment) -> None:
    run = app.test_cli_runner().invoke
    assert run(args=["sites", "threshold", "news", "toxicity", "1"]).exit_code == 0
    assert run(args=["sites", "threshold", "news", "insult", "1"]).exit_code == 0
    assert status_of(app, make_comment("An 1d10t wrote this.")) == "published"
    assert run(args=["sites", "threshold", "news", "obfuscated", "0.5"]).exit_code == 0
    held = make_comment("An 1d10t wrote that.")
    assert status_of(app, held) == "held"
    assert signals_of(app, held)["obfuscated"].advice is Advice.HOLD
