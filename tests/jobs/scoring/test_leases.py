"""Two workers and one job, and what an author does while the model works."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from discussion import comments as posting
from jobs import queue
from jobs.scoring import Scorer
from jobs.transactions import reading, writing
from models import (
    Comment,
    Decision,
    JobKind,
    JobState,
    Score,
)
from tests.conftest import WordClassifier, status_of
from tests.flows.invariants import broken_promises
from tests.jobs.scoring.conftest import (
    LEASE,
    Owe,
    job_of,
    let_time_pass,
    run,
)


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
