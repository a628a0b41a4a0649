"""An opened file as a stream of bytes, and what unpacks one while it is read, in bounds.

What is broken off gives what could be read of it. Format: RFC 1952 (gzip).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from discussion.transfer.records import Flaw
from moderation.errors import Invalid

GZIP, GZIP_WINDOW = b"\x1f\x8b", zlib.MAX_WBITS | 16
# What people write is packed to a fifth; a bomb to a thousandth.
LARGEST_RATIO, RATIO_FROM = 200, 64 * 2**20
_LARGEST = 2**40
_PIECE = 2**16
# How much of a file tells what it is.
HEAD = 2**16


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
    # How many exports the file holds that are parts of one.
    parts: int = 1

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


class Rejoined:
    """A stream with the bytes that were read of it already."""

    def __init__(self, head: bytes, rest: Stream) -> None:
        self._head, self._rest = head, rest

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes."""
        given, self._head = self._head[:size], self._head[size:]
        return given or self._rest.read(size)


class Inflated:
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
        while len(rest) < len(GZIP) and (more := self._more()):
            rest += more
        is_gzip = self._window > zlib.MAX_WBITS
        self._unpacker, self._ready = zlib.decompressobj(self._window), rest
        self._is_over = not (is_gzip and rest.startswith(GZIP))

    def _count(self, made: int) -> None:
        self._made += made
        taken = max(self._export.source.tell() - self._begun, 1)
        is_bomb = self._made > RATIO_FROM and self._made / taken > LARGEST_RATIO
        if is_bomb or self._made > _LARGEST:
            raise Invalid(
                f"{self._export.name} unpacks to more than {LARGEST_RATIO} times its size, as no "
                "export does. It was not read. If it is one, unpack it first."
            )

    def _break_off(self, why: str) -> None:
        self._is_over = True
        at = self._export.source.tell()
        self._export.flaws.append(Flaw(f"{self._export.name}, byte {at:,}", f"{why}; read so far."))
