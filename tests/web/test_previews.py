"""Previews ask the model only where nobody who posts has to wait for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from moderation.classifier.watching import Watch
from tests.conftest import PAGE, WordClassifier
from tests.jobs.scoring.conftest import wait_until
from web import previewing as doors
from web.runtime import attach, runtime_of

UNKNOWN = (None, "The comment will be checked when you post it.")


def preview(app: Flask, text: str = "You idiot.") -> dict[str, Any]:
    """What somebody is shown before they post."""
    answer = app.test_client().post("/api/v1/preview", json={"text": text, "url": PAGE})
    assert answer.status_code == 200
    shown: dict[str, Any] = answer.json
    return shown


def told(shown: dict[str, Any]) -> tuple[object, object]:
    """What it says of the text."""
    return shown["would_hold"], shown["message"]


def test_a_few_wait_for_the_model_and_the_others_are_answered(
    scoring: Flask, thread: int, classifier: WordClassifier
):
    attach(scoring, replace(runtime_of(scoring), scoring_deadline=30.0))
    let_go = threading.Event()
    classifier.hook = lambda texts: let_go.wait(20) and None
    few = doors._MOST_PREVIEWS
    assert 1 <= few <= 5
    with ThreadPoolExecutor(few) as pool:
        waiting = [pool.submit(preview, scoring) for _ in range(few)]
        wait_until(lambda: doors._free._value == 0)
        try:
            shown = preview(scoring)
            assert told(shown) == UNKNOWN
            assert (shown["html"], shown["labels"]) == ("<p>You idiot.</p>", [])
            assert not any(one.done() for one in waiting)
        finally:
            let_go.set()
        assert [one.result()["would_hold"] for one in waiting] == [True] * few
    assert preview(scoring)["would_hold"] is True


def test_a_model_that_is_slow_is_not_asked(
    scoring: Flask, thread: int, classifier: WordClassifier, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Watch, "complaint", property(lambda self: "It is slow."))
    assert told(preview(scoring)) == UNKNOWN
    assert classifier.batches == []
    monkeypatch.undo()
    assert preview(scoring)["would_hold"] is True


def test_those_that_fail_leave_their_place_to_others(
    scoring: Flask, thread: int, classifier: WordClassifier
):
    def crash(texts: Sequence[str]) -> None:
        if "poison" in texts:
            raise RuntimeError

    classifier.hook = crash
    for _ in range(doors._MOST_PREVIEWS + 1):
        assert told(preview(scoring, "poison")) == UNKNOWN
    assert preview(scoring)["would_hold"] is True
