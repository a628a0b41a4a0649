"""Exporting: every architecture, numbers as Detoxify's, and 32 bits where 8 do not hold."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from moderation.classifier.detoxify_model import DetoxifyClassifier, open_detoxify
from moderation.classifier.export import packing
from moderation.classifier.export.comparing import Comparison, compare
from moderation.classifier.export.encoder import in_checkpoint
from moderation.classifier.export.packing import pack, pack_beside
from moderation.classifier.packed import GRAPH, Packed, open_packed
from moderation.classifier.runtime import OnnxClassifier
from moderation.classifier.weights import decode, read_bytes
from moderation.errors import ModelRefused
from tests.moderation.classifier.tiny import make

ARCHITECTURES = ["Bert", "Roberta", "XLMRoberta", "Albert"]
TEXTS = ["you idiot", "nice day", "", "a", "have a nice day, you idiot! " * 2, "nice " * 120]


def packed_of(files: Mapping[str, bytes], folder: Path) -> Packed:
    """What a server finds of these files."""
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return open_packed(folder, None)


def packed(file: Path) -> tuple[OnnxClassifier, DetoxifyClassifier, dict[str, Any]]:
    """A checkpoint as a server runs it, as Detoxify does, and what was noted of both."""
    checkpoint = decode(read_bytes(file), file)
    files = pack(checkpoint, file.parent, "tiny", "1")
    ours = OnnxClassifier(packed_of(files, file.parent / "packed"))
    detoxify = DetoxifyClassifier(open_detoxify(checkpoint, file.parent), "tiny", "1")
    return ours, detoxify, json.loads(files["runtime.json"])


def table(classifier: Any, texts: list[str]) -> Any:
    """Probabilities, (texts, labels)."""
    return np.array([list(scores.values.values()) for scores in classifier.score(texts)])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_8_bits_give_nearly_the_same(
    architecture: str, tmp_path: Path, few_sentences: None
) -> None:
    ours, detoxify, noted = packed(make(tmp_path, architecture, spread=0.1))
    assert noted["precision"] == "int8"
    assert ours.labels == detoxify.labels
    assert ours.window == detoxify.window
    assert table(ours, TEXTS) == pytest.approx(table(detoxify, TEXTS), abs=0.03)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_32_bits_give_the_same(
    architecture: str, tmp_path: Path, few_sentences: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Comparison, "holds", lambda _, precision: precision == "fp32")
    ours, detoxify, noted = packed(make(tmp_path, architecture, spread=0.1))
    assert noted["precision"] == "fp32"
    assert set(noted["compared_with_detoxify"]) == {"int8", "mixed", "fp32"}
    # Word vectors are kept in half precision.
    assert table(ours, TEXTS) == pytest.approx(table(detoxify, TEXTS), abs=1e-3)
    for text in TEXTS[:5]:
        values = list(detoxify.predict(text).values())
        assert table(ours, [text])[0] == pytest.approx(values, abs=1e-3)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_attention_alone_can_be_left_in_32_bits(
    architecture: str, tmp_path: Path, few_sentences: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = make(tmp_path, architecture, spread=0.1)
    checkpoint = decode(read_bytes(file), file)
    multiplied = {}
    for precision in ("int8", "mixed", "fp32"):
        only = precision
        monkeypatch.setattr(Comparison, "holds", lambda _, given, only=only: given == only)
        graph = onnx.load_from_string(pack(checkpoint, tmp_path, "tiny", "1")[GRAPH]).graph
        multiplied[precision] = sum(node.op_type.startswith("MatMulInteger") for node in graph.node)
    assert multiplied["int8"] > multiplied["mixed"] > multiplied["fp32"] == 0
    monkeypatch.setattr(Comparison, "holds", lambda _, given: given == "mixed")
    ours, detoxify, noted = packed(file)
    assert noted["precision"] == "mixed"
    assert table(ours, TEXTS) == pytest.approx(table(detoxify, TEXTS), abs=0.03)


def test_where_8_bits_do_not_hold_32_are_used(tmp_path: Path, few_sentences: None) -> None:
    # Weights so large that rounding them decides.
    ours, detoxify, noted = packed(make(tmp_path, spread=3.0))
    assert not Comparison(**noted["compared_with_detoxify"]["int8"]).holds("int8")
    assert noted["precision"] == "fp32"
    assert noted["tolerance"] == 0.02
    assert table(ours, TEXTS[:4]) == pytest.approx(table(detoxify, TEXTS[:4]), abs=0.02)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_model_that_gives_no_numbers_is_refused(
    value: float, tiny: Path, few_sentences: None
) -> None:
    content = torch.load(tiny, weights_only=True)
    content["state_dict"]["bert.encoder.layer.0.output.dense.bias"][3] = value
    torch.save(content, tiny)
    with pytest.raises(ModelRefused):
        pack(decode(read_bytes(tiny), tiny), tiny.parent, "tiny", "1")


def test_models_of_one_layer_and_without_a_gelu_are_exported_too(
    tmp_path: Path, few_sentences: None
) -> None:
    file = make(tmp_path, spread=0.1)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"num_hidden_layers": 1, "hidden_act": "relu"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    ours, detoxify, noted = packed(file)
    assert noted["precision"] == "int8"
    assert table(ours, TEXTS) == pytest.approx(table(detoxify, TEXTS), abs=0.03)


def test_the_last_layer_is_computed_for_one_token(tmp_path: Path, few_sentences: None) -> None:
    tiny = make(tmp_path, spread=0.1)
    files = pack(decode(read_bytes(tiny), tiny), tiny.parent, "tiny", "1")
    graph = onnx.load_from_string(files[GRAPH]).graph
    assert any(node.op_type == "Slice" and "first_token" in node.output[0] for node in graph.node)
    attention = [node for node in graph.node if node.op_type == "MultiHeadAttention"]
    assert len(attention) == 2
    products = [node for node in graph.node if node.op_type == "MatMulIntegerToFloat"]
    assert len(products) == 12


def test_a_checkpoint_can_be_run_from_where_it_is(tiny: Path, few_sentences: None) -> None:
    content = torch.load(tiny, weights_only=True)
    content["state_dict"] = {k: v.half() for k, v in content["state_dict"].items()}
    torch.save(content, tiny)
    checkpoint = decode(read_bytes(tiny), tiny)
    detoxify = DetoxifyClassifier(open_detoxify(checkpoint, tiny.parent), "tiny", "1")
    files = pack_beside(tiny, "tiny", 32)
    graphs = {name: data for name, data in files.items() if name.endswith(".onnx")}
    assert set(files) - set(graphs) == {"runtime.json"}
    assert GRAPH in graphs
    noted = json.loads(files["runtime.json"])
    packed_here = Packed(
        "tiny", "1", detoxify.labels, 32, noted["padding"], "tiny.ckpt", (), 0.1,
        {**graphs, "tiny.ckpt": read_bytes(tiny),
         "tokenizer.json": detoxify.tokenizer_json().encode()},
    )  # fmt: skip
    ours = OnnxClassifier(packed_here)
    assert table(ours, TEXTS[:4]) == pytest.approx(table(detoxify, TEXTS[:4]), abs=0.1)


def test_tensors_are_found_in_a_checkpoint_by_their_content(tiny: Path) -> None:
    state = torch.load(tiny, weights_only=True)["state_dict"]
    data = tiny.read_bytes()
    for name, place in in_checkpoint(tiny, state).items():
        found = np.frombuffer(data, place.dtype, int(np.prod(place.shape)), place.offset)
        assert (found.reshape(place.shape) == state[name].numpy()).all()


def test_a_tensor_that_is_not_in_the_checkpoint_is_refused(tiny: Path) -> None:
    state = torch.load(tiny, weights_only=True)["state_dict"]
    state["classifier.weight"] = state["classifier.weight"] + 1
    with pytest.raises(ModelRefused, match=r"classifier\.weight"):
        in_checkpoint(tiny, state)


def test_a_compressed_checkpoint_cannot_be_run_in_place(tiny: Path, tmp_path: Path) -> None:
    compressed = tmp_path / "compressed.ckpt"
    with (
        zipfile.ZipFile(tiny) as old,
        zipfile.ZipFile(compressed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            new.writestr(member.filename, old.read(member))
    with pytest.raises(ModelRefused, match="compressed"):
        in_checkpoint(compressed, torch.load(tiny, weights_only=True)["state_dict"])


def test_what_differs_too_much_does_not_hold() -> None:
    theirs = np.full((200, 1), 0.3)
    near, far, some = theirs + 0.015, theirs + 0.15, theirs.copy()
    some[:5] += 0.25
    assert compare(["toxicity"], near, theirs).holds("fp32") is False
    assert compare(["toxicity"], theirs + 0.001, theirs).holds("fp32")
    assert not compare(["toxicity"], far, theirs).holds("int8")
    flipped = compare(["toxicity"], some, theirs)
    assert flipped.flipped == pytest.approx(5 / 200)
    assert not flipped.holds("int8")
    nothing = compare(["toxicity"], np.full((200, 1), np.nan), theirs)
    assert not nothing.holds("int8")
    assert not nothing.holds("fp32")


def test_the_sentences_are_many_and_of_all_kinds() -> None:
    texts = packing.sentences()
    assert len(texts) == len(set(texts)) > 150
    assert "" in texts
    assert any(len(text) > 150 for text in texts)
