"""Knows how a model's name becomes a classifier: shipped, published by Detoxify, or a file."""

from __future__ import annotations

from pathlib import Path

from moderation.classifier.exported import Source, exported, refusal_kept
from moderation.classifier.packed import open_packed
from moderation.classifier.pinned import MANIFEST_SHA256
from moderation.classifier.progress import say
from moderation.classifier.published import PUBLISHED, fetch, pinned_prefix
from moderation.classifier.runtime import OnnxClassifier
from moderation.classifier.scores import Classifier
from moderation.classifier.weights import refuse_unless, sha256_of
from moderation.errors import ModelRefused, ModelUnavailable

SHIPPED = "parley-small"
SHIPPED_FOLDER = Path(__file__).resolve().parent / SHIPPED


def load(model: str, cache: Path) -> Classifier:
    """Load a model by name or path; takes less than a second once it has been exported.

    `model` is 'parley-small', one of Detoxify's 'original', 'unbiased', 'multilingual',
    'original-small' and 'unbiased-small', or the path of a checkpoint file whose configuration and
    tokenizer lie in the same folder or in one named like the file. What is downloaded and what is
    exported is kept in `cache`; the shipped model needs neither. Raises ModelUnavailable when it is
    not there, ModelRefused when it is not what it should be.
    """
    if model == SHIPPED:
        return load_shipped(SHIPPED_FOLDER, MANIFEST_SHA256)
    if model in PUBLISHED:
        return _run(_published(model, cache), cache)
    file = Path(model)
    if not file.is_file():
        raise ModelUnavailable(
            f"There is no model {model!r}: name {SHIPPED}, {', '.join(PUBLISHED)}, "
            "or the path of a checkpoint file."
        )
    sha256 = sha256_of(file)
    source = Source(file, sha256, _folder_of(file), file.stem, sha256[:8])
    return _run(source, cache)


def load_shipped(folder: Path, manifest_sha256: str) -> Classifier:
    """Load the model in `folder` after comparing every file with the manifest, and that with its
    pinned hash. Raises ModelRefused when a single byte differs."""
    return OnnxClassifier(open_packed(folder, manifest_sha256))


def _run(source: Source, cache: Path) -> Classifier:
    packed = exported(source, cache)
    try:
        return OnnxClassifier(packed)
    except ModelRefused as error:
        # An export from another machine, say: it is whole, and does not do what it should here.
        say(f"The exported model is made again: {error}")
    packed = exported(source, cache, anew=True)
    try:
        return OnnxClassifier(packed)
    except ModelRefused as error:
        raise refusal_kept(source, cache, error) from error


def _published(model: str, cache: Path) -> Source:
    file = fetch(model, cache)
    sha256 = sha256_of(file)
    refuse_unless(sha256, pinned_prefix(model), file)
    return Source(file, sha256, file.parent, model, pinned_prefix(model), fetch=True)


def _folder_of(file: Path) -> Path:
    for folder in (file.parent, file.with_suffix("")):
        if (folder / "config.json").is_file():
            return folder.resolve()
    raise ModelRefused(
        f"{file} has no configuration: put the model's config.json and tokenizer files beside it "
        f"or into {file.with_suffix('')}."
    )
