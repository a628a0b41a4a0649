"""Knows in which order an exported graph is made lean."""

from __future__ import annotations

from collections.abc import Mapping

import onnx

from moderation.classifier.export.fusing import (
    fuse_attention,
    read_first_token_only,
    widen,
)
from moderation.classifier.export.graphs import Graph, Stored
from moderation.classifier.export.quantising import quantise


def lean(
    exported: onnx.ModelProto,
    heads: int,
    stored: Mapping[str, Stored],
    *,
    precision: str,
) -> onnx.ModelProto:
    """Rewrite what `torch.onnx.export` gave without parameters into what a server runs.

    The result takes token numbers and a mask of words, both (windows, tokens), and gives logits,
    (windows, outputs). Its parameters lie where `stored` says. `precision` is "int8", "mixed" (all
    but the attention's own inputs in 8 bits) or "fp32". Raises ModelRefused for a parameter that is
    not stored, and for a graph that is no transformer encoder.
    """
    graph = Graph(exported, stored)
    fuse_attention(graph, heads)
    read_first_token_only(graph)
    if precision != "fp32":
        quantise(graph, attends_exactly=precision == "mixed")
    widen(graph)
    return graph.finished()
