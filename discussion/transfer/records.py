"""What an export tells of threads, comments and their authors, and where it cannot be read.

A format's module turns a file into an iterator of these, in whatever order the file has: a reply
can stand before what it answers, and a thread behind its comments.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple


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


class AuthorRecord(NamedTuple):
    """A person as the source tells of them; all can be empty.

    `user_id` is the source's own number or name of the account. The e-mail address and the number
    serve to recognise the person, and neither is ever stored. A format whose comments only give
    the number yields the records of authors by themselves, before or after.
    """

    name: str = ""
    email: str = ""
    user_id: str = ""


class ThreadRecord(NamedTuple):
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


class CommentRecord(NamedTuple):
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


class Flaw(NamedTuple):
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

_KINDS: tuple[type[Record], ...] = (CommentRecord, ThreadRecord, AuthorRecord, Flaw)
_COMMENT, _AUTHOR = _KINDS.index(CommentRecord), CommentRecord._fields.index("author")


def packed(record: Record) -> Packed:
    """A record as a tuple of plain values."""
    if isinstance(record, CommentRecord):
        author = tuple(record.author)
        return (_COMMENT, *record[:_AUTHOR], author, *record[_AUTHOR + 1 :])
    return (_KINDS.index(type(record)), *record)


def unpacked(values: Packed) -> Record:
    """The record that `packed` made this of."""
    kind, *rest = values
    if kind == _COMMENT:
        rest[_AUTHOR] = AuthorRecord._make(rest[_AUTHOR])
    return _KINDS[kind]._make(rest)
