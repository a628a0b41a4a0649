"""What is wrong with XML around its records: stray tags, missing ends, prefixes nobody declared."""

from __future__ import annotations

import re

from discussion.transfer.records import Flaw, Told
from discussion.transfer.xml_cutting import Piece

_TAGS = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>|<(/?)([\w:-]+)(?:\s[^>]*?)?(/?)>", re.DOTALL
)
_DECLARED = re.compile(rb"\bxmlns:([\w-]+)\s*=")
_PREFIXED = re.compile(rb"[<\s]([\w-]+):[\w-]+[\s=>/]")
_MOST_OPEN = 100


class Outline:
    """Follows what stands between the records of one file."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._open: list[bytes] = []
        self._declared: set[bytes] = set()
        self._is_begun = self._has_record = False
        self._last = "line 1, byte 1"

    def look(self, piece: Piece) -> None:
        """The next piece; of records only the first one's prefix is looked at."""
        if not self._is_begun:
            self._look_before(piece.data)
        if piece.name and piece.data.count(b">") > 1:
            self._look_at_prefix(piece)
            return
        self._declared.update(_DECLARED.findall(piece.data))
        for tag in _TAGS.finditer(piece.data):
            if tag[2] is None or tag[3]:
                continue
            self._last = _place(piece, tag.start())
            if not tag[1]:
                self._open[_MOST_OPEN:] = [tag[2]]
            elif tag[2] in self._open:
                self._close(tag[2])
            else:
                name = tag[2].decode()
                self._told(Flaw(self._last, f"</{name}> ends what did not begin; passed over."))

    def _look_before(self, data: bytes) -> None:
        self._is_begun = True
        before = data.removeprefix(b"\xef\xbb\xbf").partition(b"<")[0].strip()
        if before:
            self._told(Flaw(self._last, "something stands before the first tag; passed over."))

    def _look_at_prefix(self, piece: Piece) -> None:
        if self._has_record:
            return
        self._has_record = True
        for prefix in dict.fromkeys(_PREFIXED.findall(piece.data[:1_000])):
            if prefix not in self._declared and prefix != b"xml" and b"<" + prefix in piece.data:
                name = prefix.decode()
                self._told(Flaw(piece.place(), f"the prefix {name}: is not declared; read anyway."))

    def _close(self, name: bytes) -> None:
        while (inner := self._open.pop()) != name:
            ends = f"<{inner.decode()}> does not end before </{name.decode()}>; read on."
            self._told(Flaw(self._last, ends))

    def end(self) -> None:
        """The file is over."""
        for name in reversed(self._open[:3]):
            self._told(Flaw(self._last, f"the file ends before </{name.decode()}>."))


def _place(piece: Piece, at: int) -> str:
    line = piece.line + piece.data.count(b"\n", 0, at)
    return f"line {line}, byte {piece.byte + at:,}"
