"""Knows Detoxify's own published models: where they are, how they are checked and kept."""

from __future__ import annotations

import os
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from moderation.classifier.progress import say
from moderation.classifier.weights import Checkpoint, refuse_unless, sha256_of
from moderation.errors import ModelUnavailable

_RELEASES = "https://github.com/unitaryai/detoxify/releases/download/"

# By PyTorch's convention a published file's name ends in the first 8 digits of its SHA-256.
PUBLISHED: Mapping[str, str] = MappingProxyType(
    {
        "original": "v0.1-alpha/toxic_original-c1212f89.ckpt",
        "unbiased": "v0.3-alpha/toxic_debiased-c7548aa0.ckpt",
        "multilingual": "v0.4-alpha/multilingual_debiased-0b549669.ckpt",
        "original-small": "v0.1.2/original-albert-0e1d6498.ckpt",
        "unbiased-small": "v0.1.2/unbiased-albert-c8519128.ckpt",
    }
)
_SECONDS = 60


def pinned_prefix(model: str) -> str:
    """The eight hexadecimal digits that the SHA-256 of a published model starts with."""
    return PUBLISHED[model].removesuffix(".ckpt").rsplit("-", 1)[1]


def fetch(model: str, cache: Path) -> Path:
    """Give the file of a published model; what `cache` lacks is downloaded into it.

    Raises ModelUnavailable where there is no network, ModelRefused where the file is not the
    published one.
    """
    file = cache / model / PUBLISHED[model].rsplit("/", 1)[1]
    if not file.exists():
        say(f"The model {model} is being downloaded (once; some hundred megabytes).")
        _download(_RELEASES + PUBLISHED[model], file, model)
    return file


def _download(url: str, file: Path, model: str) -> None:
    """Download beside the file and move it into place only when it is whole and right."""
    partial = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=file.parent, suffix=".part")
        with (
            os.fdopen(handle, "wb") as target,
            urllib.request.urlopen(url, timeout=_SECONDS) as source,  # noqa: S310
        ):
            shutil.copyfileobj(source, target, 1 << 20)
        refuse_unless(sha256_of(Path(partial)), pinned_prefix(model), file)
        Path(partial).replace(file)
    except (OSError, urllib.error.URLError) as error:
        raise ModelUnavailable(
            f"The model {model!r} is not on this machine and could not be downloaded ({error}). "
            f"Fetch {url} on a machine with a network and put it at {file}, "
            "or choose the model 'parley-small', which is shipped."
        ) from error
    finally:
        if partial is not None:
            Path(partial).unlink(missing_ok=True)


def keep_configuration(checkpoint: Checkpoint, folder: Path, model: str) -> None:
    """Fetch the base model's configuration and tokenizer once, and keep them for offline use.

    Raises ModelUnavailable where there is no network. It needs transformers.
    """
    import transformers

    arch: Mapping[str, Any] = checkpoint.arch
    # A folder that is half written must not look whole: config.json, written last, marks it.
    try:
        config_class = getattr(transformers, arch["model_name"]).config_class
        config = config_class.from_pretrained(
            arch["model_type"], num_labels=int(arch["num_classes"])
        )
        tokenizer = getattr(transformers, arch["tokenizer_name"]).from_pretrained(
            arch["model_type"]
        )
        tokenizer.save_pretrained(folder)
        config.save_pretrained(folder)
    except (OSError, ValueError, AttributeError) as error:
        raise ModelUnavailable(
            f"The model {model!r} also needs the configuration and tokenizer of "
            f"{arch['model_type']!r}, which could not be downloaded. Put that model's config.json "
            f"(with num_labels {arch['num_classes']}) and tokenizer files into {folder}, "
            "or choose the model 'parley-small', which is shipped."
        ) from error
