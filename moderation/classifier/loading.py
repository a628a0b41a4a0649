"""Knows how a model's name becomes a classifier: shipped, published by Detoxify, or a file."""

from __future__ import annotations

import json
import os
from pathlib import Path

from moderation.classifier.detoxify_model import DetoxifyClassifier, open_detoxify
from moderation.classifier.pinned import MANIFEST_SHA256
from moderation.classifier.published import PUBLISHED, fetch, pinned_prefix
from moderation.classifier.scores import Classifier
from moderation.classifier.weights import Checkpoint, check_hash, decode, read_bytes
from moderation.errors import ModelRefused, ModelUnavailable

SHIPPED = "parley-small"
SHIPPED_FOLDER = Path(__file__).resolve().parent / SHIPPED
_MOST_THREADS = 4


def load(model: str, cache: Path) -> Classifier:
    """Load a model by name or path; takes seconds and imports torch.

    `model` is 'parley-small', one of Detoxify's 'original', 'unbiased', 'multilingual',
    'original-small' and 'unbiased-small' (kept in `cache`), or the path of a checkpoint file
    whose configuration and tokenizer lie in the same folder or in one named like the file.
    Raises ModelUnavailable when it is not there, ModelRefused when it is not what it should be.
    """
    _prepare_torch()
    if model == SHIPPED:
        return load_shipped(SHIPPED_FOLDER, MANIFEST_SHA256)
    if model in PUBLISHED:
        checkpoint, folder = fetch(model, cache)
        return _classifier(checkpoint, folder, model, pinned_prefix(model))
    file = Path(model)
    if not file.is_file():
        raise ModelUnavailable(
            f"There is no model {model!r}: name {SHIPPED}, {', '.join(PUBLISHED)}, "
            "or the path of a checkpoint file."
        )
    checkpoint = decode(read_bytes(file), file)
    return _classifier(checkpoint, _folder_of(file), file.stem, checkpoint.sha256[:8])


def load_shipped(folder: Path, manifest_sha256: str) -> Classifier:
    """Load the model in `folder` after comparing every file with the manifest, and that with its
    pinned hash. Raises ModelRefused when a single byte differs."""
    file = folder / "manifest.json"
    manifest_bytes = read_bytes(file)
    check_hash(manifest_bytes, manifest_sha256, file)
    manifest = json.loads(manifest_bytes)
    weights = f"{manifest['name']}.ckpt"
    for name, sha256 in manifest["files"].items():
        data = read_bytes(folder / name)
        check_hash(data, sha256, folder / name)
        if name == weights:
            checkpoint = decode(data, folder / name)
    model = open_detoxify(checkpoint, folder)
    return DetoxifyClassifier(model, manifest["name"], manifest["version"], manifest["window"])


def _classifier(checkpoint: Checkpoint, folder: Path, name: str, version: str) -> Classifier:
    return DetoxifyClassifier(open_detoxify(checkpoint, folder), name, version)


def _folder_of(file: Path) -> Path:
    for folder in (file.parent, file.with_suffix("")):
        if (folder / "config.json").is_file():
            return folder.resolve()
    raise ModelRefused(
        f"{file} has no configuration: put the model's config.json and tokenizer files beside it "
        f"or into {file.with_suffix('')}."
    )


def _prepare_torch() -> None:
    """Set the threads before torch starts them: waiting ones must not burn a shared processor."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch

    torch.set_num_threads(min(_MOST_THREADS, len(os.sched_getaffinity(0))))
