"""Knows how the nodes of an ONNX graph are found, replaced and put together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from moderation.errors import ModelRefused

OPSET = 17
INPUTS = ("input_ids", "attention_mask")
MICROSOFT = "com.microsoft"


@dataclass(frozen=True)
class Stored:
    """Where one parameter's numbers lie: in which file, from which byte, of which kind."""

    file: str
    offset: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def length(self) -> int:
        """Bytes."""
        return int(np.prod(self.shape)) * self.dtype.itemsize


class Graph:
    """Nodes in order, and who makes and who reads a value.

    `exported` is what `torch.onnx.export` gives without parameters: these are then inputs, and
    `stored` says where their numbers lie.
    """

    def __init__(self, exported: onnx.ModelProto, stored: Mapping[str, Stored]) -> None:
        self._model = onnx.ModelProto()
        self._model.CopyFrom(exported)
        self.stored = dict(stored)
        self.parameters = {value.name for value in self._model.graph.input} - set(INPUTS)
        self.constants = {tensor.name: tensor for tensor in self._model.graph.initializer}
        self.nodes = list(self._model.graph.node)
        self._made = 0
        self._look()
        self._drop_copies()

    def _look(self) -> None:
        self.maker = {output: node for node in self.nodes for output in node.output}
        self.readers: dict[str, list[NodeProto]] = {}
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                self.readers.setdefault(name, []).append(node)

    def _drop_copies(self) -> None:
        """Read parameters that are equal, and so were exported once, under their one name."""
        for copy in self.of_kind("Identity"):
            for reader in list(self.readers.get(copy.output[0], [])):
                self.reroute(reader, copy.output[0], copy.input[0])
        self.prune()

    def of_kind(self, kind: str) -> list[NodeProto]:
        """All operations of one kind, in order."""
        return [node for node in self.nodes if node.op_type == kind]

    def number(self, value: str) -> NDArray[Any] | None:
        """A constant's value; None for what is computed."""
        if value in self.constants:
            return numpy_helper.to_array(self.constants[value])
        node = self.maker.get(value)
        if node is not None and node.op_type == "Constant":
            return numpy_helper.to_array(node.attribute[0].t)
        return None

    def weight_of(self, node: NodeProto) -> str:
        """The parameter, (outputs, inputs), of a linear layer; "" when a node is none."""
        turned = self.maker.get(node.input[1]) if node.op_type == "MatMul" else None
        if turned is None or turned.op_type != "Transpose":
            return ""
        return turned.input[0] if turned.input[0] in self.parameters else ""

    def add_constants(self, constants: Mapping[str, object]) -> None:
        """Make numbers known under a name; those that nothing reads are left out in the end."""
        for name, value in constants.items():
            self.constants[name] = numpy_helper.from_array(np.asarray(value), name)

    def fresh(self, what: str) -> str:
        """A name that nothing has."""
        self._made += 1
        return f"{what}.{self._made}"

    def replace(self, old: Sequence[NodeProto], new: Sequence[NodeProto]) -> None:
        """Put `new` where the last of `old` stood."""
        gone = {id(node) for node in old}
        last = max(at for at, node in enumerate(self.nodes) if id(node) in gone)
        before, after = (
            [node for node in part if id(node) not in gone]
            for part in (self.nodes[:last], self.nodes[last + 1 :])
        )
        self.nodes = [*before, *new, *after]
        self._look()

    def put_first(self, new: Sequence[NodeProto]) -> None:
        """Let these be computed before everything else."""
        self.nodes = [*new, *self.nodes]
        self._look()

    def reroute(self, node: NodeProto, old: str, new: str) -> None:
        """Let one node read another value."""
        for at, name in enumerate(node.input):
            if name == old:
                node.input[at] = new
        self._look()

    def prune(self) -> None:
        """Forget what nothing reads."""
        needed = {output.name for output in self._model.graph.output}
        kept = []
        for node in reversed(self.nodes):
            if needed & set(node.output):
                kept.append(node)
                needed |= set(node.input)
        self.nodes = kept[::-1]
        self._look()

    def finished(self) -> onnx.ModelProto:
        """The graph as a model whose parameters are looked up in the files that hold them.

        Raises ModelRefused for a parameter that is not stored.
        """
        self.prune()
        read = set(self.readers)
        initializers = [tensor for name, tensor in self.constants.items() if name in read]
        for name in sorted((self.parameters | set(self.stored)) & read):
            if name not in self.stored:
                raise ModelRefused(f"The checkpoint does not hold the weight {name!r}.")
            initializers.append(_reference(name, self.stored[name]))
        inputs = [value for value in self._model.graph.input if value.name in INPUTS]
        outputs = list(self._model.graph.output)
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, initializers)
        versions = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=8)


def operation(kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> NodeProto:
    """A node with one output, by whose name it goes."""
    return helper.make_node(kind, inputs, [output], name=output, **attributes)


def _reference(name: str, place: Stored) -> TensorProto:
    """A parameter without its numbers, in ONNX's form for external data."""
    tensor = TensorProto(
        name=name,
        data_type=helper.np_dtype_to_tensor_dtype(place.dtype),
        dims=place.shape,
        data_location=TensorProto.EXTERNAL,
    )
    for key, value in (
        ("location", place.file),
        ("offset", str(place.offset)),
        ("length", str(place.length)),
    ):
        tensor.external_data.add(key=key, value=value)
    return tensor
