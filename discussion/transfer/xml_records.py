"""The text in the elements of a record of XML, by path; mends what can be mended, entities never.

A record is parsed without namespaces: what counts is the element's own name, whichever prefix and
address a file gives its vocabulary. No document type ever reaches the parser, so there is nothing
that could grow.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Sequence
from functools import lru_cache
from xml.etree.ElementTree import Element, ParseError, XMLParser
from xml.parsers import expat

from discussion.transfer.records import Flaw, Told
from discussion.transfer.xml_cutting import Piece

Fields = dict[str, str]

_PREFIX = re.compile(rb"[<\s]/?([\w-]+):[\w-]+")
_OPEN, _CLOSE = b"<_>", b"</_>"
_UNQUOTED = re.compile(
    rb"""(<[\w:-]+(?:\s+[\w:-]+=(?:"[^"<]*"|'[^'<]*'))*\s+[\w:-]+=)([^\s"'<>]+?)(?=\s|/?>)"""
)
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
# The words of a comment, in which HTML can stand that nobody escaped.
_WORDS_BEGIN = re.compile(rb"<((?:[\w-]++:)?(?:message|comment_content))(?:\s[^<>/]*)?>")
_TAGS_IN_WORDS = re.compile(_WORDS_BEGIN.pattern + rb"[^<]*<(?![/!])")
# In its place while the elements around it are looked for; no XML has these signs.
_KEPT = re.compile(rb"\x01(\d+)\x02")
_BARE_AND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_NAMED = re.compile(rb"&([a-zA-Z][a-zA-Z0-9]*);")
_NUMBERED = re.compile(rb"&#(?:x([0-9a-fA-F]+)|(\d+));")
_BARE_LESS = re.compile(rb"<(?![\w/!?])")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class _Fault(Exception):
    """Where in a piece (line from 1, column from 0), and why it cannot be parsed."""

    def __init__(self, line: int, column: int, why: str) -> None:
        super().__init__(why)
        self.line, self.column, self.why = line, column, why


def all_fields(pieces: Sequence[Piece], told: Told) -> list[Fields | None]:
    """The fields of some records, each as `fields_of` answers. Parsed together, which takes a third
    of the time; if anything is wrong with any of them, each is parsed by itself."""
    data = b"".join(piece.data for piece in pieces)
    # The first one most likely has all the prefixes that there are.
    for looked_at in (pieces[0].data, data) if pieces else ():
        found = _parsed_together(pieces, data, set(_PREFIX.findall(looked_at)))
        if found is not None:
            return found
    return [fields_of(piece, told) for piece in pieces]


def _parsed_together(
    pieces: Sequence[Piece], data: bytes, used: set[bytes]
) -> list[Fields | None] | None:
    if _TAGS_IN_WORDS.search(data):
        return None
    # What prefixes stand for is no matter, but this parser wants them declared.
    prefixes = b"".join(b' xmlns:%b="_"' % one for one in sorted(used))
    parser = XMLParser()  # noqa: S314 (it sees no document type, and so no entities)
    try:
        parser.feed(b"<_%b>%b</_>" % (prefixes, data))
        root = parser.close()
    except ParseError:
        return None
    # Two broken records can look like a whole one.
    names = [_local(one.tag) for one in root]
    if names != [piece.name for piece in pieces]:
        return None
    return [_taken(one) for one in root]


def _taken(record: Element) -> Fields | None:
    fields: Fields = {}
    _take(record, "", fields)
    return fields


def _take(element: Element, path: str, fields: Fields) -> None:
    # `attrib` would make an empty dictionary for each of the many elements that have none.
    for key, value in element.items():
        fields.setdefault(f"{path}@{_local(key)}", value)
    for one in element:
        name = _below(path, one.tag)
        if len(one) or one.keys():
            _take(one, name, fields)
        # As of an element read by itself: what stands behind its inner ones.
        text = one[-1].tail if len(one) else one.text
        if text and not fields.get(name):
            fields[name] = text.strip()
        else:
            fields.setdefault(name, "")


@lru_cache(maxsize=1_000)
def _below(path: str, tag: str) -> str:
    """The path of an element in the one of this path."""
    return f"{path}/{_local(tag)}" if path else _local(tag)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def fields_of(piece: Piece, told: Told) -> Fields | None:
    """The texts of a record: `author/name` for an element below the record's own, `thread@id` for
    an attribute, the record's own as `@id`. Of several alike the first that is not empty counts.

    None if it cannot be parsed even when mended; `told` hears of that, and of what was mended.
    """
    data = _with_tags_as_words(piece.data)
    try:
        return _parsed(data)
    except _Fault as fault:
        place = piece.place(fault.line, fault.column)
        try:
            found = _parsed(_mended(data))
        except _Fault:
            found = _salvaged(data)
        is_lost = not found
        ending = "it cannot be read." if is_lost else "mended and read."
        told(Flaw(place, f"<{piece.name}>: {fault.why}; {ending}", is_lost))
        return found or None


def _with_tags_as_words(data: bytes) -> bytes:
    """The same with the HTML of a comment, where it stands there as elements, as character data."""
    if not _TAGS_IN_WORDS.search(data):
        return data
    parts = _parts(data)
    # What is character data already is somebody's own words, whatever tags they hold.
    parts[::2] = [_tags_as_words(part) for part in parts[::2]]
    return b"".join(parts)


def _tags_as_words(part: bytes) -> bytes:
    found = _TAGS_IN_WORDS.search(part)
    begin = _WORDS_BEGIN.match(part, found.start()) if found else None
    # A record says only one thing, so its words end where the last such element does.
    end = part.rfind(b"</%b>" % begin[1]) if begin else -1
    if begin is None or end < begin.end():
        return part
    words = part[begin.end() : end]
    return part[: begin.end()] + _CDATA + words + _CDATA_END + part[end:]


def _decoded(data: bytes) -> str:
    """Bytes as text. Those that are no UTF-8 are read as Windows does, for that is what they most
    often are: a program wrote what it had and said something else."""
    return data.decode("utf-8", "parley-windows")


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("parley-windows", _as_windows)


def _parsed(data: bytes) -> Fields:
    parser = expat.ParserCreate("utf-8")
    taking = _Taking()
    parser.buffer_text = True
    parser.StartElementHandler = taking.start
    parser.EndElementHandler = taking.end
    parser.CharacterDataHandler = taking.text.append
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(_OPEN, False)
        parser.Parse(data, False)
        parser.Parse(_CLOSE, True)
    except expat.ExpatError as error:
        column = error.offset - (len(_OPEN) if error.lineno == 1 else 0)
        why = expat.ErrorString(error.code)
        raise _Fault(error.lineno, max(column, 0), why) from None
    return taking.fields


def _refuse_entity(*_: object) -> None:
    raise ValueError("a record declares no entities")


class _Taking:
    """Takes the texts of one record."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self.text: list[str] = []
        self._path: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._path.append(name.rpartition(":")[2])
        self.text.clear()
        for key, value in attributes.items():
            self.fields.setdefault(f"{self._named()}@{key.rpartition(':')[2]}", value)

    def end(self, name: str) -> None:
        """An element ends; what stands in it counts, and not what stands beside an inner one."""
        text = "".join(self.text).strip()
        self.text.clear()
        named = self._named()
        self._path.pop()
        if named and not self.fields.get(named):
            self.fields[named] = text

    def _named(self) -> str:
        # The first is the outermost of the parser's own, the second the record's.
        return "/".join(self._path[2:])


def _mended(data: bytes) -> bytes:
    """What people and programs get wrong: attributes without quotes, signs that are not escaped,
    names of HTML, characters that XML cannot have, bytes that are no UTF-8."""
    parts = _parts(_NO_XML.sub("", _decoded(data)).encode())
    for place in range(0, len(parts), 2):
        part = _UNQUOTED.sub(rb'\1"\2"', parts[place])
        part = _NUMBERED.sub(_checked_number, part)
        part = _NAMED.sub(_from_html, part)
        part = _BARE_AND.sub(b"&amp;", part)
        parts[place] = _BARE_LESS.sub(b"&lt;", part)
    return b"".join(parts)


def _checked_number(found: re.Match[bytes]) -> bytes:
    number = int(found[1], 16) if found[1] else int(found[2])
    is_allowed = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE
    return found[0] if is_allowed or 0x10000 <= number < 0x110000 else b""


def _from_html(found: re.Match[bytes]) -> bytes:
    if found[1] in (b"amp", b"lt", b"gt", b"quot", b"apos"):
        return found[0]
    meant = html.unescape(found[0].decode())
    return html.escape(meant).encode() if len(meant) <= 2 else b"&amp;" + found[0][1:]


def _parts(data: bytes) -> list[bytes]:
    """What stands around character data and that itself, by turns; one without an end is none."""
    parts: list[bytes] = []
    at = 0
    while (begin := data.find(_CDATA, at)) >= 0:
        end = data.find(_CDATA_END, begin)
        if end < 0:
            break
        end += len(_CDATA_END)
        parts += [data[at:begin], data[begin:end]]
        at = end
    return [*parts, data[at:]]


_ELEMENT = re.compile(rb"<(?:[\w-]+:)?([\w-]+)((?:\s[^<>]*?)?)(?:/>|>([^<]*)</(?:[\w-]+:)?\1\s*>)")
# Character data says itself where it ends, whatever became of the element's own end.
_UNENDED = re.compile(rb"<(?:[\w-]+:)?([\w-]+)(?:\s[^<>]*)?>\s*\x01(\d+)\x02")
_ATTRIBUTE = re.compile(rb"""(?<![\w:-])(?:[\w-]++:)?([\w-]++)\s*+=\s*+["']?([^\s"'<>/]++)""")


def _salvaged(data: bytes) -> Fields:
    """The elements of a record that are whole, where the record is not; those of its author too.

    Only text that stands alone in its element is taken, so that nothing comes under a wrong name.
    """
    fields: Fields = {}
    parts = _parts(_NO_XML.sub("", _decoded(data)).encode())
    kept = parts[1::2]
    for place in range(1, len(parts), 2):
        parts[place] = b"\x01%d\x02" % (place // 2)
    data = b"".join(parts)
    head = data.partition(b">")[0]
    for key, value in _ATTRIBUTE.findall(head.partition(b" ")[2]):
        fields.setdefault(f"@{key.decode()}", value.decode())
    author = re.search(rb"<author\b", data)
    end = re.search(rb"</author\s*>", data[author.end() :]) if author else None
    for found in _ELEMENT.finditer(data, len(head)):
        is_inner = (
            author is not None
            and end is not None
            and author.start() < found.start() < author.end() + end.start()
        )
        name = ("author/" if is_inner else "") + found[1].decode()
        for key, value in _ATTRIBUTE.findall(found[2]):
            fields.setdefault(f"{name}@{key.decode()}", value.decode())
        if found[3] is not None and not fields.get(name):
            fields[name] = _text_of(_KEPT.sub(lambda one: kept[int(one[1])], found[3]))
    for found in _UNENDED.finditer(data, len(head)):
        name = found[1].decode()
        if not fields.get(name):
            fields[name] = _text_of(kept[int(found[2])])
    return fields


def _text_of(data: bytes) -> str:
    texts = []
    for part in _parts(data):
        text = part.decode("utf-8", "replace")
        is_cdata = text.startswith("<![CDATA[")
        texts.append(text[9:-3] if is_cdata else html.unescape(text))
    return _NO_XML.sub("", "".join(texts)).strip()
