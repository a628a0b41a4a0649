"""Knows where exported models are kept, which one belongs to a checkpoint, and who makes it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnxruntime

from moderation.classifier.packed import MANIFEST, Packed, open_packed
from moderation.classifier.progress import say
from moderation.classifier.watching import said
from moderation.classifier.weights import sha256_of
from moderation.errors import ModelRefused, ModelUnavailable

# Counted up whenever an export comes out otherwise than before.
_FORM = 2
_ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 3_600
_REASONS = {"ModelRefused": ModelRefused, "ModelUnavailable": ModelUnavailable}


@dataclass(frozen=True)
class Source:
    """A checkpoint with its SHA-256, and the folder of its configuration and tokenizer.

    `fetch` says that this folder may be filled from the network.
    """

    file: Path
    sha256: str
    folder: Path
    name: str
    version: str
    fetch: bool = False


def exported(source: Source, cache: Path, *, anew: bool = False) -> Packed:
    """Open the export that belongs to a checkpoint; where there is none, make it, once.

    With `anew` one that is there is made again.

    Making takes a minute and, for that time, several times the checkpoint's size in memory, in a
    process of its own: this one never imports torch. Raises ModelUnavailable or ModelRefused with
    the reason why there can be none; one that was refused is not tried again.
    """
    place = _place(source, cache)
    if (reason := _refusal(place)) is not None:
        raise _refused(place, reason)
    if (place / MANIFEST).exists() and not anew:
        try:
            return open_packed(place, None)
        except ModelUnavailable as error:
            say(f"The exported model is damaged and is made again: {error}")
    say(f"The model {source.name} is being exported; once, it takes a minute or two.")
    try:
        _export(source, place, anew=anew)
    except ModelRefused as error:
        raise refusal_kept(source, cache, error) from error
    return open_packed(place, None)


def refusal_kept(source: Source, cache: Path, error: ModelRefused) -> ModelRefused:
    """What to raise instead, when there can be no export of this checkpoint that is right.

    The reason is kept beside the exports: it would come out again after a minute of work, for as
    long as all that the export depends on stays the same.
    """
    place = _place(source, cache)
    # A want of memory can look like a refusal, and may be over the next time.
    if said(error) != str(error):
        return error
    file = _refusal_file(place)
    written = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(str(error), encoding="utf-8")
        written.replace(file)
    except OSError:
        # Then it is only tried again.
        return error
    return _refused(place, str(error))


def _refusal(place: Path) -> str | None:
    """Why there can be no export, if that is known."""
    try:
        return _refusal_file(place).read_text(encoding="utf-8")
    except OSError:
        return None


def _refused(place: Path, reason: str) -> ModelRefused:
    return ModelRefused(
        f"{reason} It is not exported again until the model changes; to have it tried all the "
        f"same, remove {_refusal_file(place)}."
    )


def _refusal_file(place: Path) -> Path:
    return place.with_name(f"{place.name}.refused")


def _place(source: Source, cache: Path) -> Path:
    return cache / f"onnx-{_key(source)}"


def _key(source: Source) -> str:
    """What an export depends on: the checkpoint, its configuration, the exporter, the runtime."""
    parts = [source.sha256, str(_FORM), onnxruntime.__version__]
    # What is fetched belongs to the checkpoint, and at first it is not there.
    if not source.fetch:
        parts += [sha256_of(file) for file in _configuration(source.folder)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _configuration(folder: Path) -> Sequence[Path]:
    small = (".json", ".txt", ".model")
    return sorted(file for file in folder.iterdir() if file.suffix in small and file.is_file())


def _export(source: Source, place: Path, *, anew: bool) -> None:
    """Let another process export, and pass on what it says when it cannot."""
    command = [sys.executable, "-m", "moderation.classifier.export", str(source.file.resolve())]
    command += [str(place.resolve()), "--configuration", str(source.folder.resolve())]
    command += ["--name", source.name, "--version", source.version, "--sha256", source.sha256]
    command += [flag for flag, is_set in (("--fetch", source.fetch), ("--anew", anew)) if is_set]
    try:
        done = subprocess.run(  # noqa: S603
            command,
            cwd=_ROOT, env=_environment(), capture_output=True, text=True, timeout=_SECONDS,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelUnavailable(f"The model {source.name} cannot be exported: {error}") from error
    if done.returncode == 0:
        return
    try:
        told = json.loads(done.stdout.splitlines()[-1])
        raise _REASONS[told["error"]](told["reason"])
    except (IndexError, KeyError, ValueError, TypeError):
        raise ModelUnavailable(_crashed(source.name, done)) from None


def _crashed(name: str, done: subprocess.CompletedProcess[str]) -> str:
    last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
    if done.returncode in (-9, 137) or "MemoryError" in last:
        return f"The model {name} cannot be exported: there is not enough memory for it."
    return f"The model {name} cannot be exported (exit {done.returncode}): {last}"


def _environment() -> dict[str, str]:
    """That of this process; waiting threads must not burn a shared processor."""
    quiet = {"OMP_WAIT_POLICY": "passive", "TOKENIZERS_PARALLELISM": "false"}
    return {**quiet, **os.environ}
