"""Long texts are scored and closed in pieces: one that fails costs the others nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask

from jobs.outcomes import score as outcomes_of
from jobs.scoring import Scorer
from models import Comment, JobState
from moderation import screening
from moderation.classifier.batching import BatchingClassifier
from moderation.errors import ScoringTimeout
from tests.conftest import WordClassifier, status_of
from tests.jobs.scoring.conftest import job_of, run

Owe = Callable[[str], int]
# Long ones that are no copies of each other.
LONGS = [f"{letter}ord " * 1_999 + "end." for letter in "wlfcgb"]
LONG = LONGS[0]


def test_long_texts_are_scored_and_closed_in_pieces_and_the_short_ones_first(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier
):
    numbers = [owe(text) for text in (*LONGS[:3], "Short.")]
    pieces: list[list[int]] = []
    stood: list[list[str]] = []

    def look(texts: Sequence[str]) -> None:
        pieces.append(sorted(len(text) for text in texts))
        stood.append([status_of(app, number) for number in numbers])

    classifier.hook = look
    assert run(app, worker) == 4
    assert pieces == [[6, len(LONG)], [len(LONG)] * 2]
    assert stood[0] == ["unscored"] * 4
    # What was scored with the first piece is closed before the second one is begun.
    assert (stood[1].count("published"), stood[1][3]) == (2, "published")
    assert {status_of(app, number) for number in numbers} == {"published"}


def test_what_is_scored_is_closed_and_what_is_not_begun_loses_no_try(
    app: Flask, owe: Owe, classifier: WordClassifier
):
    """The model hangs at the second of three pieces."""
    let_go = threading.Event()

    def hang(texts: Sequence[str]) -> None:
        assert len(classifier.batches) < 2 or let_go.wait(20)

    batching = BatchingClassifier(lambda: classifier)
    batching.start()
    assert batching.wait_ready(5)
    worker = Scorer(app, batching, lease=4, attempts=3)
    numbers = [owe(text) for text in LONGS]
    classifier.hook = hang
    try:
        assert run(app, worker) == 2
    finally:
        let_go.set()
        batching.stop()
    jobs = [job_of(app, number) for number in numbers]
    assert [job.state for job in jobs] == [JobState.DONE] * 2 + [JobState.READY] * 4
    assert [job.attempts for job in jobs] == [1, 1, 1, 1, 0, 0]
    assert [job.error for job in jobs[2:]] == ["ScoringTimeout"] * 2 + [""] * 2
    assert [status_of(app, number) for number in numbers[:2]] == ["published"] * 2


def test_a_worker_that_stops_hands_back_what_it_has_not_begun(
    app: Flask, owe: Owe, worker: Scorer, classifier: WordClassifier
):
    numbers = [owe(text) for text in LONGS[:4]]
    classifier.hook = lambda texts: worker._stopping.set()
    assert run(app, worker) == 2
    assert [job_of(app, number).attempts for number in numbers] == [1, 1, 0, 0]
    assert [status_of(app, number) for number in numbers[2:]] == ["unscored"] * 2


def test_one_piece_that_cannot_be_closed_holds_up_no_other(
    app: Flask, owe: Owe, worker: Scorer, monkeypatch: pytest.MonkeyPatch
):
    numbers = [owe(text) for text in (f"cursed {LONG[7:]}", *LONGS[1:3])]
    real = screening.screen

    def screen(session: Any, comment: Comment, *found: Any) -> None:
        if comment.text.startswith("cursed"):
            raise ZeroDivisionError
        real(session, comment, *found)

    monkeypatch.setattr(screening, "screen", screen)
    with pytest.raises(ZeroDivisionError):
        run(app, worker)
    stand = [status_of(app, number) for number in numbers]
    assert stand == ["unscored", "published", "published"]


def test_without_time_left_nobody_is_asked(worker: Scorer, classifier: WordClassifier):
    outcomes = outcomes_of(worker._classifier, ["One.", "Two."], time.monotonic() - 1)
    assert [type(outcome) for outcome in outcomes] == [ScoringTimeout] * 2
    assert classifier.batches == []
