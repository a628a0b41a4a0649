"""Scoring when something fails: the model, one text, or the worker itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from jobs import queue
from jobs.scoring import Scorer
from jobs.transactions import reading, writing
from models import (
    Comment,
    Decision,
    Job,
    JobKind,
    JobState,
    StoredSignal,
    utcnow,
)
from moderation import screening
from moderation.classifier.batching import BatchingClassifier
from moderation.errors import ModelUnavailable
from tests.conftest import WordClassifier, status_of
from tests.flows.invariants import broken_promises
from tests.jobs.scoring.conftest import (
    ATTEMPTS,
    LEASE,
    Owe,
    job_of,
    let_time_pass,
    post,
    run,
    wait_until,
)
from web.runtime import attach, runtime_of


def test_without_a_model_comments_wait_hidden_until_it_is_back(
    app: Flask, client: FlaskClient, thread: int, tmp_path: Path
):
    mended = threading.Event()

    def load() -> WordClassifier:
        if not mended.is_set():
            raise ModelUnavailable("The model file is gone.")
        return WordClassifier()

    classifier = BatchingClassifier(load, first_pause=0.02, longest_pause=0.02)
    scorer = Scorer(app, classifier, lease=LEASE, attempts=ATTEMPTS)
    attach(app, replace(runtime_of(app), classifier=classifier, scorer=scorer))
    scorer.start()
    try:
        numbers = [post(client, thread, text)["id"] for text in ("Nice.", "You idiot.")]
        assert client.get("/readyz").json["reasons"]["model"] == "The model file is gone."
        assert client.get(f"/api/v1/threads/{thread}/comments").json["comments"] == []
        for number in numbers:
            assert status_of(app, number) == "unscored"
            # There was no try that could have failed.
            assert job_of(app, number).attempts == 0
        mended.set()
        wait_until(lambda: status_of(app, numbers[0]) == "published")
        wait_until(lambda: status_of(app, numbers[1]) == "held")
    finally:
        mended.set()
        scorer.stop()
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_a_model_that_goes_away_in_the_middle_costs_no_try(app: Flask, owe: Owe, worker: Scorer):
    number = owe("Nice.")
    runtime_of(app).classifier.stop()
    assert run(app, worker) == 0
    job = job_of(app, number)
    assert (job.state, job.attempts, job.lease) == (JobState.READY, 0, "")
    assert status_of(app, number) == "unscored"


def _crash_on_poison(texts: Sequence[str]) -> None:
    if any("poison" in text for text in texts):
        raise RuntimeError("the tokenizer does not like it")


def test_a_text_that_the_model_fails_on_three_times_goes_to_a_person(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier, tmp_path: Path
):
    classifier.hook = _crash_on_poison
    number = owe("poison")
    for attempt in (1, 2):
        assert run(app, worker) == 0
        job = job_of(app, number)
        assert (job.attempts, job.state, job.error) == (attempt, JobState.READY, "ScoringFailed")
        assert status_of(app, number) == "unscored"
        assert run(app, worker) == 0
        assert job_of(app, number).attempts == attempt, "it was tried before its pause was over"
        let_time_pass(app)
    assert run(app, worker) == 1
    assert status_of(app, number) == "held"
    assert job_of(app, number).state is JobState.GIVEN_UP
    with app.app_context(), reading() as session:
        signal = session.scalars(select(StoredSignal)).one()
        assert (signal.kind, signal.advice.value) == ("unscorable", "hold")
        assert signal.evidence == {"error": "ScoringFailed"}
        assert session.scalars(select(Decision)).one().reasons == ["unscorable"]
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_pauses_between_tries_grow(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier
):
    classifier.hook = _crash_on_poison
    number = owe("poison")
    pauses = []
    for _ in (1, 2):
        begun = utcnow()
        run(app, worker)
        pauses.append((job_of(app, number).due_at - begun).total_seconds())
        let_time_pass(app)
    assert pauses[0] >= 2
    assert pauses[1] >= 4


def test_the_batchmates_of_such_a_text_are_scored(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier
):
    classifier.hook = _crash_on_poison
    numbers = [owe(text) for text in ("One.", "Two idiot.", "poison", "Three.", "Four.")]
    assert run(app, worker) == 4
    assert classifier.batches[0] == 5
    stand = [status_of(app, number) for number in numbers]
    assert stand == ["published", "held", "unscored", "published", "published"]


def test_a_text_that_killed_its_worker_is_taken_alone_and_given_up_after_three_times(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier, tmp_path: Path
):
    first, second = owe("One."), owe("Two.")
    for attempt in (1, 2, 3):
        with app.app_context(), writing() as session:
            taken = queue.take(session, JobKind.SCORE, 32, LEASE)
        # The worker dies here. Together at first; from then on each alone.
        assert len(taken) == (2 if attempt == 1 else 1)
        with app.app_context(), writing() as session:
            session.execute(
                update(Job)
                .where(Job.comment_id == first)
                .values(due_at=utcnow() - timedelta(seconds=1))
            )
    assert run(app, worker) == 1
    assert status_of(app, first) == "held"
    assert classifier.batches == [], "the text was shown to the model a fourth time"
    assert job_of(app, first).error == "its worker died"
    let_time_pass(app)
    assert run(app, worker) == 1
    assert status_of(app, second) == "published"
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_a_comment_that_cannot_be_closed_holds_up_none_of_its_batch(
    app: Flask, owe: Owe, worker: Scorer, monkeypatch: pytest.MonkeyPatch
):
    numbers = [owe(text) for text in ("One.", "cursed", "Three.")]
    real = screening.screen

    def screen(session: Any, comment: Comment, *found: Any) -> None:
        if comment.text == "cursed":
            raise ZeroDivisionError
        real(session, comment, *found)

    monkeypatch.setattr(screening, "screen", screen)
    with pytest.raises(ZeroDivisionError):
        run(app, worker)
    stand = [status_of(app, number) for number in numbers]
    assert stand == ["published", "unscored", "published"]
    for _ in range(ATTEMPTS):
        let_time_pass(app)
        with app.app_context():
            try:
                worker.run_once()
            except ZeroDivisionError:
                continue
    assert status_of(app, numbers[1]) == "held"
