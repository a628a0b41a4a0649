"""Scoring what is owed: together, for who waits, and outside of any transaction."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from jobs.scoring import Scorer
from jobs.transactions import reading
from models import (
    Comment,
    Job,
    Score,
    StoredSignal,
)
from tests.conftest import WordClassifier, set_policy, status_of
from tests.jobs.scoring.conftest import (
    Owe,
    job_of,
    post,
    run,
    wait_until,
)
from web.runtime import attach, runtime_of


def test_after_the_deadline_the_answer_says_unscored_and_the_thread_finishes(
    scoring: Flask, client: FlaskClient, thread: int, classifier: WordClassifier
):
    let_go = threading.Event()
    classifier.hook = lambda texts: let_go.wait(60) and None
    begun = time.monotonic()
    comment = post(client, thread, "Slowly now.")
    assert time.monotonic() - begun < 30
    assert comment["status"] == "unscored"
    assert "checked" in comment["notice"]
    assert client.get(f"/api/v1/comments/{comment['id']}").status_code == 404
    page = client.get(f"/api/v1/threads/{thread}/comments")
    assert (page.json["comments"], page.json["thread"]["comment_count"]) == ([], 0)
    let_go.set()
    wait_until(lambda: status_of(scoring, comment["id"]) == "published")
    assert "Slowly now." in client.get(f"/api/v1/threads/{thread}/comments").text


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


def test_what_is_judged_together_is_judged_one_after_the_other(
    app: Flask, owe: Owe, worker: Scorer
):
    """Two authors who send the same words in one moment: the later one repeats the earlier."""
    said = "Buy the best river cruises of the whole year at half the price today."
    first, second = owe(said), owe(said)
    assert run(app, worker) == 2
    with app.app_context(), reading() as session:
        kinds = {
            number: set(
                session.scalars(select(StoredSignal.kind).where(StoredSignal.comment_id == number))
            )
            for number in (first, second)
        }
        scored = set(session.scalars(select(Score.comment_id)))
        languages = [session.get_one(Comment, number).language for number in (first, second)]
    assert "repeated-others" in kinds[second] - kinds[first]
    assert scored == {first, second}
    assert languages == ["en", "en"]
