"""Comentario's export: versions 2 and 3 of its own, and 1, which is Commento's.

Source: internal/data and internal/svc (import and export) of Comentario 3.
"""

from __future__ import annotations

from typing import Any

from discussion.transfer import commento, json_reading
from discussion.transfer.records import (
    AuthorRecord,
    CommentRecord,
    Fate,
    Flaw,
    Markup,
    Records,
    ThreadRecord,
)
from discussion.transfer.unpacking import Export
from discussion.transfer.values import read_count, read_flag, read_time, table, up_and_down, word
from moderation.errors import Invalid

_KNOWN = (1, 2, 3)
_OLD = {"commentHex", "commenterHex"}
# The account of those who have none.
_NOBODY = "00000000-0000-0000-0000-000000000000"


def read(export: Export) -> Records:
    """Every page, comment and commenter, and every flaw. Raises Invalid for another version."""
    flaws: list[Flaw] = []
    for name, value in json_reading.members(export, flaws.append):
        yield from flaws
        flaws.clear()
        if name == "version" and value not in _KNOWN:
            raise Invalid(f"This is version {value!r} of Comentario's format; 1 to 3 are known.")
        # Whichever stands first, a record tells of which version it is.
        is_old = not _OLD.isdisjoint(table(value)) or not isinstance(value, dict)
        yield from commento.record(name, value) if is_old else _record(name, value)
    yield from flaws


def _record(name: str, value: dict[str, Any]) -> Records:
    if name == "pages":
        yield ThreadRecord(
            id=word(value.get("id")),
            url=word(value.get("path")),
            title=word(value.get("title")),
            is_closed=bool(read_flag(value.get("isReadonly"))),
        )
    elif name == "commenters" and word(value.get("id")):
        number = word(value.get("id"))
        yield AuthorRecord(word(value.get("name")), word(value.get("email")), number)
    elif name == "comments":
        yield from _comment(value)


def _comment(value: dict[str, Any]) -> Records:
    number = word(value.get("id"))
    place = f"comment {number or '?'}"
    written_at = read_time(value.get("createdTime"))
    if written_at is None:
        yield Flaw(place, "it has no time that can be read; dated as the one before.")
    user = word(value.get("userCreated"))
    name = word(value.get("authorName"))
    body = word(value.get("markdown"))
    up, down = up_and_down(read_count(value.get("score")))
    yield CommentRecord(
        id=number,
        thread_id=word(value.get("pageId")),
        parent_id=word(value.get("parentId")),
        body=body or word(value.get("html")),
        markup=Markup.MARKDOWN if body else Markup.HTML,
        author=AuthorRecord(name, user_id="" if user == _NOBODY else user),
        fate=_fate(value),
        written_at=written_at,
        edited_at=read_time(value.get("editedTime")),
        up=up,
        down=down,
    )


def _fate(value: dict[str, Any]) -> Fate:
    if read_flag(value.get("isDeleted")):
        return Fate.DELETED
    if read_flag(value.get("isPending")):
        return Fate.HELD
    return Fate.PUBLISHED if read_flag(value.get("isApproved")) else Fate.REJECTED
