"""A zip: the export in it, or one part of an export that came in several.

What is broken off gives what could be read of it. Format: PKWARE's APPNOTE, sections 4.3.7 and
4.3.16.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import BinaryIO

from discussion.transfer.recognising import formats_of, is_of_parley
from discussion.transfer.records import Flaw
from discussion.transfer.unpacking import (
    GZIP,
    GZIP_WINDOW,
    HEAD,
    LARGEST_RATIO,
    RATIO_FROM,
    Export,
    Inflated,
)
from moderation.errors import Invalid

ZIP, EMPTY_ZIP = b"PK\x03\x04", b"PK\x05\x06"
# In place of the number of a part: there is to be only one export.
WHOLE = -1
# The system whose exports come in parts.
_IN_PARTS = "wordpress"
# What reading a damaged zip raises; a place before the beginning of the file is an OSError.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error)
_MOST_MEMBERS, _LARGEST_DIRECTORY = 1_000, 2**24


class _Member:
    """A member of a zip, with the bound on its size that its directory does not give."""

    def __init__(self, export: Export, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self._export, self._name = export, f"{member.filename} in {export.name}"
        self._opened = archive.open(member)
        self._begun = export.source.tell()
        self._made = 0

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes."""
        try:
            given = self._opened.read(size)
        except _DAMAGED as error:
            self._export.flaws.append(Flaw(self._name, f"the packed data is damaged: {error}"))
            return b""
        self._made += len(given)
        ratio = self._made / max(self._export.source.tell() - self._begun, 2**16)
        if self._made > RATIO_FROM and ratio > LARGEST_RATIO:
            raise Invalid(
                f"{self._name} unpacks to more than {LARGEST_RATIO} times its size, as no export "
                "does. It was not read."
            )
        return given


def open_zip(export: Export, part: int) -> None:
    """The one member that looks like an export, whatever its name, or one part of several."""
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
    looks = [(one, _look(export, archive, one)) for one in members]
    usable = [(one, look) for one, look in looks if look]
    damaged = [one for one, look in looks if look is None]
    if not usable and damaged:
        # Its list of members may be what is damaged.
        _open_broken_zip(export)
        return
    if not usable:
        raise Invalid(f"No file in {export.name} looks like an export that can be read.")
    if part <= 0:
        for one in damaged:
            place, why = f"{one.filename} in {export.name}", "the packed data is damaged"
            export.flaws.append(Flaw(place, f"{why}; passed over", is_lost=True))
    if len(usable) == 1:
        export.stream = _Member(export, archive, usable[0][0])
        return
    _check_parts(export, usable, part)
    chosen = sorted((one for one, _ in usable), key=lambda one: one.filename)[part]
    export.stream, export.parts = _Member(export, archive, chosen), len(usable)
    export.name = f"{chosen.filename} in {export.name}"


def _check_parts(export: Export, found: list[tuple[zipfile.ZipInfo, str]], part: int) -> None:
    """Raises Invalid for several exports that are not the parts of one, or are not asked for."""
    if part == WHOLE or any(look != _IN_PARTS for _, look in found):
        names = ", ".join(one.filename for one, _ in found[:5])
        raise Invalid(
            f"{export.name} holds {len(found)} files that look like exports ({names}). "
            "Unpack it and import each by itself."
        )


def _look(export: Export, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str | None:
    """What it looks like an export of, "" for none; None for one that cannot be read."""
    if member.filename[-1:] in ("", "/") or member.filename.startswith("__MACOSX/"):
        return ""
    if member.flag_bits & 1:
        raise Invalid(f"{member.filename} in {export.name} is encrypted. Unpack it first.")
    try:
        with archive.open(member) as opened:
            head = opened.read(HEAD)
        if head.startswith(GZIP):
            head = zlib.decompressobj(GZIP_WINDOW).decompress(head, HEAD)
        return "parley" if is_of_parley(head) else next(iter(formats_of(head)), "")
    except NotImplementedError:
        return ""
    except _DAMAGED:
        return None


def _directory_size(source: BinaryIO, size: int) -> int | None:
    """How long the list of members is; None where the end of the archive, which tells, is gone."""
    source.seek(max(0, size - 2**16 - 22))
    tail = source.read()
    source.seek(0)
    at = tail.rfind(EMPTY_ZIP)
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
        export.stream = Inflated(export, -zlib.MAX_WBITS, packed if packed else -1)


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
