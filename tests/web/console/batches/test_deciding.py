"""Batches decided and taken back by forms, by one or two seniors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import ActorKind, Batch, Comment, Decision, Role, Status
from moderation import batches, decisions
from moderation.decisions import Actor
from tests.held import fill
from tests.web.conftest import Caller
from tests.web.console.batches.conftest import (
    PAGE,
    SURE,
    SignIn,
    confirm,
    decide,
    form_of,
    post,
    statuses,
    text_of,
)


def test_confirming_says_it_in_words_and_does_nothing(app: Flask, senior: Caller, held: list[int]):
    page = senior.client.get(
        SURE,
        query_string={
            "label": "insult", "least": "0.8", "decision": "reject", "reason": "insult",
            "words": "comment", "age": "day",
        },
    )  # fmt: skip
    said = text_of(page)
    assert "Reject 4 held comments with insult from 0.80 to 1.00 with the words “comment”" in said
    assert "since" in said
    assert statuses(app) == {"held": 7}
    with app.app_context(), reading() as session:
        assert session.scalars(select(Batch)).all() == []


def test_decided_and_taken_back_by_plain_forms(app: Flask, senior: Caller, held: list[int]):
    done = decide(senior, reason="insult")
    assert statuses(app) == {"held": 3, "rejected": 4}
    with app.app_context(), reading() as session:
        made = session.scalars(select(Decision).where(Decision.batch_id > 0)).all()
        assert {one.comment_id for one in made} == set(held[3:])
        assert {(one.actor_name, tuple(one.reasons)) for one in made} == {("sena", ("insult",))}
    said = text_of(senior.client.get(done))
    assert "4 comments rejected" in said
    assert "Reason: Insult" in said
    # One of them is decided again by a colleague: it stays so.
    with app.app_context(), writing() as session:
        other = Actor(ActorKind.STAFF, 99, "Otto")
        decisions.decide(session, session.get_one(Comment, held[3]), Status.PUBLISHED, other)
    assert post(senior, f"{done}/undo").location == done
    assert statuses(app) == {"held": 6, "published": 1}
    listed = text_of(senior.client.get(PAGE)).split("Past batches")[1]
    assert "3 of 4 comments taken back; 1 stays, as it was decided again since" in listed
    assert "Undo all" not in listed
    # Once more changes nothing, and is no fault.
    assert post(senior, f"{done}/undo").status_code == 302
    assert statuses(app) == {"held": 6, "published": 1}


def test_what_comes_in_after_the_question_stays(
    app: Flask, site: int, senior: Caller, held: list[int], make_comment: Callable[..., int]
):
    fields = confirm(senior, label="", least="0.80")
    late = make_comment("What an idiot")
    post(senior, PAGE, fields)
    assert statuses(app) == {"held": 4, "rejected": 4}
    with app.app_context(), reading() as session:
        assert session.get_one(Comment, late).status is Status.HELD


def test_more_than_were_seen_are_asked_about_again(app: Flask, senior: Caller, held: list[int]):
    again = post(senior, PAGE, confirm(senior) | {"count": "3"})
    assert again.status_code == 409
    assert "There are more now than you saw. Nothing was decided" in text_of(again)
    assert form_of(again)["count"] == "4"
    assert statuses(app) == {"held": 7}


def test_two_seniors_at_once(
    app: Flask, site: int, senior: Caller, held: list[int], sign_in: SignIn
):
    other = sign_in("otto@example.org", Role.SENIOR, site)
    mine, theirs = confirm(senior), confirm(other, least="0.90", decision="approve")
    post(other, PAGE, theirs)
    done = post(senior, PAGE, mine).location
    assert statuses(app) == {"held": 3, "published": 2, "rejected": 2}
    late = post(other, PAGE, theirs)
    assert (late.status_code, "Somebody was faster" in text_of(late)) == (409, True)
    # Both take the same one back; the other's own stays.
    assert post(senior, f"{done}/undo").status_code == 302
    assert post(other, f"{done}/undo").status_code == 302
    assert statuses(app) == {"held": 5, "published": 2}
    listed = text_of(other.client.get(PAGE)).split("Past batches")[1]
    assert "sena" in listed
    assert "You" in listed


def test_a_batch_is_gone_on_with(
    app: Flask, site: int, senior: Caller, held: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batches.work, "__defaults__", (2,))
    monkeypatch.setattr(batches.take_back, "__defaults__", (2,))
    monkeypatch.setattr("web.console.batches._AT_FIRST", -1.0)
    monkeypatch.setattr("web.console.batches._BY_SCRIPT", -1.0)
    done = decide(senior)
    assert statuses(app) == {"held": 5, "rejected": 2}
    page = senior.client.get(done)
    assert "2 of 4 rejected so far" in text_of(page)
    assert 'max="100" value="50"' in page.text
    answer = post(senior, f"{done}/run", script=True).json
    assert (answer["outcome"], answer["is_busy"], answer["share"]) == (
        "4 rejected so far", True, 99,
    )  # fmt: skip
    while answer["is_busy"]:
        answer = post(senior, f"{done}/run", script=True).json
    assert (answer["outcome"], answer["share"]) == ("4 comments rejected", 100)
    assert "Undo all" in answer["part"]
    answer = post(senior, f"{done}/undo", script=True).json
    assert (answer["outcome"], answer["state"]) == ("2 of 4 taken back so far", "undoing")
    while answer["is_busy"]:
        answer = post(senior, f"{done}/run", script=True).json
    assert answer["outcome"] == "4 comments rejected, all taken back"
    assert statuses(app) == {"held": 7}
    # Stopped before its end: what was done is taken back, and nothing more is decided.
    done = decide(senior)
    answer = post(senior, f"{done}/undo", script=True).json
    while answer["is_busy"]:
        answer = post(senior, f"{done}/run", script=True).json
    assert (answer["state"], statuses(app)) == ("undone", {"held": 7})


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "unscored"},
        {"state": ""},
        {"least": "x"},
        {"most": "1.5"},
        {"most": "nan"},
        {"until": ""},
        {"until": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"signal": "nonsense"},
        {"label": "nonsense"},
        {"author": "x"},
        {"count": "x"},
        {"decision": "withdraw"},
        {"reason": "nonsense"},
        {"state": "published", "decision": "approve"},
        {"words": "!!!"},
    ],
)
def test_what_cannot_be_read_decides_nothing(
    app: Flask, senior: Caller, held: list[int], wrong: dict[str, str]
):
    assert post(senior, PAGE, confirm(senior) | wrong).status_code == 422
    assert statuses(app) == {"held": 7}


def test_a_form_needs_its_token(app: Flask, senior: Caller, held: list[int]):
    fields = confirm(senior)
    app.config["WTF_CSRF_ENABLED"] = True
    assert senior.client.post(PAGE, data=fields).status_code == 400
    assert statuses(app) == {"held": 7}


@pytest.mark.parametrize(
    ("state", "decision", "after"),
    [
        (Status.HELD, "approve", "published"),
        (Status.PUBLISHED, "reject", "rejected"),
        (Status.REJECTED, "approve", "published"),
    ],
)
def test_each_queue(
    app: Flask, site: int, senior: Caller, state: Status, decision: str, after: str
):
    with app.app_context(), writing() as session:
        fill(session, site, [0.1, 0.9], status=state)
    page = senior.client.get(f"{PAGE}?state={state}&label=insult")
    assert f'value="{decision}">' in page.text
    decide(senior, state=state.value, decision=decision)
    assert statuses(app) == {state.value: 1, after: 1}
