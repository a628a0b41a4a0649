"""Cuts a stream of XML into the pieces that hold its records, whatever else is wrong with it.

A parser stops for good at the first fault, and with it loses all that comes after. So the records
are found by their tags, outside of CDATA and comments, and each is parsed by itself.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from discussion.transfer.recognising import wide_encoding
from discussion.transfer.records import Flaw, Told
from discussion.transfer.unpacking import Export
from moderation.errors import Invalid

# Nothing that a person wrote is longer; it bounds what is held in memory.
LARGEST_RECORD = 2**24
# How many records are parsed together, and from which size on none waits for another.
TOGETHER, LARGE = 100, 2**20
_PIECE = 2**18
_DECLARED = re.compile(rb"""^\s*[^<]{0,8}<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']""")
_UTF8 = {"utf-8", "utf8", "us-ascii", "ascii"}
_LONGEST_TAG = 4_096


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes (UTF-8) and where they begin in the file, counted from 1.

    `name` is the record's element; "" for what stands between records.
    """

    name: str
    data: bytes
    byte: int
    line: int

    def place(self, line: int = 0, column: int = 0) -> str:
        """Where it is, or a line (from 1) and a column (from 0) in it."""
        if line > 1:
            return f"line {self.line + line - 1}, column {column + 1}"
        return f"line {self.line}, byte {self.byte + column:,}"


def cut(
    export: Export, names: Sequence[str], told: Told, marks: Sequence[str] = ()
) -> Iterator[Piece]:
    """The records with these elements, the tags of `marks` alone, and as pieces without a name what
    stands between them, in the file's order.

    Raises Invalid for a file that declares entities, which can grow without bound.
    """
    cutter = _Cutter(names, marks, told)
    for data in _as_utf8(export, told):
        yield from cutter.feed(data)
    yield from cutter.end()


def _as_utf8(export: Export, told: Told) -> Iterator[bytes]:
    """The file in UTF-8, from whatever it says that it is in."""
    head = export.peek()
    declared = _DECLARED.match(head)
    named = declared[1].decode("ascii").lower() if declared else "utf-8"
    named = "utf-8" if head.startswith(codecs.BOM_UTF8) else wide_encoding(head) or named
    if named in _UTF8:
        while data := export.read(_PIECE):
            yield data
        return
    try:
        decoder = codecs.getincrementaldecoder(named)("replace")
    except LookupError:
        told(Flaw("line 1", f"the encoding {named} is not known; read as UTF-8."))
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while data := export.read(_PIECE):
        yield decoder.decode(data).encode()
    yield decoder.decode(b"", final=True).encode()


class _Cutter:
    def __init__(self, names: Sequence[str], marks: Sequence[str], told: Told) -> None:
        # With any prefix: which one a file takes is its own affair.
        self._begin = re.compile(
            rb"<!\[CDATA\[|<!--|<!(?i:doctype|entity)\b"
            rb"|<(?:[\w-]++:)?(?P<name>%b)(?P<rest>(?:[\s/][^<>]*+)?)>"
            % "|".join([*names, *marks]).encode()
        )
        self._inner = {
            name: re.compile(
                rb"<!\[CDATA\[|<!--|<(?P<end>/?)(?:[\w-]++:)?(?P<name>%b)(?=[\s>/])[^<>]*+>"
                % name.encode()
            )
            for name in names
        }
        self._marks = frozenset(marks)
        self._told = told
        # One that grows and shrinks in place: a large record comes in many parts.
        self._data = bytearray()
        # Where in it the next piece begins, and how far it was looked through.
        self._at, self._seen = 0, 0
        # Where that is in the file.
        self._byte, self._line = 1, 1
        # The element of the record that is open.
        self._name = ""
        self._is_whole = False

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Some more of the file."""
        del self._data[: self._at]
        self._data += data
        self._seen, self._at = self._seen - self._at, 0
        yield from self._go()

    def end(self) -> Iterator[Piece]:
        """There is no more."""
        self._is_whole = True
        yield from self._go()
        if self._name:
            self._told(Flaw(self._here(), f"the file ends within this <{self._name}>."))
        if self._at < len(self._data):
            yield self._take(len(self._data), self._name)

    def _here(self) -> str:
        return f"line {self._line}, byte {self._byte:,}"

    def _left(self) -> int:
        return len(self._data) - self._at

    def _go(self) -> Iterator[Piece]:
        while True:
            pieces = self._within() if self._name else self._between()
            if pieces is None:
                return
            yield from pieces

    def _between(self) -> list[Piece] | None:
        """On to where the next record begins; None where more has to be read first."""
        found = self._begin.search(self._data, self._seen)
        if found is None:
            # A tag can be cut by the end of what was read so far.
            self._seen = max(self._seen, len(self._data) - _LONGEST_TAG)
            # Between two tags, for whoever reads what stands between the records.
            close = self._data.rfind(b">", self._at, self._seen) + 1
            close = self._seen if not close and self._left() > LARGEST_RECORD else close
            return [self._take(close, "")] if close - self._at > _PIECE else None
        sign = bytes(found[0])
        if sign.startswith((b"<![", b"<!-")):
            return self._pass_over(found.start(), sign)
        if sign.startswith(b"<!"):
            return self._pass_doctype(found.start())
        pieces = self._skip(found.start())
        name = found["name"].decode()
        if name in self._marks or found["rest"].rstrip().endswith(b"/"):
            return [*pieces, self._take(found.end(), name)]
        self._name, self._seen = name, found.end()
        return pieces

    def _skip(self, to: int) -> list[Piece]:
        """What stands before a record: nothing, where that is blanks alone."""
        if not self._data[self._at : to].strip():
            self._byte += to - self._at
            self._line += self._data.count(b"\n", self._at, to)
            self._at = to
            return []
        return [self._take(to, "")]

    def _pass_doctype(self, at: int) -> list[Piece] | None:
        close = self._data.find(b">", at)
        if close < 0 and not self._is_whole and self._left() < LARGEST_RECORD:
            self._seen = at
            return None
        close = close if close >= 0 else len(self._data)
        if b"[" in self._data[at:close] or self._data[at + 2 : at + 8].lower() == b"entity":
            raise Invalid(
                "The file declares entities of its own, as no export does and as files do that are "
                "made to fill a memory. It was not read."
            )
        self._seen = close
        return []

    def _pass_over(self, at: int, sign: bytes) -> list[Piece] | None:
        """Beyond a CDATA section or a comment, in which tags are none."""
        end = b"]]>" if sign.startswith(b"<![") else b"-->"
        close = self._data.find(end, at + len(sign))
        if close >= 0:
            self._seen = close + len(end)
            return []
        if not self._is_whole and self._left() < LARGEST_RECORD:
            self._seen = at
            return None
        line = self._line + self._data.count(b"\n", self._at, at)
        what = "a CDATA section" if end == b"]]>" else "a comment"
        self._told(Flaw(f"line {line}", f"{what} does not end; what stands in it was read anyway."))
        self._seen = at + len(sign)
        return []

    def _within(self) -> list[Piece] | None:
        """On to where the open record ends; None where more has to be read first."""
        name = self._name
        found = self._inner[name].search(self._data, self._seen)
        if found is None:
            return self._give_up_large()
        if found["name"] is None:
            return self._pass_over(found.start(), bytes(found[0]))
        self._name = ""
        if found["end"]:
            return [self._take(found.end(), name)]
        # It begins again before it has ended.
        self._told(Flaw(self._here(), f"this <{name}> does not end before the next one begins."))
        return [self._take(found.start(), name)]

    def _give_up_large(self) -> list[Piece] | None:
        if self._left() <= LARGEST_RECORD:
            self._seen = max(self._seen, len(self._data) - _LONGEST_TAG)
            return None
        self._told(Flaw(self._here(), f"this <{self._name}> is larger than 16 MB.", is_lost=True))
        self._name = ""
        self._take(len(self._data), "")
        return []

    def _take(self, end: int, name: str) -> Piece:
        piece = Piece(name, bytes(self._data[self._at : end]), self._byte, self._line)
        self._byte += end - self._at
        self._line += piece.data.count(b"\n")
        self._at, self._seen = end, end
        return piece
