"""The command that exports one checkpoint, in a process of its own, and tells how it went."""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from moderation.classifier.packed import open_packed
from moderation.errors import ModelRefused, ModelUnavailable

_UNFINISHED = "unfinished-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Export; the last line of the output is a JSON object, with an error's kind and words."""
    parser = argparse.ArgumentParser(prog="python -m moderation.classifier.export")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("place", type=Path, help="the folder to make")
    parser.add_argument("--configuration", type=Path, required=True, help="a folder")
    parser.add_argument("--name", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--sha256", required=True, help="of the checkpoint that is meant")
    parser.add_argument("--anew", action="store_true", help="even if there is a whole one")
    parser.add_argument(
        "--fetch", action="store_true", help="get configuration and tokenizer where they lack"
    )
    given = parser.parse_args(arguments)
    try:
        given.place.parent.mkdir(parents=True, exist_ok=True)
        with _alone(given.place.parent):
            if given.anew or not _is_whole(given.place):
                files = _files(given)
                shutil.rmtree(given.place, ignore_errors=True)
                put(files, given.place)
    except (ModelRefused, ModelUnavailable) as error:
        print(json.dumps({"error": type(error).__name__, "reason": str(error)}))  # noqa: T201
        return 1
    print(json.dumps({"place": str(given.place)}))  # noqa: T201
    return 0


def _files(given: argparse.Namespace) -> Mapping[str, bytes]:
    # Here, so that a mistyped argument is answered at once.
    from moderation.classifier.export.packing import pack
    from moderation.classifier.published import keep_configuration
    from moderation.classifier.weights import decode, read_bytes

    data = read_bytes(given.checkpoint)
    # Its hash named the folder, and for a published model it was compared with the pinned one.
    if hashlib.sha256(data).hexdigest() != given.sha256:
        raise ModelUnavailable(f"{given.checkpoint} changed while it was read; it is tried again.")
    checkpoint = decode(data, given.checkpoint)
    if given.fetch and not (given.configuration / "config.json").exists():
        keep_configuration(checkpoint, given.configuration, given.name)
    return pack(checkpoint, given.configuration, given.name, given.version)


def _is_whole(place: Path) -> bool:
    """Whether there is an export already, and nothing of it is damaged."""
    try:
        open_packed(place, None)
    except ModelUnavailable:
        return False
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until no other process exports into this folder, and clear what one left that died."""
    with (folder / "exporting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def put(files: Mapping[str, bytes], place: Path) -> None:
    """Make a folder of these files: whole under its name, or not at all."""
    scratch = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place.parent))
    try:
        for name, data in files.items():
            with (scratch / name).open("wb") as target:
                target.write(data)
                target.flush()
                os.fsync(target.fileno())
        scratch.chmod(0o755)
        scratch.rename(place)
    except OSError as error:
        raise ModelUnavailable(
            f"The exported model cannot be written to {place} ({error.strerror}). "
            "It needs room and a folder that can be written."
        ) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
