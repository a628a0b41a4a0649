"""What an export tells of threads, comments and their authors, and where it cannot be read.

A format's module turns a file into an iterator of these, in whatever order the file has: a reply
can stand before what it answers, and a thread behind its comments.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any


class Markup(enum.StrEnum):
    """How the body of a comment is written."""

    HTML = "html"
    # HTML in which blank lines part paragraphs, as WordPress stores it.
    HTML_LINES = "html-lines"
    MARKDOWN = "markdown"
    # Markdown in which some tags of HTML have a meaning too, as in Isso.
    MARKDOWN_HTML = "markdown-html"


class Fate(enum.StrEnum):
    """Where a comment stood in the system that it comes from."""

    PUBLISHED = "published"
    HELD = "held"
    REJECTED = "rejected"
    # Keeps its place as long as something stands below it.
    DELETED = "deleted"
    # No comment: it is counted, and what answers it moves up.
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """A person as the source tells of them; all can be empty.

    `user_id` is the source's own number or name of the account. The e-mail address and the number
    serve to recognise the person, and neither is ever stored. A format whose comments only give
    the number yields the records of authors by themselves, before or after.
    """

    name: str = ""
    email: str = ""
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    """The discussion of one page; several records of one `id` complete each other.

    `url` is absolute, or a path within the site. `identifier` is what the publisher's own pages
    call it, where the source knows that.
    """

    id: str
    url: str = ""
    identifier: str = ""
    title: str = ""
    is_closed: bool = False
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """One comment. `parent_id` is empty at the first level; `written_at` has its zone, and is None
    where it cannot be read; `up` and `down` are totals. `reason` is that of one that is LEFT_OUT.
    """

    id: str
    thread_id: str
    body: str
    parent_id: str = ""
    author: AuthorRecord = AuthorRecord()
    markup: Markup = Markup.HTML
    fate: Fate = Fate.PUBLISHED
    written_at: datetime | None = None
    edited_at: datetime | None = None
    up: int = 0
    down: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that could not be read: where, why, and what became of it.

    `is_lost`: a whole record was passed over; else the rest of it, or of the file, was read.
    """

    place: str
    reason: str
    is_lost: bool = False


Record = ThreadRecord | CommentRecord | AuthorRecord | Flaw
Records = Iterator[Record]
# Hears where and why something could not be read.
Told = Callable[[Flaw], None]


# Between two processes: plain tuples take a third of the time that the records themselves do.
Packed = tuple[Any, ...]

_KINDS: tuple[type, ...] = (CommentRecord, ThreadRecord, AuthorRecord, Flaw)
_FIELDS = {kind: attrgetter(*(one.name for one in fields(kind))) for kind in _KINDS}
_AUTHOR = next(n for n, one in enumerate(fields(CommentRecord), 1) if one.name == "author")


def packed(record: Record) -> Packed:
    """A record as a tuple of plain values."""
    kind = type(record)
    values = (_KINDS.index(kind), *_FIELDS[kind](record))
    if isinstance(record, CommentRecord):
        author = _FIELDS[AuthorRecord](record.author)
        return (*values[:_AUTHOR], author, *values[_AUTHOR + 1 :])
    return values


def unpacked(values: Packed) -> Record:
    """The record that `packed` made this of."""
    kind = _KINDS[values[0]]
    if kind is CommentRecord:
        author = AuthorRecord(*values[_AUTHOR])
        values = (*values[:_AUTHOR], author, *values[_AUTHOR + 1 :])
    made: Record = kind(*values[1:])
    return made
