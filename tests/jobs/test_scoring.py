"""What is unscored gets scored, once, whatever happens to the model, the worker or the text."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from discussion import comments as posting
from jobs import queue
from jobs.scoring import Scorer
from jobs.transactions import reading, writing
from models import (
    Comment,
    Decision,
    Job,
    JobKind,
    JobState,
    Score,
    StoredSignal,
    utcnow,
)
from moderation import screening
from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.scores import Scores
from moderation.errors import ModelUnavailable
from tests.conftest import LABELS, WordClassifier, set_policy, status_of
from tests.flows.invariants import broken_promises
from web.runtime import attach, runtime_of

LEASE, ATTEMPTS = 60, 3
Owe = Callable[[str], int]


@pytest.fixture
def environ() -> dict[str, str]:
    """A reader waits this long for the score."""
    return {"PARLEY_SCORING_DEADLINE": "0.3"}


@pytest.fixture
def other_worker(app: Flask) -> Scorer:
    """Another process with the same database, and a model that finds everything rude."""

    class Grump(WordClassifier):
        def _score(self, text: str) -> Scores:
            return Scores(dict.fromkeys(LABELS, 0.99), "grump", "1")

    return _worker(app, Grump)


def _worker(app: Flask, load: Callable[[], Any], **pauses: float) -> Scorer:
    classifier = BatchingClassifier(load, **pauses)
    classifier.start()
    classifier.wait_ready(1)
    return Scorer(app, classifier, lease=LEASE, attempts=ATTEMPTS)


def run(app: Flask, worker: Scorer) -> int:
    """One round."""
    with app.app_context():
        return worker.run_once()


def let_time_pass(app: Flask) -> None:
    """Every pause and every lease is over."""
    with app.app_context(), writing() as session:
        session.execute(
            update(Job)
            .where(Job.state.in_([JobState.READY, JobState.TAKEN]))
            .values(due_at=utcnow() - timedelta(seconds=1))
        )


def job_of(app: Flask, comment: int, revision: int = 1) -> Job:
    """The scoring owed to one revision."""
    with app.app_context(), reading() as session:
        job = session.scalars(
            select(Job).where(Job.comment_id == comment, Job.revision == revision)
        ).one()
        session.expunge(job)
        return job


def wait_until(happened: Callable[[], bool], seconds: float = 10) -> None:
    """Return when it has happened; fail when it does not."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.02)


def post(client: FlaskClient, thread: int, text: str) -> Any:
    """A comment over HTTP."""
    answer = client.post(
        f"/api/v1/threads/{thread}/comments", json={"text": text, "author_name": "Ada"}
    )
    assert answer.status_code == 201
    return answer.json["comment"]


def test_after_the_deadline_the_answer_says_unscored_and_the_thread_finishes(
    scoring: Flask, client: FlaskClient, thread: int, classifier: WordClassifier
):
    let_go = threading.Event()
    classifier.hook = lambda texts: let_go.wait(20) and None
    begun = time.monotonic()
    comment = post(client, thread, "Slowly now.")
    assert time.monotonic() - begun < 5
    assert comment["status"] == "unscored"
    assert "checked" in comment["notice"]
    assert client.get(f"/api/v1/comments/{comment['id']}").status_code == 404
    page = client.get(f"/api/v1/threads/{thread}/comments")
    assert (page.json["comments"], page.json["thread"]["comment_count"]) == ([], 0)
    let_go.set()
    wait_until(lambda: status_of(scoring, comment["id"]) == "published")
    assert "Slowly now." in client.get(f"/api/v1/threads/{thread}/comments").text


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


def test_a_job_that_is_taken_is_given_to_nobody_else(
    app: Flask, owe: Owe, worker: Scorer, other_worker: Scorer, classifier: WordClassifier
):
    number = owe("Once.")
    elsewhere: list[int] = []
    classifier.hook = lambda texts: elsewhere.append(run(app, other_worker))
    assert run(app, worker) == 1
    assert elsewhere == [0]
    assert status_of(app, number) == "published"


