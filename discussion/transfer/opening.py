"""What a file is packed in: opens plain, gzip and zip files as one stream of bytes, in bounds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from discussion.transfer.unpacking import GZIP, GZIP_WINDOW, Export, Inflated, Rejoined
from discussion.transfer.zipped import EMPTY_ZIP, WHOLE, ZIP, open_zip
from moderation.errors import Invalid

_OTHERS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"7z\xbc\xaf": "7-Zip",
           b"Rar!": "rar"}  # fmt: skip


@contextmanager
def open_parts(path: Path) -> Iterator[Iterator[Export]]:
    """The export in a file, or the parts of it, each opened when the one before has been read.

    WordPress.com cuts the export of a large blog and packs the pieces into one zip. Raises Invalid
    as `open_export` does.
    """
    with open_export(path, part=0) as first:
        yield _with_further(path, first)


def _with_further(path: Path, first: Export) -> Iterator[Export]:
    yield first
    for part in range(1, first.parts):
        with open_export(path, part) as further:
            yield further


@contextmanager
def open_export(path: Path, part: int = WHOLE) -> Iterator[Export]:
    """A file, whatever it is packed in; of one that holds several parts, only one of these.

    Raises Invalid for one that is empty, packed in a way that is not known, encrypted, a bomb, or a
    zip without exactly one file that looks like an export, parts of one aside.
    """
    size = path.stat().st_size
    with path.open("rb") as source:
        magic = source.read(8)
        source.seek(0)
        if not magic:
            raise Invalid(f"{path.name} is empty.")
        for begin, packing in _OTHERS.items():
            if magic.startswith(begin):
                raise Invalid(f"{path.name} is packed with {packing}. Unpack it first.")
        export = Export(path.name, size, source, source)
        if magic.startswith(GZIP):
            export.stream = Inflated(export, GZIP_WINDOW)
        elif magic.startswith((ZIP, EMPTY_ZIP)):
            open_zip(export, part)
        _open_again(export)
        if not export.peek():
            if export.flaws:
                raise Invalid(f"Nothing can be read of {path.name}: {export.flaws[0].reason}")
            raise Invalid(f"There is nothing in {path.name}.")
        yield export


def _open_again(export: Export) -> None:
    """What was packed twice: browsers and file managers pack what comes packed from the source."""
    if export.stream is not export.source and export.peek(len(GZIP)).startswith(GZIP):
        packed = Rejoined(export.head, export.stream)
        export.head = b""
        export.stream = Inflated(export, GZIP_WINDOW, packed=packed)
