"""Knows how torch writes down what a model computes, and where the parameters of it lie."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import onnx
import torch

from moderation.classifier.export.graphs import INPUTS, OPSET, Stored
from moderation.errors import ModelRefused

_ALIGNED = 64


def exported(model: Any) -> onnx.ModelProto:
    """The graph of a transformers model for sequence classification, without its parameters.

    Any number of windows and tokens can be given to it. The exporter is the older of torch's two:
    it keeps the parameters' names, and the newer one needs a package more.
    """
    model.set_attn_implementation("eager")
    ids = torch.arange(5, 19).reshape(2, 7)
    mask = torch.ones_like(ids)
    axes = {name: {0: "windows", 1: "tokens"} for name in INPUTS}
    # Typed as a path, though any file will do.
    buffer: Any = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        # It warns of itself, and of sizes that it takes for fixed; the comparison would show it.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (ids,), buffer, kwargs={"attention_mask": mask}, input_names=list(INPUTS),
            output_names=["logits"], dynamic_axes={**axes, "logits": {0: "windows"}},
            opset_version=OPSET, do_constant_folding=False, export_params=False, dynamo=False,
        )  # fmt: skip
    return onnx.load_from_string(buffer.getvalue())


def in_checkpoint(file: Path, state: Mapping[str, torch.Tensor]) -> dict[str, Stored]:
    """Find where in a checkpoint the bytes of each tensor are.

    A checkpoint is a zip archive that compresses nothing; a tensor is a member of it. They are
    found by what they contain, so nothing of the checkpoint's own index is believed. Raises
    ModelRefused for a tensor that is no member by itself.
    """
    data = file.read_bytes()
    members = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            start = _start(data, member)
            body = data[start : start + member.file_size]
            members[hashlib.sha256(body).digest()] = start
    found = {}
    for name, tensor in state.items():
        numbers = tensor.detach().contiguous().numpy()
        start = members.get(hashlib.sha256(numbers.tobytes()).digest(), -1)
        if start < 0:
            raise ModelRefused(f"{file} does not hold the weight {name!r} in one piece.")
        found[name] = Stored(file.name, start, numbers.dtype, tuple(numbers.shape))
    return found


def _start(data: bytes, member: zipfile.ZipInfo) -> int:
    """Where a member's content begins: behind a header whose length only the header tells.

    The header is 30 bytes, a name and an extra field (APPNOTE.TXT 4.3.7 of the zip format).
    """
    if member.compress_type != zipfile.ZIP_STORED:
        raise ModelRefused("The checkpoint is compressed: its weights cannot be read in place.")
    name, extra = struct.unpack_from("<HH", data, member.header_offset + 26)
    return member.header_offset + 30 + int(name) + int(extra)


def write_down(model: Any, target: IO[bytes], file: str) -> dict[str, Stored]:
    """Write every parameter into a file of that name: word vectors in half precision."""
    words = model.get_input_embeddings().weight
    found = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        kind = torch.float16 if parameter is words else torch.float32
        numbers = parameter.detach().to(kind).contiguous().numpy()
        target.write(bytes(-target.tell() % _ALIGNED))
        found[name] = Stored(file, target.tell(), numbers.dtype, tuple(numbers.shape))
        target.write(np.ascontiguousarray(numbers).data)
    return found
