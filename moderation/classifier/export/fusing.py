"""Knows which operations of an encoder are done in one, and which need not be done at all."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto

from moderation.classifier.export.graphs import INPUTS, MICROSOFT, Graph, operation
from moderation.errors import ModelRefused

_MASK = "mask_of_words"


def fuse_attention(graph: Graph, heads: int) -> None:
    """Let one operation do what multi-head attention is spelt out in.

    Raises ModelRefused where attention is spelt out in another way than is known.
    """
    for softmax in graph.of_kind("Softmax"):
        try:
            scaled = graph.maker[graph.maker[softmax.input[0]].input[0]]
            scale = graph.number(scaled.input[1])
            product = graph.maker[scaled.input[0]]
            mixed = graph.readers[softmax.output[0]][0]
            turned = graph.readers[mixed.output[0]][0]
            joined = graph.readers[turned.output[0]][0]
            sides = [_before_heads(graph, side) for side in (*product.input, mixed.input[1])]
        except (KeyError, IndexError) as error:
            raise ModelRefused("The model's attention has an unknown form.") from error
        if scaled.op_type != "Mul" or scale is None or joined.op_type != "Reshape":
            raise ModelRefused("The model's attention has an unknown form.")
        fused = operation(
            "MultiHeadAttention", [*sides, "", _MASK], joined.output[0], domain=MICROSOFT,
            num_heads=heads, scale=float(scale), mask_filter_value=-1e9,
        )  # fmt: skip
        graph.replace([joined], [fused])
    graph.put_first([operation("Cast", ["attention_mask"], _MASK, to=TensorProto.INT32)])
    graph.prune()


def _before_heads(graph: Graph, value: str) -> str:
    """The projection, (windows, tokens, width), that was cut into heads and turned."""
    made_by = graph.maker[value]
    while made_by.op_type == "Transpose":
        made_by = graph.maker[made_by.input[0]]
    if made_by.op_type != "Reshape":
        raise ModelRefused("The model's attention has an unknown form.")
    return str(made_by.input[0])


def read_first_token_only(graph: Graph) -> None:
    """Compute the last layer for the first token alone when the verdict reads no other.

    That token still attends to all; only what the others would become themselves is left out.
    Nothing is done where the graph is not as expected.
    """
    last = graph.of_kind("MultiHeadAttention")[-1]
    ends = graph.readers[graph.of_kind("LayerNormalization")[-1].output[0]]
    picked = graph.number(ends[0].input[1]) if ends[0].op_type == "Gather" else None
    if len(ends) != 1 or picked is None or picked.tolist() not in (0, [0]):
        return
    asking = [
        graph.maker[name]
        for name in graph.maker[last.input[0]].input
        if name in graph.maker and graph.weight_of(graph.maker[name])
    ]
    if len(asking) != 1:
        return
    whole = asking[0].input[0]
    added = [node for node in graph.readers[whole] if node.op_type == "Add"]
    if len(added) != 1:
        return
    first = graph.fresh("first_token")
    graph.add_constants({"from": np.array([0]), "to": np.array([1]), "tokens": np.array([1])})
    cut = operation("Slice", [whole, "from", "to", "tokens"], first)
    graph.replace(asking, [cut, *asking])
    graph.reroute(asking[0], whole, first)
    graph.reroute(added[0], whole, first)


def widen(graph: Graph) -> None:
    """Compute in single precision what is kept in half; word vectors only once looked up."""
    for name in sorted(graph.parameters & set(graph.readers) & set(graph.stored)):
        if graph.stored[name].dtype == np.float32:
            continue
        wide = f"{name}.wide"
        for reader in list(graph.readers[name]):
            if reader.op_type == "Gather" and reader.input[1] == INPUTS[0]:
                looked_up, result = graph.fresh("looked_up"), reader.output[0]
                reader.output[0] = looked_up
                cast = operation("Cast", [looked_up], result, to=TensorProto.FLOAT)
                graph.replace([reader], [reader, cast])
            elif reader.op_type != "Cast":
                if wide not in graph.maker:
                    graph.put_first([operation("Cast", [name], wide, to=TensorProto.FLOAT)])
                graph.reroute(reader, name, wide)
