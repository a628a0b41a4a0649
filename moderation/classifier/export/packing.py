"""Knows how a model that Detoxify has loaded is packed: in as many bits as its scores need."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from moderation.classifier.detoxify_model import DetoxifyClassifier, open_detoxify
from moderation.classifier.export.comparing import LARGEST, compare, predicted, scored
from moderation.classifier.export.encoder import exported, in_checkpoint, write_down
from moderation.classifier.export.graphs import Stored
from moderation.classifier.export.lean import lean
from moderation.classifier.export.sentences import sentences
from moderation.classifier.packed import (
    GRAPH,
    MANIFEST,
    RUNTIME,
    TOKENIZER,
    Packed,
)
from moderation.classifier.progress import say
from moderation.classifier.runtime import OnnxClassifier, started
from moderation.classifier.weights import Checkpoint, decode, read_bytes
from moderation.errors import ModelRefused, ScoringFailed

WEIGHTS = "weights.bin"
_RAW = "raw.bin"
_PRECISIONS = ("int8", "mixed", "fp32")
# Sentences that are asked again whenever a server starts.
_ASKED = 8
# From a precision to the files that differ by it.
_Make = Callable[[str], dict[str, bytes]]


@dataclass(frozen=True)
class _Source:
    """What Detoxify loaded, and what it says of the sentences."""

    detoxify: Any
    name: str
    version: str
    window: int
    tokenizer: bytes
    texts: Sequence[str]
    scores: NDArray[np.float64]


def pack(checkpoint: Checkpoint, folder: Path, name: str, version: str) -> dict[str, bytes]:
    """The files of a folder that runs a checkpoint without torch, its manifest last.

    `folder` holds the model's configuration and tokenizer. Raises ModelRefused when these do not
    fit the checkpoint, or when not even 32 bits give Detoxify's scores.
    """
    source = _source(open_detoxify(checkpoint, folder), name, version)
    model = source.detoxify.model
    with TemporaryDirectory() as scratch:
        with (Path(scratch) / _RAW).open("wb") as target:
            stored = write_down(model, target, _RAW)
        graph = exported(model)

        def make(precision: str) -> dict[str, bytes]:
            heads = model.config.num_attention_heads
            return _folded(lean(graph, heads, stored, precision=precision), Path(scratch))

        files = _fitting(source, make, WEIGHTS)
    files[TOKENIZER] = source.tokenizer
    files[MANIFEST] = _manifest(source, files)
    return files


def pack_beside(
    file: Path, name: str, window: int, precisions: Sequence[str] = _PRECISIONS
) -> dict[str, bytes]:
    """What lets a checkpoint be run from where it is: a graph that refers into it, no weights.

    The checkpoint's configuration and tokenizer.json lie in its folder. `precisions` are tried in
    this order.
    """
    checkpoint = decode(read_bytes(file), file)
    source = _source(open_detoxify(checkpoint, file.parent), name, "", window)
    model = source.detoxify.model
    stored: Mapping[str, Stored] = in_checkpoint(file, checkpoint.state)
    graph = exported(model)

    def make(precision: str) -> dict[str, bytes]:
        made = lean(graph, model.config.num_attention_heads, stored, precision=precision)
        return {GRAPH: made.SerializeToString(), file.name: read_bytes(file)}

    files = _fitting(source, make, file.name, precisions)
    del files[file.name]
    return files


def _source(detoxify: Any, name: str, version: str, window: int | None = None) -> _Source:
    plain = DetoxifyClassifier(detoxify, name, version)
    window = window or plain.window
    # Detoxify reads no windows: what needs several is no comparison.
    texts = [text for text in sentences() if len(detoxify.tokenizer(text).input_ids) <= window]
    return _Source(
        detoxify, name, version, window, plain.tokenizer_json().encode(), texts,
        predicted(detoxify, texts),
    )  # fmt: skip


def _fitting(
    source: _Source, make: _Make, weights: str, precisions: Sequence[str] = _PRECISIONS
) -> dict[str, bytes]:
    """Pack in 8 bits, or, when these give other scores than Detoxify, in more and more of 32."""
    found = {}
    for precision in precisions:
        files = make(precision)
        packed = _packed(source, files, weights, LARGEST[precision])
        try:
            ours = scored(OnnxClassifier(packed), source.texts)
        except ScoringFailed as error:
            raise ModelRefused(f"The model {source.name} gives no numbers.") from error
        compared = compare(packed.labels, ours, source.scores)
        found[precision] = compared.as_record()
        if compared.holds(precision):
            files[RUNTIME] = _runtime(source, packed, precision, found)
            return files
        say(
            f"The model {source.name} in {precision} differs from Detoxify by up to "
            f"{compared.largest:.3f}, and decides {compared.flipped:.1%} of texts otherwise."
        )
    raise ModelRefused(f"The model {source.name} does not give Detoxify's scores when exported.")


def _packed(source: _Source, files: dict[str, bytes], weights: str, tolerance: float) -> Packed:
    return Packed(
        name=source.name,
        version=source.version,
        labels=tuple(source.detoxify.class_names),
        window=source.window,
        padding=source.detoxify.tokenizer.pad_token_id or 0,
        weights=weights,
        answers=(),
        tolerance=tolerance,
        files={**files, TOKENIZER: source.tokenizer},
    )


def _runtime(source: _Source, packed: Packed, precision: str, found: Mapping[str, Any]) -> bytes:
    known = zip(source.texts, source.scores.round(6).tolist(), strict=True)
    return _json(
        {
            "weights": packed.weights,
            "padding": packed.padding,
            "precision": precision,
            "tolerance": packed.tolerance,
            "answers": list(islice(known, _ASKED)),
            "compared_with_detoxify": found,
        }
    )


def _manifest(source: _Source, files: Mapping[str, bytes]) -> bytes:
    return _json(
        {
            "name": source.name,
            "version": source.version,
            "labels": list(source.detoxify.class_names),
            "window": source.window,
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        }
    )


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()


def _folded(graph: onnx.ModelProto, scratch: Path) -> dict[str, bytes]:
    """Let ONNX Runtime compute what hangs on constants alone, the 8-bit weights above all.

    Otherwise every start would do so again: a second or two, and for a moment several times the
    memory, for a model of `original`'s size.
    """
    (scratch / "lean.onnx").write_bytes(graph.SerializeToString())
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Anything beyond this level is for the processor at hand.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(scratch / GRAPH)
    options.add_session_config_entry(
        "session.optimized_model_external_initializers_file_name", WEIGHTS
    )
    started(scratch / "lean.onnx", options)
    return {name: (scratch / name).read_bytes() for name in (GRAPH, WEIGHTS)}
