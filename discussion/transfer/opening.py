"""What a file is packed in: opens plain, gzip and zip files as one stream of bytes, in bounds.

What is broken off gives what could be read of it. Formats: RFC 1952 (gzip), and PKWARE's APPNOTE
(zip), sections 4.3.7 and 4.3.16.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from discussion.transfer.recognising import formats_of, is_of_parley
from discussion.transfer.records import Flaw
from moderation.errors import Invalid

_GZIP, _ZIP, _EMPTY_ZIP = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
_GZIP_WINDOW = zlib.MAX_WBITS | 16
_OTHERS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"7z\xbc\xaf": "7-Zip",
           b"Rar!": "rar"}  # fmt: skip
# What people write is packed to a fifth; a bomb to a thousandth.
_LARGEST_RATIO, _RATIO_FROM = 200, 64 * 2**20
_LARGEST = 2**40
_PIECE = 2**16
# How much of a file tells what it is.
HEAD = 2**16
# What reading a damaged zip raises; a place before the beginning of the file is an OSError.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error)
_MOST_MEMBERS, _LARGEST_DIRECTORY = 1_000, 2**24


class Stream(Protocol):
    """Bytes from the first to the last."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; none at the end."""


@dataclass
class Export:
    """An opened file: its bytes unpacked, how large it is on the disk, and how far it was read."""

    name: str
    size: int
    source: BinaryIO
    stream: Stream
    head: bytes = b""
    # Where the packing itself is broken; known once the stream is at its end.
    flaws: list[Flaw] = field(default_factory=list)

    def read(self, size: int = _PIECE) -> bytes:
        """Up to so many bytes, at least one before the end."""
        if self.head:
            given, self.head = self.head[:size], self.head[size:]
            return given
        return self.stream.read(size)

    def peek(self, size: int = HEAD) -> bytes:
        """The first bytes, which are read again afterwards."""
        while len(self.head) < size and (more := self.stream.read(size - len(self.head))):
            self.head += more
        return self.head[:size]

    def done(self) -> int:
        """How many bytes of the file on the disk were read so far."""
        return self.source.tell()


@contextmanager
def open_export(path: Path) -> Iterator[Export]:
    """A file, whatever it is packed in.

    Raises Invalid for one that is empty, packed in a way that is not known, encrypted, a bomb, or a
    zip without exactly one file that looks like an export.
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
        if magic.startswith(_GZIP):
            export.stream = _Inflated(export, _GZIP_WINDOW)
        elif magic.startswith((_ZIP, _EMPTY_ZIP)):
            _open_zip(export)
        _open_again(export)
        if not export.peek():
            if export.flaws:
                raise Invalid(f"Nothing can be read of {path.name}: {export.flaws[0].reason}")
            raise Invalid(f"There is nothing in {path.name}.")
        yield export


def _open_again(export: Export) -> None:
    """What was packed twice: browsers and file managers pack what comes packed from the source."""
    if export.stream is not export.source and export.peek(len(_GZIP)).startswith(_GZIP):
        packed = _Rejoined(export.head, export.stream)
        export.head = b""
        export.stream = _Inflated(export, _GZIP_WINDOW, packed=packed)


class _Rejoined:
    """A stream with the bytes that were read of it already."""

    def __init__(self, head: bytes, rest: Stream) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes."""
        given, self._head = self._head[:size], self._head[size:]
        return given or self._rest.read(size)


class _Inflated:
    """Unpacks as it is read; stops where the packing breaks off, and raises Invalid for a bomb."""

    def __init__(
        self, export: Export, window: int, left: int = -1, packed: Stream | None = None
    ) -> None:
        self._export, self._window = export, window
        self._packed = packed or export.source
        self._begun = export.source.tell()
        self._unpacker = zlib.decompressobj(window)
        self._ready = b""
        self._made = 0
        # How many packed bytes belong to it; -1 for all there are.
        self._left = left
        self._is_over = False

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes."""
        while not self._is_over:
            try:
                piece = self._ready or self._more()
                given = self._unpacker.decompress(piece, size)
            except zlib.error as error:
                self._break_off(f"the packed data is damaged ({error})")
                return b""
            self._ready = self._unpacker.unconsumed_tail
            self._count(len(given))
            if self._unpacker.eof:
                self._next_member()
            elif not piece and not given:
                self._break_off("the packed file breaks off")
            if given:
                return given
        return b""

    def _more(self) -> bytes:
        size = _PIECE if self._left < 0 else min(_PIECE, self._left)
        piece = self._packed.read(size) if size else b""
        if self._left > 0:
            self._left -= len(piece)
        return piece

    def _next_member(self) -> None:
        """A gzip file can be several behind each other; what else stands behind it is no matter."""
        rest = self._unpacker.unused_data
        while len(rest) < len(_GZIP) and (more := self._more()):
            rest += more
        is_gzip = self._window > zlib.MAX_WBITS
        self._unpacker, self._ready = zlib.decompressobj(self._window), rest
        self._is_over = not (is_gzip and rest.startswith(_GZIP))

    def _count(self, made: int) -> None:
        self._made += made
        taken = max(self._export.source.tell() - self._begun, 1)
        is_bomb = self._made > _RATIO_FROM and self._made / taken > _LARGEST_RATIO
        if is_bomb or self._made > _LARGEST:
            raise Invalid(
                f"{self._export.name} unpacks to more than {_LARGEST_RATIO} times its size, as no "
                "export does. It was not read. If it is one, unpack it first."
            )

    def _break_off(self, why: str) -> None:
        self._is_over = True
        at = self._export.source.tell()
        self._export.flaws.append(Flaw(f"{self._export.name}, byte {at:,}", f"{why}; read so far."))


class _Member:
    """A member of a zip, with the bound on its size that its directory does not give."""

    def __init__(self, export: Export, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self._export, self._member = export, member
        self._opened = archive.open(member)
        self._begun = export.source.tell()
        self._made = 0

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes."""
        try:
            given = self._opened.read(size)
        except _DAMAGED as error:
            place = f"{self._member.filename} in {self._export.name}"
            self._export.flaws.append(Flaw(place, f"the packed data is damaged: {error}"))
            return b""
        self._made += len(given)
        ratio = self._made / max(self._export.source.tell() - self._begun, 2**16)
        if self._made > _RATIO_FROM and ratio > _LARGEST_RATIO:
            raise Invalid(
                f"{self._member.filename} in {self._export.name} unpacks to more than "
                f"{_LARGEST_RATIO} times its size, as no export does. It was not read."
            )
        return given


