"""Batching: who shares a batch, who is spared, who is told what, and when it comes back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from moderation.classifier import BatchingClassifier, Classifier, Scores
from moderation.classifier.batching import fitting
from moderation.classifier.progress import say
from moderation.classifier.watching import HARMLESS
from moderation.errors import (
    ModelBusy,
    ModelRefused,
    ModelUnavailable,
    ScoringFailed,
    ScoringTimeout,
)


class Stub:
    """A classifier whose score is the text's length; "crash" makes it fail; it can be held up."""

    name = "stub"
    version = "1"
    labels = ("toxicity",)

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.go = threading.Event()
        self.go.set()
        self.entered = threading.Event()

    def score(self, texts: Sequence[str]) -> list[Scores]:
        self.batches.append(list(texts))
        self.entered.set()
        assert self.go.wait(10)
        if "crash" in texts:
            raise RuntimeError("tokenizer fell over")
        return [Scores({"toxicity": len(text) / 1000}, self.name, self.version) for text in texts]


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def serve() -> Iterator[Callable[..., BatchingClassifier]]:
    """Start a BatchingClassifier that is stopped when the test ends."""
    started: list[BatchingClassifier] = []

    def begin(load: Callable[[], Classifier], max_batch: int = 32) -> BatchingClassifier:
        batching = BatchingClassifier(
            load, max_batch=max_batch, first_pause=0.02, longest_pause=0.05
        )
        started.append(batching)
        batching.start()
        return batching

    yield begin
    for batching in started:
        batching.stop()


def value(scores: list[Scores]) -> float:
    return scores[0].values["toxicity"]


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for a condition; fail when it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_it_scores_in_order(stub: Stub, serve: Callable[..., BatchingClassifier]) -> None:
    batching = serve(lambda: stub)
    assert batching.wait_ready(5)
    found = batching.score(["a", "bbb", "cc"], timeout=5)
    assert [scores.values["toxicity"] for scores in found] == [0.001, 0.003, 0.002]
    assert (batching.name, batching.version, batching.labels) == ("stub", "1", ("toxicity",))
    assert batching.score([], timeout=5) == []


def test_requests_that_arrive_together_share_a_batch(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    batching = serve(lambda: stub, max_batch=4)
    assert batching.wait_ready(5)
    stub.go.clear()
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batching.score, ["first"], timeout=5)
        until(stub.entered.is_set)
        rest = [pool.submit(batching.score, ["x" * n], timeout=5) for n in range(1, 7)]
        until(lambda: len(batching._waiting) == 6)
        stub.go.set()
        assert value(first.result()) == 0.005
        assert [value(one.result()) for one in rest] == [n / 1000 for n in range(1, 7)]
    assert [len(batch) for batch in stub.batches] == [1, 4, 2]


@pytest.mark.parametrize(
    ("lengths", "count"),
    [
        ([5], 1),
        ([10_000, 10_000, 1], 2),
        ([1, 10_000, 10_000], 2),
        ([12_000, 12_000], 1),
        # Longer than a batch: it must be scored all the same, alone.
        ([50_000], 1),
        ([50_000, 1], 1),
        ([1] * 40, 32),
        ([600] * 32, 32),
        ([700] * 32, 28),
        ([0, 20_000, 0, 1], 3),
    ],
)
def test_a_batch_has_so_many_texts_and_so_many_characters(lengths: list[int], count: int) -> None:
    assert fitting(["x" * length for length in lengths]) == count


