"""Knows the folder of a model that is ready to run, and that every byte in it is as it was written.

`manifest.json` names the model and lists every file with its SHA-256. `runtime.json` says how the
model is run: which file holds the weights that `graph.onnx` refers to, the token that pads, and
some texts with the scores that Detoxify gives them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.classifier.weights import check_hash, read_bytes
from moderation.errors import ModelRefused

MANIFEST = "manifest.json"
RUNTIME = "runtime.json"
GRAPH = "graph.onnx"
TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class Packed:
    """A model as its folder describes it; `files` holds the bytes that were checked.

    `answers` are texts with Detoxify's own scores in the order of `labels`; ours may differ from
    them by `tolerance`.
    """

    name: str
    version: str
    labels: tuple[str, ...]
    window: int
    padding: int
    weights: str
    answers: tuple[tuple[str, tuple[float, ...]], ...]
    tolerance: float
    files: Mapping[str, bytes]


def open_packed(folder: Path, manifest_sha256: str | None) -> Packed:
    """Read a folder after comparing every file with the manifest, and that with its pinned hash.

    Without a pinned hash it is only known that the folder is whole. Raises ModelUnavailable when
    a file is missing, ModelRefused when a single byte differs.
    """
    file = folder / MANIFEST
    manifest_bytes = read_bytes(file)
    if manifest_sha256 is not None:
        check_hash(manifest_bytes, manifest_sha256, file)
    try:
        manifest = json.loads(manifest_bytes)
        files = dict(_checked(folder, manifest["files"]))
        return _described(manifest, json.loads(files[RUNTIME]), files)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelRefused(f"{folder} is not the folder of a model ready to run.") from error


def _checked(folder: Path, listed: Mapping[str, str]) -> list[tuple[str, bytes]]:
    found = []
    for name, sha256 in listed.items():
        data = read_bytes(folder / name)
        check_hash(data, sha256, folder / name)
        found.append((name, data))
    return found


def _described(
    manifest: Mapping[str, Any], runtime: Mapping[str, Any], files: dict[str, bytes]
) -> Packed:
    needed = (GRAPH, TOKENIZER, runtime["weights"])
    return Packed(
        name=manifest["name"],
        version=manifest["version"],
        labels=tuple(manifest["labels"]),
        window=int(manifest["window"]),
        padding=int(runtime["padding"]),
        weights=runtime["weights"],
        answers=tuple((text, tuple(scores)) for text, scores in runtime["answers"]),
        tolerance=float(runtime["tolerance"]),
        files={name: files[name] for name in needed},
    )
