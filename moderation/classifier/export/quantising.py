"""Knows how a linear layer is computed in 8 bits without letting texts depend on each other.

Its weights have one scale for each output. Its input has one scale for each row, that is, for each
token: the usual dynamic quantisation takes one for the whole batch, and a comment's score would
depend on which comments share its pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from onnx import NodeProto, TensorProto

from moderation.classifier.export.graphs import MICROSOFT, Graph, operation

# GELU (exact or by tanh) never falls below this. Its outputs, raised by as much, use the whole
# range of an unsigned byte; the others have a sign, for which half of the range goes.
_GELU_FLOOR = 0.1701
_ATTENDING = re.compile(r"\battention\b.*\b(query|key|value)\b")
_CONSTANTS = {
    "levels": np.float32(127),
    "floor": np.float32(_GELU_FLOOR),
    # Keeps a row of zeros from being divided by its largest magnitude.
    "least": np.float32(1e-12),
    "nothing": np.float32(0),
    "half_range": np.float32(1 / 127),
    "middle": np.uint8(128),
    "whole_range": np.float32(1 / 255),
    "bottom": np.uint8(0),
    "inputs": np.array([0]),
}


def quantise(graph: Graph, *, attends_exactly: bool = False) -> None:
    """Multiply in 8 bits wherever a linear layer reads every token. What tokens attend to can be
    left in 32 bits: errors made there are multiplied with each other."""
    graph.add_constants(_CONSTANTS)
    raised = set(_gelus(graph))
    weights: set[str] = set()
    rows: dict[str, tuple[str, str]] = {}
    for layer in [node for node in graph.nodes if graph.weight_of(node)]:
        if attends_exactly and _ATTENDING.search(graph.weight_of(layer)):
            continue
        parameter, value, result = graph.weight_of(layer), layer.input[0], layer.output[0]
        if parameter not in weights:
            weights.add(parameter)
            graph.put_first(_weight_in_bytes(parameter))
        new: list[NodeProto] = []
        if value not in rows:
            rows[value] = graph.fresh("bytes"), graph.fresh("largest")
            new = list(_row_in_bytes(graph, value, *rows[value], raised=value in raised))
        row, largest = rows[value]
        product = graph.fresh("product")
        step, zero = _range(value in raised)
        inputs = [row, f"{parameter}.bytes", step, f"{parameter}.scale", zero]
        new.append(operation("MatMulIntegerToFloat", inputs, product, domain=MICROSOFT))
        new.append(operation("Mul", [product, largest], result))
        graph.replace([layer], new)
        if value in raised:
            _lower_bias(graph, result, parameter)


def _range(raised: bool) -> tuple[str, str]:
    """The step and the zero of the bytes that an input is given in."""
    return ("whole_range", "bottom") if raised else ("half_range", "middle")


def _weight_in_bytes(parameter: str) -> list[NodeProto]:
    """Turn (outputs, inputs) into signed bytes, (inputs, outputs), and scales, (outputs).

    It hangs on constants alone: ONNX Runtime computes it once, when a session starts.
    """
    of = f"{parameter}.{{}}".format
    return [
        operation("Cast", [parameter], of("whole"), to=TensorProto.FLOAT),
        operation("ReduceMax", [of("whole")], of("top"), axes=[1], keepdims=0),
        operation("ReduceMin", [of("whole")], of("low"), axes=[1], keepdims=0),
        operation("Neg", [of("low")], of("depth")),
        operation("Max", [of("top"), of("depth"), "least"], of("largest")),
        operation("Div", [of("largest"), "levels"], of("scale")),
        operation("Mul", [of("scale"), "nothing"], of("nothing")),
        operation("Cast", [of("nothing")], of("zeros"), to=TensorProto.INT8),
        operation("QuantizeLinear", [of("whole"), of("scale"), of("zeros")], of("upright"), axis=0),
        operation("Transpose", [of("upright")], of("bytes"), perm=[1, 0]),
    ]


def _row_in_bytes(
    graph: Graph, value: str, row: str, largest: str, *, raised: bool
) -> Iterator[NodeProto]:
    """Turn (windows, tokens, width) into bytes and the largest magnitude of each row."""
    size, most, share = (graph.fresh(what) for what in ("size", "most", "share"))
    yield operation("Add", [value, "floor"], size) if raised else operation("Abs", [value], size)
    yield operation("ReduceMax", [size], most, axes=[-1], keepdims=1)
    yield operation("Add", [most, "least"], largest)
    yield operation("Div", [size if raised else value, largest], share)
    yield operation("QuantizeLinear", [share, *_range(raised)], row)


def _lower_bias(graph: Graph, result: str, parameter: str) -> None:
    """Take from the bias what raising every input by the floor has added to each output."""
    (added,) = graph.readers[result]
    (bias,) = (name for name in added.input if name != result)
    of = f"{parameter}.{{}}".format
    new = [
        operation("Cast", [of("bytes")], of("numbers"), to=TensorProto.FLOAT),
        operation("ReduceSum", [of("numbers"), "inputs"], of("sum"), keepdims=0),
        operation("Mul", [of("sum"), of("scale")], of("added")),
        operation("Mul", [of("added"), "floor"], of("surplus")),
        operation("Sub", [bias, of("surplus")], of("bias")),
    ]
    # A layer that is used several times has been treated the first time.
    graph.replace([added], [*(() if of("bias") in graph.maker else new), added])
    graph.reroute(added, bias, of("bias"))


def _gelus(graph: Graph) -> Iterator[str]:
    """Values that come out of a GELU: sums and products behind an error function or a tanh."""
    for node in (*graph.of_kind("Erf"), *graph.of_kind("Tanh")):
        value = node.output[0]
        while [reader.op_type for reader in graph.readers.get(value, [])] in (["Add"], ["Mul"]):
            value = graph.readers[value][0].output[0]
        readers = graph.readers.get(value, [])
        if value != node.output[0] and readers and all(map(graph.weight_of, readers)):
            yield value
