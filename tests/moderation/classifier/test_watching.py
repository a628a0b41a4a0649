"""A model that fails: on one text, on everything, for want of memory, or too slowly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from moderation.classifier import watching
from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.scores import Scores
from moderation.classifier.watching import HARMLESS, MOST_IN_A_ROW
from moderation.errors import ModelBusy, ModelUnavailable, ScoringFailed, ScoringTimeout
from tests.moderation.classifier.test_batching import until


class Model:
    """A classifier that fails on what `fails` says, with the error it gives."""

    name = "model"
    version = "1"
    labels = ("toxicity",)

    def __init__(self, fails: Callable[[str], Exception | None] = lambda text: None) -> None:
        self.fails = fails
        self.seen: list[str] = []

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """0.1 for every text, or the first failure."""
        self.seen += texts
        for text in texts:
            if error := self.fails(text):
                raise error
        return [Scores({"toxicity": 0.1}, self.name, self.version) for _ in texts]


@pytest.fixture
def serve() -> Iterator[Callable[..., BatchingClassifier]]:
    """Start a BatchingClassifier on a way of loading, ready; stopped when the test ends."""
    started: list[BatchingClassifier] = []

    def begin(load: Callable[[], Any], pause: float = 0.02) -> BatchingClassifier:
        batching = BatchingClassifier(load, first_pause=pause, longest_pause=pause)
        started.append(batching)
        batching.start()
        return batching

    yield begin
    for batching in started:
        batching.stop()


Serve = Callable[..., BatchingClassifier]


def test_a_model_that_fails_on_everything_is_away_and_costs_no_text_a_try(serve: Serve):
    broken = threading.Event()
    loads: list[Model] = []

    def load() -> Model:
        loads.append(Model(lambda text: OSError("the device is gone") if broken.is_set() else None))
        return loads[-1]

    batching = serve(load)
    assert batching.wait_ready(5)
    heard: list[str] = []
    batching.watch.on_failure = heard.append
    loaded_at = batching.since
    broken.set()
    with pytest.raises(ModelUnavailable, match="everything: the device is gone"):
        batching.score(["a"], timeout=5)
    assert not batching.ready
    assert batching.complaint == batching.failure != ""
    assert batching.since > loaded_at
    until(lambda: len(loads) >= 3)
    assert not batching.ready, "a model that was loaded again and cannot score was called ready"
    assert {"model", "loading"} <= set(heard)
    broken.clear()
    assert batching.wait_ready(5)
    assert batching.complaint == ""
    assert len(batching.score(["a", "b"], timeout=5)) == 2


def test_one_bad_text_does_not_make_a_model_broken(serve: Serve):
    model = Model(lambda text: RuntimeError("no") if text == "bad" else None)
    batching = serve(lambda: model)
    assert batching.wait_ready(5)
    for _ in range(MOST_IN_A_ROW + 2):
        with pytest.raises(ScoringFailed):
            batching.score(["bad"], timeout=5)
    assert batching.ready
    assert HARMLESS in model.seen


def test_many_different_texts_that_fail_in_a_row_make_it_broken(serve: Serve):
    models: list[Model] = []

    def load() -> Model:
        # Fails on all that people write, and not on what it is probed with.
        fails = bool(models)
        models.append(Model(lambda text: None if fails or text == HARMLESS else ValueError("no")))
        return models[-1]

    batching = serve(load)
    assert batching.wait_ready(5)
    outcomes = []
    for number in range(MOST_IN_A_ROW):
        try:
            batching.score([f"text {number}"], timeout=5)
        except (ScoringFailed, ModelUnavailable) as error:
            outcomes.append(type(error))
    assert outcomes == [ScoringFailed] * (MOST_IN_A_ROW - 1) + [ModelUnavailable]
    assert "5 texts in a row" in batching.failure or batching.ready
    assert batching.wait_ready(5)
    assert len(models) == 2
    assert batching.score(["text 1"], timeout=5)


def test_a_success_between_failures_begins_the_row_anew(serve: Serve):
    batching = serve(lambda: Model(lambda text: ValueError("no") if "bad" in text else None))
    assert batching.wait_ready(5)
    for number in range(3 * MOST_IN_A_ROW):
        with pytest.raises(ScoringFailed):
            batching.score([f"bad {number}"], timeout=5)
        if number % 3 == 2:
            batching.score(["fine"], timeout=5)
    assert batching.ready


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("std::bad_alloc"),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        RuntimeError("[ONNXRuntimeError] : 6 : Failed to allocate memory for requested buffer"),
        OSError(12, "Cannot allocate memory"),
    ],
)
def test_want_of_memory_is_said_in_words(serve: Serve, error: Exception):
    def load() -> Model:
        raise error

    batching = serve(load)
    until(lambda: bool(batching.failure))
    assert batching.complaint == "There is not enough memory for the model."


def test_want_of_memory_for_one_text_is_that_text_alone(serve: Serve):
    batching = serve(lambda: Model(lambda text: MemoryError() if len(text) > 99 else None))
    assert batching.wait_ready(5)
    with pytest.raises(ScoringFailed, match="MemoryError"):
        batching.score(["x" * 100], timeout=5)
    assert batching.score(["short"], timeout=5)


def test_who_waits_when_it_breaks_is_told_at_once(serve: Serve):
    let_go = threading.Event()

    def fails(text: str) -> Exception:
        assert let_go.wait(10)
        return OSError("gone")

    batching = serve(lambda: Model(fails), pause=10)
    assert batching.wait_ready(5)
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(batching.score, [str(n)], timeout=60) for n in range(4)]
        until(lambda: bool(batching._waiting))
        let_go.set()
        assert all(isinstance(one.exception(5), ModelUnavailable) for one in asked)


def test_a_slow_model_is_named_while_it_is_slow(serve: Serve, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "SLOW_SECONDS", 0.05)
    monkeypatch.setattr(watching, "_REMEMBERED_SECONDS", 0.2)
    let_go = threading.Event()

    def fails(text: str) -> None:
        assert text != "slow" or let_go.wait(10)

    batching = serve(lambda: Model(fails))
    assert batching.wait_ready(5)
    passes: list[tuple[int, float]] = []
    batching.watch.on_pass = lambda texts, seconds: passes.append((texts, seconds))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(batching.score, ["slow"], timeout=10)
        until(lambda: "busy with one batch" in batching.complaint)
        assert batching.ready
        with pytest.raises(ModelBusy):
            batching.score(["not begun"], timeout=0.02)
        let_go.set()
        assert slow.result()
    assert "needed more than" in batching.complaint
    until(lambda: not batching.complaint)
    assert [texts for texts, _ in passes] == [1]
    assert passes[0][1] > 0.05


def test_only_what_was_begun_has_been_tried(serve: Serve):
    let_go = threading.Event()

    def fails(text: str) -> None:
        assert let_go.wait(10)

    batching = serve(lambda: Model(fails))
    assert batching.wait_ready(5)
    with pytest.raises(ScoringTimeout) as first:
        batching.score(["begun"], timeout=0.1)
    with pytest.raises(ScoringTimeout) as second:
        batching.score(["waiting"], timeout=0.02)
    let_go.set()
    assert [type(first.value), type(second.value)] == [ScoringTimeout, ModelBusy]
