"""What a moderator types into the search, as a query in the database's own language; pure.

All words must be there, in any order; "two words" in quotes stand together; -word must not be
there; word* finds what begins so, from three letters on. Sources: SQLite's "FTS5 full-text query
syntax", PostgreSQL's "tsquery".
"""

from __future__ import annotations

import re

_PART = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
_WORD = re.compile(r"\w+")
_MOST_PARTS = 20
# Bytes: three letters of Latin, or one sign of a script that has no blanks between its words. So
# many words begin with less that putting all their comments together takes seconds.
_SHORTEST_BEGINNING = 3


def query_of(typed: str, dialect: str) -> str:
    """The query for FTS5 (`dialect` "sqlite") or `to_tsquery`; "" if nothing is asked for."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, quoted, plain in _PART.findall(typed)[:_MOST_PARTS]:
        words = _WORD.findall(quoted or plain)
        if words:
            begins = _begins(words, quoted, plain)
            part = _fts5(words, begins) if dialect == "sqlite" else _tsquery(words, begins)
            (unwanted if minus else wanted).append(part)
    if not wanted:
        return ""
    if dialect == "sqlite":
        return " AND ".join(wanted) + "".join(f" NOT {part}" for part in unwanted)
    return " & ".join([*wanted, *(f"!({part})" for part in unwanted)])


def has_beginning(typed: str) -> bool:
    """Whether the query asks for words by how they begin."""
    parts = [
        (_WORD.findall(quoted or plain), quoted, plain)
        for _, quoted, plain in _PART.findall(typed)[:_MOST_PARTS]
    ]
    return any(_begins(words, quoted, plain) for words, quoted, plain in parts if words)


def _begins(words: list[str], quoted: str, plain: str) -> bool:
    is_long = len(words[-1].encode()) >= _SHORTEST_BEGINNING
    return not quoted and plain.endswith("*") and is_long


def _fts5(words: list[str], begins: bool) -> str:
    return '"' + " ".join(words) + '"' + ("*" if begins else "")


def _tsquery(words: list[str], begins: bool) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in words) + (":*" if begins else "") + ")"
