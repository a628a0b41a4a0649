"""Reads JSON that can be larger than the memory: line by line, or the members of its arrays one by
one; passes over what is broken and goes on behind it where that is safe."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from discussion.transfer.recognising import text_of, wide_encoding
from discussion.transfer.records import Flaw, Told
from discussion.transfer.unpacking import Export

# Nothing that a person wrote is longer; it bounds what is held in memory.
_LARGEST = 2**25
_PIECE = 2**18
_BLANK = " \t\r\n"
# Where the next object of an array begins behind a broken one, or that array ends and another
# member begins; where one begins at all; and the next member that is an array.
_NEXT_OBJECT = re.compile(r'\}\s*,\s*(?=\{)|(?=\]\s*,\s*"\w+"\s*:)')
_NEXT_VALUE = re.compile(r"\}[\s,]*(?=\{)")
_NEXT_ARRAY = re.compile(r'\b(\w{1,40})"\s*:\s*\[')
# Of many that begin and are none only the last can be one.
_BEGINNINGS = re.compile(r"[{\[\s]*(?=\{)")
_BETWEEN = re.compile(r"[\s,\x00]*")
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
    at = 0
    # More than one stands on a line where its end was lost.
    while at < len(line):
        try:
            value, at = _DECODER.raw_decode(line, at)
        except (ValueError, RecursionError) as error:
            place = f"line {number}"
            if isinstance(error, json.JSONDecodeError):
                place += f", column {error.colno}"
            told(Flaw(place, f"no JSON: {_why(error)}", is_lost=True))
            return
        yield number, value
        behind = _BETWEEN.match(line, at)
        at = behind.end() if behind else len(line)


def values(export: Export, told: Told) -> Iterator[tuple[int, Any]]:
    """The values of a file that stand behind each other, one on each line or however, with the
    numbers of the lines (from 1) that they begin on. Of a file that is an array: its elements."""
    if _is_in_lines(export):
        yield from lines(export, told)
        return
    reader = _Reader(export, told)
    if reader.look() == "[":
        reader.next_sign()
    while sign := reader.look():
        if sign in ",]":
            reader.next_sign()
            continue
        number = reader.line()
        value = reader.value()
        if value is not _BROKEN:
            yield number, value
        elif not reader.go_on(_NEXT_VALUE):
            return


def _is_in_lines(export: Export) -> bool:
    """Whether the first line that is not blank holds a whole value, or more than one. If it does
    not end within what can be looked at, only reading on can tell."""
    text = text_of(export.peek()).lstrip(f"{_BLANK}\ufeff\x00")
    first, end, _ = text.partition("\n")
    try:
        value, _ = _DECODER.raw_decode(first)
    except (ValueError, RecursionError):
        # One that is broken by itself, and stands before others that are not.
        return bool(end) and first.rstrip().endswith("}") and not first.startswith("[")
    return bool(end) and not isinstance(value, list)


def members(export: Export, told: Told) -> Iterator[tuple[str, Any]]:
    """The members of an object, and of a member that is an array each element, under its name.

    Of a file that is an array: its elements, without a name.
    """
    reader = _Reader(export, told)
    begin = reader.look()
    if begin in ("[", "{"):
        reader.next_sign()
    else:
        told(Flaw("line 1", "this is no JSON", is_lost=True))
    if begin == "[":
        yield from (("", value) for value in reader.elements())
    else:
        yield from reader.object_members()


def _texts(export: Export) -> Iterator[str]:
    head = export.peek()
    decoder = codecs.getincrementaldecoder(wide_encoding(head) or "utf-8-sig")("replace")
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
        # The number of the line (from 1) at a place in the window.
        self._line, self._counted = 1, 0
        self._dropped = 0
        self._is_over = False

    def next_sign(self) -> str:
        """The next character that is not blank, taken; "" at the end."""
        sign = self.look()
        self._at += len(sign)
        return sign

    def line(self) -> int:
        """The number of the line at hand, from 1."""
        self._line = self._line_at(self._at)
        self._counted = self._at
        return self._line

    def _line_at(self, at: int) -> int:
        """Counted from where it was known last, or a large window is counted again and again."""
        if at < self._counted:
            return self._line - self._text.count("\n", at, self._counted)
        return self._line + self._text.count("\n", self._counted, at)

    def look(self) -> str:
        """The next character that is not blank, not taken yet; "" at the end."""
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
        self.line()
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
        self._text, self._at, self._counted = "".join(parts), 0, 0
        return True

    def _place(self, at: int) -> str:
        return f"line {self._line_at(at)}, character {self._dropped + at + 1:,}"

    def object_members(self) -> Iterator[tuple[str, Any]]:
        """The members of an object whose brace is taken; behind what is broken, on with the next
        one that is an array."""
        name = ""
        while sign := self.look():
            if sign == ",":
                self._at += 1
                continue
            if sign == '"' and (name := self._name()):
                if self.look() != "[":
                    value = self.value()
                    if value is not _BROKEN:
                        yield name, value
                        continue
                    name = self._next_array()
                else:
                    self._at += 1
            elif sign != "{" or not name:
                # Behind the end of the object nothing has to follow.
                name = self._next_array(is_told=sign != "}")
            if not name:
                return
            # Where its bracket was lost its elements stand here as well.
            yield from self._named(name)
        self._told(Flaw(self._place(self._at), "the file ends here."))

    def _named(self, name: str) -> Iterator[tuple[str, Any]]:
        return ((name, value) for value in self.elements())

    def _name(self) -> str:
        """The name of a member, with the colon behind it; "" for one that cannot be read."""
        name = self.value()
        if not isinstance(name, str) or self.look() != ":":
            return ""
        self._at += 1
        return name

    def _next_array(self, *, is_told: bool = True) -> str:
        """The name of the next member that is an array, whose bracket is taken; "" for none."""
        place = self._place(self._at)
        while not (found := _NEXT_ARRAY.search(self._text, self._at)):
            self._at = max(self._at, len(self._text) - 64)
            if not self._more():
                break
        if is_told or found:
            rest = "read on behind it" if found else "not read any further"
            self._told(Flaw(place, f"this is no JSON; {rest}."))
        self._at = found.end() if found else self._at
        return found[1] if found else ""

    def elements(self) -> Iterator[Any]:
        """The elements of an array whose bracket is taken."""
        while (sign := self.look()) not in ("]", ""):
            if sign == ",":
                self._at += 1
                continue
            value = self.value()
            if value is not _BROKEN:
                yield value
            elif not self.go_on():
                return
        self._at += len(sign)
        if not sign:
            self._told(Flaw(self._place(self._at), "the file ends within an array."))

    def value(self) -> Any:
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
                # Beyond its own brace, or it would be begun for ever.
                self._at += 1
                return _BROKEN
            # A number could go on in what was not read yet.
            if end == len(self._text) and not self._is_over and isinstance(value, (int, float)):
                self._more()
                continue
            self._at = end
            return value

    def go_on(self, begin: re.Pattern[str] = _NEXT_OBJECT) -> bool:
        """To the next object behind a broken one; False if there is none."""
        if begun := _BEGINNINGS.match(self._text, self._at):
            self._at = begun.end()
            return True
        while True:
            found = begin.search(self._text, self._at)
            if found:
                self._at = found.end()
                return True
            self._at = max(self._at, len(self._text) - 64)
            if not self._more():
                return False


_BROKEN = object()
