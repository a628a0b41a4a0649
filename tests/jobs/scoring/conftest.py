"""What the tests of scoring share: rounds of a worker, jobs, and the passing of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from jobs.scoring import Scorer
from jobs.transactions import reading, writing
from models import (
    Job,
    JobState,
    utcnow,
)
from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.scores import Scores
from tests.conftest import LABELS, WordClassifier

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

    return worker(app, Grump)


def worker(app: Flask, load: Callable[[], Any], **pauses: float) -> Scorer:
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
