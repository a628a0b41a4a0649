"""The runtime: it proves itself on known texts, and knows what the processor can do."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from moderation.classifier import runtime
from moderation.classifier.loading import SHIPPED_FOLDER
from moderation.classifier.packed import GRAPH, Packed, open_packed
from moderation.classifier.pinned import MANIFEST_SHA256
from moderation.classifier.runtime import OnnxClassifier
from moderation.errors import ModelRefused, ModelUnavailable

RUDE = "You are a stupid idiot and nobody likes you."


@pytest.fixture(scope="module")
def packed() -> Packed:
    """The shipped model, not started."""
    return open_packed(SHIPPED_FOLDER, MANIFEST_SHA256)


def test_the_shipped_model_brings_texts_that_it_is_asked_at_every_start(packed: Packed) -> None:
    assert len(packed.answers) == 8
    scores = np.array([scores for _, scores in packed.answers])
    assert scores.shape == (8, len(packed.labels))
    assert scores[:, 0].min() < 0.05 < 0.9 < scores[:, 0].max()


def test_a_model_that_scores_known_texts_otherwise_is_refused(packed: Packed) -> None:
    text, scores = packed.answers[1]
    wrong = (*packed.answers[:1], (text, (1 - scores[0], *scores[1:])), *packed.answers[2:])
    with pytest.raises(ModelRefused, match="known texts otherwise"):
        OnnxClassifier(replace(packed, answers=wrong))


def test_weights_of_another_model_are_found_out(packed: Packed) -> None:
    """As if every check of a hash had been passed: the numbers themselves give it away."""
    weights = bytearray(packed.files[packed.weights])
    half = len(weights) // 2
    weights[half : half + 4_000_000] = bytes(4_000_000)
    files = {**packed.files, packed.weights: bytes(weights)}
    with pytest.raises(ModelRefused):
        OnnxClassifier(replace(packed, files=files))


def test_a_graph_that_onnx_runtime_cannot_run_is_refused(packed: Packed) -> None:
    with pytest.raises(ModelRefused, match="cannot run"):
        OnnxClassifier(replace(packed, files={**packed.files, GRAPH: b"no graph"}))


def test_too_little_memory_is_not_called_a_bad_model(
    packed: Packed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(runtime, "started", full)
    with pytest.raises(MemoryError):
        OnnxClassifier(packed)


def test_the_graph_holds_no_weights(packed: Packed) -> None:
    assert len(packed.files[GRAPH]) < 300_000
    assert packed.weights == "parley-small.ckpt"


def product(options: Any) -> int:
    """What this processor makes of the largest unsigned times the largest signed bytes, summed."""
    values = helper.make_tensor_value_info("a", TensorProto.UINT8, [1, 64])
    weights = numpy_helper.from_array(np.full((64, 1), 127, np.int8), "b")
    zeros = [
        numpy_helper.from_array(np.zeros((), kind), name)
        for kind, name in ((np.uint8, "za"), (np.int8, "zb"))
    ]
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b", "za", "zb"], ["c"])],
        "p",
        [values],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [1, 1])],
        [weights, *zeros],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = runtime.started(made.SerializeToString(), options)
    return int(session.run(None, {"a": np.full((1, 64), 255, np.uint8)})[0].item())


def test_bytes_are_multiplied_exactly_on_every_processor() -> None:
    """Left to itself, a processor without VNNI instructions adds two products in 16 bits."""
    exact = 64 * 255 * 127
    plain = onnxruntime.SessionOptions()
    assert product(plain) in (exact, 32 * 32_767)
    assert product(runtime._options()) == exact


def test_passes_use_no_more_threads_than_there_are_processors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime.os, "sched_getaffinity", lambda _: {0})
    assert runtime.threads_allowed() == 1
    monkeypatch.setattr(runtime.os, "sched_getaffinity", lambda _: set(range(64)))
    assert runtime.threads_allowed() == 4


def values(classifier: OnnxClassifier, texts: list[str]) -> Any:
    """The numbers of each text, (texts, labels)."""
    return np.array([list(scores.values.values()) for scores in classifier.score(texts)])


def test_one_thread_gives_what_several_give(packed: Packed) -> None:
    texts = [RUDE, "Thank you.", *("word " * count for count in range(30, 90, 5))]
    one = values(OnnxClassifier(packed, threads=1), texts)
    three = OnnxClassifier(packed, threads=3)
    assert values(three, texts) == pytest.approx(one, abs=1e-6)
    assert sum(thread.name.startswith("scoring") for thread in threading.enumerate()) >= 2


@pytest.mark.parametrize("words", [1, 20, 80, 200])
def test_dividing_a_pass_changes_no_number(packed: Packed, words: int) -> None:
    """Of a text that is alone, and so is read by all threads."""
    text = f"{RUDE} {'nobody asked the council ' * (words // 4)}"
    one = values(OnnxClassifier(packed, threads=1), [text])
    assert values(OnnxClassifier(packed, threads=2), [text]) == pytest.approx(one, abs=1e-6)


def test_threads_that_wait_do_not_burn_the_processor(packed: Packed) -> None:
    """Another program may need it: once a pass is over they sleep."""
    classifier = OnnxClassifier(packed, threads=4)
    classifier.score([RUDE])
    begun = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - begun < 0.25


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        open_packed(tmp_path / "nowhere", None)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": {}}', "\x00"])
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(ModelRefused, match="ready to run"):
        open_packed(tmp_path, None)
