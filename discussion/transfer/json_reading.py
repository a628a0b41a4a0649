"""Reads JSON that can be larger than the memory: line by line, or the members of its arrays one by
one; passes over what is broken and goes on behind it where that is safe."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from discussion.transfer.opening import Export
from discussion.transfer.records import Flaw, Told

# Nothing that a person wrote is longer; it bounds what is held in memory.
_LARGEST = 2**25
_PIECE = 2**18
_BLANK = " \t\r\n"
# Where the next object of an array begins, behind a broken one.
_NEXT_OBJECT = re.compile(r"\}\s*,\s*(?=\{)")
_DECODER = json.JSONDecoder(strict=False)


def lines(export: Export, told: Told) -> Iterator[tuple[int, Any]]:
    """The values of a file with one on each line, with the numbers of the lines (from 1)."""
    number, rest = 0, ""
    for text in _texts(export):
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            number += 1
            yield from _line(line, number, told)
        if len(rest) > _LARGEST:
            number += 1
            told(Flaw(f"line {number}", "the line is longer than 32 MB", is_lost=True))
            rest = ""
    yield from _line(rest, number + 1, told)


def _line(line: str, number: int, told: Told) -> Iterator[tuple[int, Any]]:
    line = line.strip(" \t\r\ufeff\x00")
    if not line:
        return
    try:
        yield number, _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        place = f"line {number}"
        if isinstance(error, json.JSONDecodeError):
            place += f", column {error.colno}"
        told(Flaw(place, f"no JSON: {_why(error)}", is_lost=True))


def members(export: Export, told: Told) -> Iterator[tuple[str, Any]]:
    """The members of an object, and of a member that is an array each element, under its name.

    Of a file that is an array: its elements, without a name.
    """
    reader = _Reader(export, told)
    begin = reader.next_sign()
    if begin == "[":
        yield from (("", value) for value in reader.elements())
    elif begin == "{":
        yield from reader.object_members()
    else:
        told(Flaw("line 1", "this is no JSON", is_lost=True))


def _texts(export: Export) -> Iterator[str]:
    head = export.peek()
    is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if is_wide else "utf-8-sig")("replace")
    while data := export.read(_PIECE):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg[:1].lower() + error.msg[1:]
    return "it is nested too deeply" if isinstance(error, RecursionError) else "it cannot be read"


class _Reader:
    """A window on the text, moved on as values are taken from it."""

    def __init__(self, export: Export, told: Told) -> None:
        self._texts = _texts(export)
        self._told = told
        self._text = ""
        self._at = 0
        self._line = 1
        self._dropped = 0
        self._is_over = False

    def next_sign(self) -> str:
        """The next character that is not blank, taken; "" at the end."""
        sign = self._look()
        self._at += len(sign)
        return sign

    def _look(self) -> str:
        while True:
            while self._at < len(self._text) and self._text[self._at] in _BLANK:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read on; drops what was taken already."""
        if self._is_over:
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._dropped += self._at
        # What is read doubles with what waits, so that a large value is not begun too often.
        parts, wanted = [self._text[self._at :]], max(1, len(self._text) - self._at)
        while wanted > 0:
            text = next(self._texts, None)
            if text is None:
                self._is_over = True
                break
            parts.append(text)
            wanted -= len(text)
        self._text, self._at = "".join(parts), 0
        return True

    def _place(self, at: int) -> str:
        line = self._line + self._text.count("\n", 0, at)
        return f"line {line}, character {self._dropped + at + 1:,}"

    def object_members(self) -> Iterator[tuple[str, Any]]:
        """The members of an object whose brace is taken."""
        while (sign := self._look()) == '"':
            name = self._value()
            if name is _BROKEN:
                return
            if self.next_sign() != ":":
                break
            if self._look() == "[":
                self._at += 1
                yield from ((name, value) for value in self.elements())
            else:
                value = self._value()
                if value is _BROKEN:
                    return
                yield name, value
            if self._look() == ",":
                self._at += 1
        if sign != "}":
            reason = "the file ends here" if not sign else "this is no JSON; not read any further"
            self._told(Flaw(self._place(self._at), f"{reason}."))

    def elements(self) -> Iterator[Any]:
        """The elements of an array whose bracket is taken."""
        while (sign := self._look()) not in ("]", ""):
            if sign == ",":
                self._at += 1
                continue
            value = self._value()
            if value is not _BROKEN:
                yield value
            elif not self._go_on():
                return
        self._at += len(sign)
        if not sign:
            self._told(Flaw(self._place(self._at), "the file ends within an array."))

    def _value(self) -> Any:
        """The value at hand; _BROKEN, with a flaw told, if it cannot be read."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                is_cut = error.pos >= len(self._text) - 16 or error.msg.startswith("Unterminated")
                if is_cut and len(self._text) - self._at < _LARGEST and self._more():
                    continue
                self._told(Flaw(self._place(error.pos), f"no JSON: {_why(error)}.", is_lost=True))
                self._at = error.pos
                return _BROKEN
            except RecursionError as error:
                self._told(Flaw(self._place(self._at), f"no JSON: {_why(error)}.", is_lost=True))
                return _BROKEN
            # A number could go on in what was not read yet.
            if end == len(self._text) and not self._is_over and isinstance(value, (int, float)):
                self._more()
                continue
            self._at = end
            return value

    def _go_on(self) -> bool:
        """To the next object of an array, behind a broken one; False if there is none."""
        if self._text[self._at : self._at + 1] == "{":
            return True
        while True:
            found = _NEXT_OBJECT.search(self._text, self._at)
            if found:
                self._at = found.end()
                return True
            self._at = max(self._at, len(self._text) - 64)
            if not self._more():
                return False


_BROKEN = object()
