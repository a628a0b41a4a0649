"""`flask rescore --hold`: what is held by the scores of today, and what stays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from jobs import rescoring
from jobs.transactions import reading, writing
from models import (
    ActorKind,
    Comment,
    Status,
    StoredSignal,
)
from moderation import decisions
from moderation.decisions import Actor
from tests.conftest import set_policy, status_of
from tests.jobs.rescoring.conftest import (
    FINE,
    RUDE,
    MakeComment,
    NewClassifier,
    newest,
    rescore,
    versions,
)

SOMEBODY = Actor(ActorKind.STAFF, 1, "Somebody")


def test_hold_asks_and_says_which_model_it_was(app: Flask, make_old: MakeComment):
    number = make_old(FINE)
    assert "Hide 1 comment until" in rescore(app, "--hold", answer="n\n")
    assert status_of(app, number) == "published"
    assert "1 comment sent" in rescore(app, "--hold", answer="y\n")
    assert status_of(app, number) == "held"
    made = newest(app, number)
    assert (made.actor_kind, made.reasons) == (ActorKind.SYSTEM, ["score:insult", "rescored"])
    assert made.note == "Scored again by words 2."


def test_a_reject_threshold_sends_to_a_person_and_rejects_nothing(
    app: Flask, site: int, make_old: MakeComment
):
    number = make_old(FINE)
    set_policy(app, site, thresholds={"insult": [0.6, 0.8]})
    assert "1 published would be rejected (insult 1)" in rescore(app, "--hold", "--yes")
    assert status_of(app, number) == "held"


def test_what_is_held_is_never_published_by_it(app: Flask, make_old: MakeComment):
    number = make_old(RUDE)
    assert "1 held would be published" in rescore(app, "--hold", "--yes")
    assert status_of(app, number) == "held"


@pytest.mark.parametrize("after", [Status.PUBLISHED, Status.REJECTED])
def test_what_a_person_decided_stays(app: Flask, make_old: MakeComment, after: Status):
    text = FINE if after is Status.PUBLISHED else "Something else."
    number = make_old(text)
    with app.app_context(), writing() as session:
        decisions.decide(session, session.get_one(Comment, number), after, SOMEBODY)
    said = rescore(app, "--hold", "--yes")
    assert "1 more, which a person decided" in said
    assert "no decision of the system would be different" in said
    assert status_of(app, number) == after.value


def test_what_a_person_decides_meanwhile_stays(
    app: Flask, make_old: MakeComment, monkeypatch: pytest.MonkeyPatch
):
    number = make_old(FINE)
    real = rescoring.Rescorer.hold

    def decide_first(self: rescoring.Rescorer, numbers: Sequence[int]) -> int:
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, number)
            decisions.decide(session, comment, Status.PUBLISHED, SOMEBODY)
        return real(self, numbers)

    monkeypatch.setattr(rescoring.Rescorer, "hold", decide_first)
    assert "0 comments sent" in rescore(app, "--hold", "--yes")
    assert status_of(app, number) == "published"


def test_a_moderator_who_looks_at_it_can_still_decide(app: Flask, make_old: MakeComment):
    number = make_old(RUDE)
    with app.app_context(), reading() as session:
        seen = session.get_one(Comment, number).version
    rescore(app)
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        decisions.decide(session, comment, Status.PUBLISHED, SOMEBODY, version=seen)
    assert status_of(app, number) == "published"


def test_an_edit_meanwhile_has_a_job_of_its_own(
    app: Flask, make_old: MakeComment, classifier: NewClassifier
):
    number = make_old(FINE)

    def edit(texts: Sequence[str]) -> None:
        with app.app_context(), writing() as session:
            session.execute(update(Comment).where(Comment.id == number).values(revision=2))

    classifier.hook = edit
    rescore(app, "--hold", "--yes")
    assert versions(app, number) == {"1"}
    assert status_of(app, number) == "published"


def test_a_language_that_the_model_cannot_read_is_a_reason_too(
    app: Flask, site: int, make_old: MakeComment
):
    set_policy(app, site, languages="en fr")
    number = make_old("Je ne suis pas du tout d'accord avec vous.")
    assert status_of(app, number) == "published"
    set_policy(app, site, languages="")
    assert "1 published would be held (language:fr 1)" in rescore(app, "--hold", "--yes")
    assert status_of(app, number) == "held"


def test_a_comment_that_waited_for_a_person_because_nothing_could_score_it(
    app: Flask, make_old: MakeComment
):
    number = make_old("Something else.")
    with app.app_context(), writing() as session:
        session.execute(update(Comment).where(Comment.id == number).values(status=Status.HELD))
        session.execute(update(StoredSignal).values(kind="unscorable", subject="", advice="hold"))
        assert session.scalar(select(func.count(StoredSignal.id)))
    assert "1 held would be published" in rescore(app)