def test_a_worker_frozen_past_its_lease_finishes_nothing(
    app: Flask,
    owe: Owe,
    worker: Scorer,
    other_worker: Scorer,
    classifier: WordClassifier,
    tmp_path: Path,
):
    number = owe("Frozen.")

    def freeze(texts: Sequence[str]) -> None:
        let_time_pass(app)
        assert run(app, other_worker) == 1

    classifier.hook = freeze
    run(app, worker)
    # The other worker, to whom everything is rude, had the lease; only its word counts.
    assert status_of(app, number) == "held"
    with app.app_context(), reading() as session:
        assert set(session.scalars(select(Score.model_name))) == {"grump"}
        assert len(session.scalars(select(Decision)).all()) == 1
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_a_frozen_worker_whose_job_was_only_taken_again_finishes_nothing(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier
):
    number = owe("Frozen.")

    def freeze(texts: Sequence[str]) -> None:
        let_time_pass(app)
        with app.app_context(), writing() as session:
            assert len(queue.take(session, JobKind.SCORE, 1, LEASE)) == 1

    classifier.hook = freeze
    run(app, worker)
    assert status_of(app, number) == "unscored"
    assert job_of(app, number).state is JobState.TAKEN


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [("Nice.", "You idiot.", "held"), ("You idiot.", "Nice.", "published")],
)
def test_an_edit_while_the_model_works_is_judged_by_its_own_text(
    app: Flask,
    owe: Owe,
    worker: Scorer,
    classifier: WordClassifier,
    tmp_path: Path,
    before: str,
    after: str,
    status: str,
):
    number = owe(before)

    def change(texts: Sequence[str]) -> None:
        classifier.hook = lambda texts: None
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, number)
            posting.edit(session, comment, comment.author, posting.draft(after, 10_000), 15)

    classifier.hook = change
    run(app, worker)
    assert status_of(app, number) == "unscored"
    with app.app_context(), reading() as session:
        assert session.scalars(select(Score)).all() == []
    assert run(app, worker) == 1
    assert status_of(app, number) == status
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_what_its_author_takes_back_meanwhile_stays_taken_back(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier, tmp_path: Path
):
    number = owe("Never mind.")

    def withdraw(texts: Sequence[str]) -> None:
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, number)
            posting.withdraw(session, comment, comment.author)

    classifier.hook = withdraw
    assert run(app, worker) == 1
    assert status_of(app, number) == "withdrawn"
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_no_transaction_is_open_while_the_model_works(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier, tmp_path: Path
):
    owe("Take your time.")
    written: list[int] = []

    def write(texts: Sequence[str]) -> None:
        with closing(sqlite3.connect(tmp_path / "parley.db", timeout=0)) as other, other:
            written.append(other.execute("UPDATE thread SET title = 'free'").rowcount)
        with closing(sqlite3.connect(tmp_path / "parley.db", timeout=0)) as other:
            # Complete only if no reader holds on to an older state of the file.
            busy, *_ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            written.append(busy)

    classifier.hook = write
    assert run(app, worker) == 1
    assert written == [1, 0]


def test_what_is_owed_together_is_scored_in_one_batch(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier
):
    for number in range(40):
        owe(f"Number {number}.")
    assert [run(app, worker), run(app, worker), run(app, worker)] == [32, 8, 0]
    assert classifier.batches == [32, 8]


def test_requests_that_arrive_together_share_batches(
    scoring: Flask, thread: int, classifier: WordClassifier
):
    runtime = runtime_of(scoring)
    attach(scoring, replace(runtime, scoring_deadline=20.0))

    def wait_for_all(texts: Sequence[str]) -> None:
        wait_until(lambda: _jobs(scoring) == 12)

    classifier.hook = wait_for_all
    barrier = threading.Barrier(12)

    def send(number: int) -> str:
        barrier.wait(20)
        return post(scoring.test_client(), thread, f"Number {number}.")["status"]

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(send, range(12))) == {"published"}
    # The first to come was scored alone or with a few; all the others while it was.
    assert len(classifier.batches) <= 2
    assert sum(classifier.batches) == 12


def _jobs(app: Flask) -> int:
    with app.app_context(), reading() as session:
        return len(session.scalars(select(Job.id)).all())


def test_a_waiting_request_notices_what_another_process_closed(
    app: Flask, owe: Owe, worker: Scorer, other_worker: Scorer
):
    number = owe("Over there.")
    job = job_of(app, number).id

    def close_elsewhere() -> None:
        time.sleep(0.1)
        run(app, other_worker)

    thread = threading.Thread(target=close_elsewhere)
    begun = time.monotonic()
    thread.start()
    with app.app_context():
        worker.wait(job, 30)
    thread.join()
    assert time.monotonic() - begun < 10
    assert status_of(app, number) == "held"


def test_pre_moderated_sites_publish_nothing_by_themselves(
    app: Flask, owe: Owe, worker: Scorer, site: int, thread: int
):
    set_policy(app, site, moderation="pre")
    number = owe("Nice.")
    assert run(app, worker) == 1
    assert status_of(app, number) == "held"