def test_a_request_larger_than_a_batch_is_worked_off_in_pieces(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    batching = serve(lambda: stub, max_batch=2)
    assert batching.wait_ready(5)
    found = batching.score(["a", "bb", "ccc", "dddd", "eeeee"], timeout=5)
    assert [scores.values["toxicity"] for scores in found] == [0.001, 0.002, 0.003, 0.004, 0.005]
    assert [len(batch) for batch in stub.batches] == [2, 2, 1]


LONG = "x" * 10_000


def test_short_texts_come_between_the_pieces_of_long_ones(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    batching = serve(lambda: stub)
    assert batching.wait_ready(5)
    stub.go.clear()
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(batching.score, ["first"], timeout=5)
        until(stub.entered.is_set)
        long = pool.submit(batching.score, [LONG] * 5, timeout=5)
        until(lambda: len(batching._waiting) == 1)
        short = [pool.submit(batching.score, ["short"], timeout=5) for _ in range(2)]
        until(lambda: len(batching._waiting) == 3)
        stub.go.set()
        assert [value(one.result()) for one in (first, *short)] == [0.005] * 3
        assert [scores.values["toxicity"] for scores in long.result()] == [10.0] * 5
    two = [LONG, LONG]
    assert stub.batches == [["first"], two, ["short", "short"], two, [LONG]]


def test_short_texts_share_the_room_that_a_piece_leaves(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    batching = serve(lambda: stub)
    assert batching.wait_ready(5)
    stub.go.clear()
    with ThreadPoolExecutor(4) as pool:
        pool.submit(batching.score, ["first"], timeout=5)
        until(stub.entered.is_set)
        long = pool.submit(batching.score, ["x" * 15_000] * 2, timeout=5)
        until(lambda: len(batching._waiting) == 1)
        short = pool.submit(batching.score, ["short"], timeout=5)
        until(lambda: len(batching._waiting) == 2)
        stub.go.set()
        assert (len(long.result()), value(short.result())) == (2, 0.005)
    assert [len(batch) for batch in stub.batches] == [1, 2, 1]


def test_what_was_begun_and_not_finished_in_time_was_tried(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    """A piece of it was scored and the next one waits, and yet the model was not only busy."""
    batching = serve(lambda: stub, max_batch=1)
    assert batching.wait_ready(5)
    real, gate = stub.score, threading.Event()

    def score(texts: Sequence[str]) -> list[Scores]:
        if texts == ["between"]:
            assert gate.wait(10)
        return real(texts)

    stub.score = score
    stub.go.clear()
    with ThreadPoolExecutor(4) as pool:
        pool.submit(batching.score, ["first"], timeout=5)
        until(stub.entered.is_set)
        long = pool.submit(batching.score, ["a", "b"], timeout=0.5)
        until(lambda: len(batching._waiting) == 1)
        pool.submit(batching.score, ["between"], timeout=5)
        until(lambda: len(batching._waiting) == 2)
        stub.go.set()
        with pytest.raises(ScoringTimeout) as late:
            long.result()
        gate.set()
    assert not isinstance(late.value, ModelBusy)
    assert value(batching.score(["after"], timeout=5)) == 0.005
    assert stub.batches == [["first"], ["a"], ["between"], ["after"]]


def test_the_rest_of_a_request_is_not_scored_by_another_model(
    serve: Callable[..., BatchingClassifier],
) -> None:
    models: list[Stub] = []

    class Breaking(Stub):
        """Fails on the text "break", and on everything once it got that alone."""

        def score(self, texts: Sequence[str]) -> list[Scores]:
            if list(texts) == ["break"]:
                self.version = "broken"
            if "break" in texts or self.version == "broken":
                raise OSError("the device is gone")
            return super().score(texts)

    def load() -> Classifier:
        models.append(Breaking())
        return models[-1]

    batching = serve(load, max_batch=2)
    assert batching.wait_ready(5)
    models[0].go.clear()
    with ThreadPoolExecutor(4) as pool:
        pool.submit(batching.score, ["first"], timeout=5)
        until(models[0].entered.is_set)
        # One of them fits beside the text that breaks it; the other would be the next model's.
        long = pool.submit(batching.score, ["x" * 15_000, "x" * 15_000], timeout=5)
        until(lambda: len(batching._waiting) == 1)
        broken = pool.submit(batching.score, ["break"], timeout=5)
        until(lambda: len(batching._waiting) == 2)
        models[0].go.set()
        for asked in (long, broken):
            with pytest.raises(ModelUnavailable, match="device is gone"):
                asked.result()
    assert batching.wait_ready(5)
    assert models[1].batches == [[HARMLESS]]


def test_what_is_left_of_a_request_when_it_stops_is_told(stub: Stub) -> None:
    batching = BatchingClassifier(lambda: stub, max_batch=1)
    batching.start()
    assert batching.wait_ready(5)
    stub.go.clear()
    with ThreadPoolExecutor(2) as pool:
        asked = pool.submit(batching.score, ["first", "second"], timeout=60)
        until(stub.entered.is_set)
        stopping = pool.submit(batching.stop)
        until(lambda: batching._stopping)
        stub.go.set()
        stopping.result()
        with pytest.raises(ModelUnavailable, match="stopped"):
            asked.result(5)


def test_a_text_that_crashes_the_model_spares_its_neighbours(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    batching = serve(lambda: stub)
    assert batching.wait_ready(5)
    stub.go.clear()
    with ThreadPoolExecutor(8) as pool:
        pool.submit(batching.score, ["first"], timeout=5)
        until(stub.entered.is_set)
        good = [pool.submit(batching.score, ["good"], timeout=5) for _ in range(3)]
        bad = pool.submit(batching.score, ["crash"], timeout=5)
        until(lambda: len(batching._waiting) == 4)
        stub.go.set()
        assert [value(one.result()) for one in good] == [0.004] * 3
        with pytest.raises(ScoringFailed):
            bad.result()
    assert value(batching.score(["after"], timeout=5)) == 0.005


def test_a_request_past_its_deadline_is_dropped_not_scored(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    batching = serve(lambda: stub)
    assert batching.wait_ready(5)
    stub.go.clear()
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(batching.score, ["slow"], timeout=5)
        until(stub.entered.is_set)
        with pytest.raises(ScoringTimeout):
            batching.score(["late"], timeout=0.05)
        stub.go.set()
        assert value(slow.result()) == 0.004
    assert value(batching.score(["next"], timeout=5)) == 0.004
    assert ["late"] not in stub.batches


def test_before_the_model_is_loaded_it_says_so(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    gate = threading.Event()

    def load() -> Classifier:
        assert gate.wait(5)
        return stub

    batching = serve(load)
    assert not batching.ready
    assert not batching.wait_ready(0.02)
    with pytest.raises(ModelUnavailable, match="loading"):
        batching.score(["a"], timeout=1)
    with pytest.raises(ModelUnavailable):
        _ = batching.name
    gate.set()
    assert batching.wait_ready(5)


def test_a_model_that_is_put_right_is_found(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    mended = threading.Event()
    tries: list[float] = []

    def load() -> Classifier:
        tries.append(time.monotonic())
        if not mended.is_set():
            raise ModelRefused("the model file is not the one that was published")
        return stub

    batching = serve(load)
    until(lambda: len(tries) >= 3)
    assert "published" in batching.failure
    assert not batching.ready
    with pytest.raises(ModelUnavailable, match="published"):
        batching.score(["a"], timeout=1)
    mended.set()
    assert batching.wait_ready(5)
    assert batching.failure == ""
    assert value(batching.score(["abc"], timeout=5)) == 0.003


def test_what_takes_its_time_is_said_and_is_no_failure(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    steps = [threading.Event() for _ in range(2)]
    loads: list[int] = []

    def load() -> Classifier:
        loads.append(1)
        say(f"The model is being exported, try {len(loads)}.")
        assert steps[len(loads) - 1].wait(5)
        if len(loads) == 1:
            raise OSError("no room")
        return stub

    batching = serve(load)
    until(lambda: batching.complaint == "The model is being exported, try 1.")
    assert batching.failure == ""
    with pytest.raises(ModelUnavailable, match="exported, try 1"):
        batching.score(["a"], timeout=1)
    steps[0].set()
    until(lambda: batching.failure == "no room")
    # The next try is on its way, and why it is needed is still known.
    until(lambda: batching.complaint == "The model is being exported, try 2.")
    assert batching.failure == "no room"
    steps[1].set()
    assert batching.wait_ready(5)
    assert (batching.failure, batching.progress, batching.complaint) == ("", "", "")


def test_the_pauses_between_tries_grow() -> None:
    tries: list[float] = []

    def load() -> Classifier:
        tries.append(time.monotonic())
        raise OSError("disk")

    batching = BatchingClassifier(load, first_pause=0.02, longest_pause=10)
    batching.start()
    until(lambda: len(tries) >= 4)
    batching.stop()
    gaps = [later - earlier for earlier, later in pairwise(tries)]
    assert gaps[0] < gaps[1] < gaps[2]


def test_start_twice_loads_once_and_stop_ends_the_thread(stub: Stub) -> None:
    loads: list[int] = []

    def load() -> Classifier:
        loads.append(1)
        return stub

    batching = BatchingClassifier(load)
    batching.start()
    batching.start()
    assert batching.wait_ready(5)
    batching.stop()
    assert batching._thread is not None
    assert not batching._thread.is_alive()
    with pytest.raises(ModelUnavailable):
        batching.score(["a"], timeout=1)
    batching.start()
    assert value(batching.score(["ab"], timeout=5)) == 0.002
    batching.stop()
    assert loads == [1]


def test_those_waiting_when_it_stops_are_told(stub: Stub) -> None:
    batching = BatchingClassifier(lambda: stub)
    batching.start()
    assert batching.wait_ready(5)
    stub.go.clear()
    with ThreadPoolExecutor(3) as pool:
        pool.submit(batching.score, ["first"], timeout=5)
        until(stub.entered.is_set)
        second = pool.submit(batching.score, ["second"], timeout=5)
        until(lambda: len(batching._waiting) == 1)
        stopping = pool.submit(batching.stop)
        until(lambda: batching._stopping)
        stub.go.set()
        stopping.result()
        with pytest.raises(ModelUnavailable, match="stopped"):
            second.result()


def test_many_threads_get_their_own_answers(
    stub: Stub, serve: Callable[..., BatchingClassifier]
) -> None:
    batching = serve(lambda: stub, max_batch=8)
    assert batching.wait_ready(5)
    with ThreadPoolExecutor(16) as pool:
        asked = [(n, pool.submit(batching.score, ["x" * n], timeout=10)) for n in range(1, 300)]
        assert all(value(answer.result()) == n / 1000 for n, answer in asked)