def _open_zip(export: Export) -> None:
    """The one member that looks like an export, whatever its name."""
    source = export.source
    directory = _directory_size(source, export.size)
    if directory is None:
        _open_broken_zip(export)
        return
    if directory > _LARGEST_DIRECTORY:
        raise Invalid(f"{export.name} lists too many files. Unpack it and import the right one.")
    try:
        archive = zipfile.ZipFile(source)
    except (*_DAMAGED, NotImplementedError):
        _open_broken_zip(export)
        return
    members = archive.infolist()[:_MOST_MEMBERS]
    looks = [_is_usable(export, archive, one) for one in members]
    usable = [one for one, is_usable in zip(members, looks, strict=True) if is_usable]
    if not usable and None in looks:
        # Its list of members may be what is damaged.
        _open_broken_zip(export)
        return
    if not usable:
        raise Invalid(f"No file in {export.name} looks like an export that can be read.")
    if len(usable) > 1:
        names = ", ".join(one.filename for one in usable[:5])
        raise Invalid(
            f"{export.name} holds {len(usable)} files that look like exports ({names}). "
            "Unpack it and import each by itself."
        )
    for one, is_usable in zip(members, looks, strict=True):
        if is_usable is None:
            place = f"{one.filename} in {export.name}"
            export.flaws.append(
                Flaw(place, "the packed data is damaged; passed over", is_lost=True)
            )
    export.stream = _Member(export, archive, usable[0])


def _is_usable(export: Export, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool | None:
    """Whether it looks like an export; None for one that cannot be read."""
    if member.filename[-1:] in ("", "/") or member.filename.startswith("__MACOSX/"):
        return False
    if member.flag_bits & 1:
        raise Invalid(f"{member.filename} in {export.name} is encrypted. Unpack it first.")
    try:
        with archive.open(member) as opened:
            head = opened.read(HEAD)
        if head.startswith(_GZIP):
            head = zlib.decompressobj(_GZIP_WINDOW).decompress(head, HEAD)
        return bool(formats_of(head)) or is_of_parley(head)
    except NotImplementedError:
        return False
    except _DAMAGED:
        return None


def _directory_size(source: BinaryIO, size: int) -> int | None:
    """How long the list of members is; None where the end of the archive, which tells, is gone."""
    source.seek(max(0, size - 2**16 - 22))
    tail = source.read()
    source.seek(0)
    at = tail.rfind(_EMPTY_ZIP)
    return struct.unpack_from("<I", tail, at + 12)[0] if 0 <= at <= len(tail) - 22 else None


def _open_broken_zip(export: Export) -> None:
    """The first member of an archive that breaks off: its own header stands before it."""
    source = export.source
    source.seek(0)
    header = source.read(30)
    if len(header) < 30:
        raise Invalid(f"{export.name} breaks off before its first file.")
    flags, method = struct.unpack_from("<HH", header, 6)
    packed, _, name, extra = struct.unpack_from("<IIHH", header, 18)
    source.seek(30 + name + extra)
    if flags & 1:
        raise Invalid(f"{export.name} is encrypted. Unpack it first.")
    if method not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Invalid(
            f"{export.name} breaks off, and is packed in an unusual way. Unpack it first."
        )
    export.flaws.append(Flaw(export.name, "the archive is damaged; its first file was read."))
    if method == zipfile.ZIP_STORED:
        export.stream = io.BufferedReader(_Rest(source, packed))
    else:
        export.stream = _Inflated(export, -zlib.MAX_WBITS, packed if packed else -1)


class _Rest(io.RawIOBase):
    """So many bytes of a file from where it stands."""

    def __init__(self, source: BinaryIO, left: int) -> None:
        super().__init__()
        self._source, self._left = source, left

    def readable(self) -> bool:
        """It is only read."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Fill as much as is left."""
        given = self._source.read(min(len(buffer), self._left))
        self._left -= len(given)
        buffer[: len(given)] = given
        return len(given)
