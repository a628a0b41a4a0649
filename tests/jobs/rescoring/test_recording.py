"""`flask rescore`: scores are recorded and nothing else changes, however it ends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from jobs import rescoring
from jobs.transactions import reading, writing
from models import (
    Comment,
    Decision,
    Score,
    Site,
    Status,
    StoredSignal,
    utcnow,
)
from moderation.classifier import progress
from moderation.classifier.scores import Scores
from moderation.errors import ModelUnavailable
from tests.conftest import status_of
from tests.flows.invariants import broken_promises
from tests.jobs.rescoring.conftest import (
    FINE,
    RUDE,
    MakeComment,
    NewClassifier,
    rescore,
    versions,
)
from web.runtime import runtime_of


def everything(app: Flask) -> list[tuple[object, ...]]:
    """All that a run could have changed."""
    with app.app_context(), reading() as session:
        return [
            tuple(row)
            for table in (Comment, Score, StoredSignal, Decision)
            for row in session.execute(select(table.__table__).order_by(table.id))
        ]


def test_scores_are_recorded_and_no_decision_is_changed(
    app: Flask, make_old: MakeComment, as_nice_as_before: list[int], tmp_path: Path
):
    fine, rude, other = make_old(FINE), make_old(RUDE), make_old("Something else.")
    said = rescore(app)
    assert "3 comments without a score of this model." in said
    assert "3 comments scored by words 2." in said
    assert "1 published would be held (insult 1)" in said
    assert "1 held would be published (toxicity 1, insult 1)" in said
    assert "No decision was changed." in said
    assert [status_of(app, n) for n in (fine, rude, other)] == ["published", "held", "published"]
    for number in (fine, rude, other):
        assert versions(app, number) == {"1", "2"}
    with app.app_context(), reading() as session:
        assert session.get_one(Comment, fine).risk == 0.9
        assert session.get_one(Comment, rude).risk == 0.02
    assert as_nice_as_before == [10]
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_a_dry_run_shows_the_same_and_writes_nothing(app: Flask, make_old: MakeComment):
    make_old(FINE), make_old(RUDE)
    before = everything(app)
    said = rescore(app, "--dry-run")
    assert "1 published would be held (insult 1)" in said
    assert "1 held would be published (toxicity 1, insult 1)" in said
    assert "Nothing was written." in said
    assert everything(app) == before
    rescore(app)
    # What carries the scores by now is counted from them.
    assert "1 published would be held (insult 1)" in rescore(app, "--dry-run")


def test_again_scores_nothing_again(app: Flask, make_old: MakeComment, classifier: NewClassifier):
    make_old(FINE), make_old(RUDE)
    rescore(app)
    before, batches = everything(app), len(classifier.batches)
    said = rescore(app)
    assert "0 comments scored" in said
    assert "1 published would be held" in said
    assert len(classifier.batches) == batches
    assert everything(app) == before


def test_killed_in_the_middle_it_goes_on_where_it_stopped(
    app: Flask,
    make_old: MakeComment,
    classifier: NewClassifier,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    monkeypatch.setattr(rescoring, "_BATCH", 2)
    numbers = [make_old(f"Fine number {number}.") for number in range(7)]
    real = rescoring.Rescorer._record

    def die(self: rescoring.Rescorer, found: Sequence[tuple[Comment, Scores]]) -> None:
        if len(classifier.batches) == 3:
            raise KeyboardInterrupt
        real(self, found)

    monkeypatch.setattr(rescoring.Rescorer, "_record", die)
    done = app.test_cli_runner().invoke(args=["rescore", "--hold", "--yes"])
    assert done.exit_code == 1
    scored = [number for number in numbers if "2" in versions(app, number)]
    assert scored == numbers[3:], "the newest come first"
    assert {status_of(app, number) for number in numbers} == {"published"}
    monkeypatch.setattr(rescoring.Rescorer, "_record", real)
    said = rescore(app, "--hold", "--yes")
    assert "3 comments scored" in said
    # Those of the run before are counted and held as well.
    assert "7 published would be held" in said
    assert "7 comments sent to the queue" in said
    assert {status_of(app, number) for number in numbers} == {"held"}
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_withdrawn_and_unscored_comments_are_left_alone(app: Flask, make_old: MakeComment):
    numbers = make_old(FINE), make_old(FINE)
    with app.app_context(), writing() as session:
        for number, status in zip(numbers, (Status.WITHDRAWN, Status.UNSCORED), strict=True):
            session.execute(update(Comment).where(Comment.id == number).values(status=status))
    assert "0 comments scored" in rescore(app)


def test_no_transaction_is_open_while_the_model_works(
    app: Flask, make_old: MakeComment, classifier: NewClassifier
):
    make_old(FINE)

    def write(texts: Sequence[str]) -> None:
        with app.app_context(), writing() as session:
            session.execute(update(Site).values(name="somebody else writes"))

    classifier.hook = write
    rescore(app)
    with app.app_context(), reading() as session:
        assert session.scalars(select(Site.name)).one() == "somebody else writes"


def test_a_text_that_the_model_fails_on_is_passed_over(
    app: Flask, make_old: MakeComment, classifier: NewClassifier
):
    numbers = make_old(FINE), make_old("poison"), make_old(FINE)

    def crash(texts: Sequence[str]) -> None:
        if "poison" in texts:
            raise RuntimeError("no")

    classifier.hook = crash
    said = rescore(app)
    assert "2 comments scored" in said
    assert "1 comment could not be scored; nothing changed there." in said
    assert [versions(app, number) for number in numbers] == [{"1", "2"}, {"1"}, {"1", "2"}]


def test_a_model_that_breaks_ends_the_run_and_keeps_what_was_done(
    app: Flask,
    make_old: MakeComment,
    classifier: NewClassifier,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(rescoring, "_BATCH", 1)
    older, newer = make_old(FINE), make_old(FINE)

    def crash(texts: Sequence[str]) -> None:
        if len(classifier.batches) > 1:
            raise MemoryError

    classifier.hook = crash
    done = app.test_cli_runner().invoke(args=["rescore"])
    assert done.exit_code == 1
    assert "not enough memory" in done.output
    assert "run the same command again" in done.output
    assert [versions(app, number) for number in (older, newer)] == [{"1"}, {"1", "2"}]


def test_a_model_that_is_not_there_is_said(
    app: Flask, make_old: MakeComment, monkeypatch: pytest.MonkeyPatch
):
    make_old(FINE)

    def away() -> None:
        raise ModelUnavailable("The model file is gone.")

    monkeypatch.setattr(runtime_of(app).classifier, "_load", away)
    done = app.test_cli_runner().invoke(args=["rescore"])
    assert (done.exit_code, "The model file is gone." in done.output) == (1, True)


def test_a_model_that_is_exported_first_is_waited_for(
    app: Flask,
    make_old: MakeComment,
    classifier: NewClassifier,
    monkeypatch: pytest.MonkeyPatch,
):
    make_old(FINE)

    def load() -> NewClassifier:
        progress.say("The model original is being downloaded.")
        time.sleep(0.5)
        progress.say("The model original is being exported.")
        time.sleep(0.5)
        return classifier

    monkeypatch.setattr(runtime_of(app).classifier, "_load", load)
    lines = rescore(app).splitlines()
    assert [line for line in lines if "model original" in line] == [
        "The model original is being downloaded.",
        "The model original is being exported.",
    ]
    assert "1 comment scored by words 2." in lines


def test_which_comments_can_be_chosen(
    app: Flask, site: int, other_site: int, make_old: MakeComment
):
    old, new, of_another_model = make_old(FINE), make_old(FINE), make_old(FINE)
    with app.app_context(), writing() as session:
        session.execute(
            update(Comment)
            .where(Comment.id == old)
            .values(created_at=utcnow() - timedelta(days=400))
        )
        session.execute(
            update(Score).where(Score.comment_id == of_another_model).values(model_name="else")
        )
    yesterday = f"{utcnow() - timedelta(days=1):%Y-%m-%d}"

    def chosen(*words: str) -> str:
        return rescore(app, "--dry-run", *words).split(" comment")[0]

    assert chosen() == "3"
    assert chosen("--since", yesterday) == "2"
    assert chosen("--site", "news") == "3"
    assert chosen("--site", "other") == "0"
    assert chosen("--only-model", "words") == "2"
    assert chosen("--only-model", "words 1") == "2"
    assert chosen("--only-model", "words 7") == "0"
    assert chosen("--only-model", "else") == "1"
    with app.app_context(), writing() as session:
        session.execute(
            update(Score)
            .where(Score.comment_id == of_another_model)
            .values(model_name="my own model")
        )
        session.execute(update(Score).where(Score.comment_id == new).values(model_name="my model"))
    assert chosen("--only-model", "my model") == "1"
    assert chosen("--only-model", "my model 1") == "1"
    assert chosen("--only-model", "my model 2") == "0"
    assert chosen("--only-model", "my own model") == "1"
    assert chosen("--only-model", "my") == "0"
    assert app.test_cli_runner().invoke(args=["rescore", "--site", "nowhere"]).exit_code == 1
    assert {status_of(app, number) for number in (old, new)} == {"published"}
