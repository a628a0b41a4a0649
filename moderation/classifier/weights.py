"""Knows how a checkpoint file is opened so that nothing in it can run.

A pickle is a program. Detoxify's own loader runs it, so no file from outside ever reaches that
loader: the bytes are read once, checked, decoded by torch's restricted reader, and written anew.
What Detoxify then opens is a pickle that this process made from plain tensors and words.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.errors import ModelRefused, ModelUnavailable

# The class names that Detoxify's checkpoints hold, and what its predict calls them.
_SHOWN_AS = {
    "toxic": "toxicity",
    "severe_toxic": "severe_toxicity",
    "identity_hate": "identity_attack",
}
_ARCHITECTURE = ("model_type", "model_name", "tokenizer_name", "num_classes")
_BACKBONES = (
    "BertForSequenceClassification",
    "RobertaForSequenceClassification",
    "XLMRobertaForSequenceClassification",
    "AlbertForSequenceClassification",
)


@dataclass(frozen=True)
class Checkpoint:
    """A decoded checkpoint: `state` maps weight names to tensors, `sha256` is that of the file."""

    arch: Mapping[str, Any]
    classes: tuple[str, ...]
    state: Mapping[str, Any]
    sha256: str

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes under the names that Detoxify returns them by."""
        return tuple(_SHOWN_AS.get(name, name) for name in self.classes)


def read_bytes(file: Path) -> bytes:
    """Read a model file whole. Raises ModelUnavailable when it is not there to be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ModelUnavailable(
            f"The model file {file} cannot be read ({error.strerror}). "
            "Check the path and its permissions."
        ) from error


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file of any size. Raises ModelUnavailable when it cannot be read."""
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(
            f"The model file {file} cannot be read ({error.strerror}). "
            "Check the path and its permissions."
        ) from error


def check_hash(data: bytes, expected: str, file: Path) -> None:
    """Compare the SHA-256 of a file's bytes with `expected`, whole or its first digits.

    Raises ModelRefused when it differs.
    """
    refuse_unless(hashlib.sha256(data).hexdigest(), expected, file)


def refuse_unless(actual: str, expected: str, file: Path) -> None:
    """Raise ModelRefused unless a SHA-256 begins with the digits expected of this file."""
    if not expected or not actual.startswith(expected.lower()):
        raise ModelRefused(
            f"{file} is not the file that was published: its SHA-256 starts with {actual[:8]}, "
            f"expected {expected[:8]}. Remove it and install or download it again."
        )


def decode(data: bytes, file: Path) -> Checkpoint:
    """Decode checkpoint bytes without running anything in them.

    Raises ModelRefused when the bytes hold more than tensors and plain values, or when what they
    hold is not a checkpoint in Detoxify's format.
    """
    import torch

    try:
        content = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ModelRefused(
            f"{file} is damaged, or holds more than weights and could run code: it was not loaded."
        ) from error
    return _checked(content, hashlib.sha256(data).hexdigest(), file)


def _checked(content: Any, sha256: str, file: Path) -> Checkpoint:
    import torch

    try:
        arch = content["config"]["arch"]["args"]
        classes = content["config"]["dataset"]["args"]["classes"]
        state = content["state_dict"]
        arch = {key: arch[key] for key in _ARCHITECTURE}
        fits = (
            arch["model_name"] in _BACKBONES
            and str(arch["tokenizer_name"]).endswith(("Tokenizer", "TokenizerFast"))
            and 0 < len(classes) <= int(arch["num_classes"])
            and all(isinstance(name, str) for name in classes)
            and bool(state)
            and all(isinstance(value, torch.Tensor) for value in state.values())
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelRefused(f"{file} is not a checkpoint in Detoxify's format.") from error
    if not fits:
        raise ModelRefused(f"{file} is not a checkpoint in Detoxify's format.")
    return Checkpoint(arch, tuple(classes), state, sha256)


def rewritten(checkpoint: Checkpoint, folder: Path) -> io.BytesIO:
    """Write the checkpoint anew, in memory, pointing at `folder` for its configuration.

    Detoxify looks the configuration up under `model_type`, a name on a public hub in published
    checkpoints; a local folder there keeps it from asking anybody.
    """
    import torch

    content = {
        "config": {
            "arch": {"args": {**checkpoint.arch, "model_type": str(folder)}},
            "dataset": {"args": {"classes": list(checkpoint.classes)}},
        },
        "state_dict": dict(checkpoint.state),
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    buffer.seek(0)
    return buffer
