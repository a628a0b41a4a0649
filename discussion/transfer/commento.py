"""Commento's export, version 1: one JSON object with its comments and its commenters.

Source: api/domain_export.go of Commento.
"""

from __future__ import annotations

from typing import Any

from discussion.transfer import json_reading
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
from discussion.transfer.values import read_count, read_flag, read_time, up_and_down, word
from moderation.errors import Invalid

_FATES = {"approved": Fate.PUBLISHED, "unapproved": Fate.HELD, "flagged": Fate.HELD}
# Comentario calls those without an account by noughts.
_NOBODY = ("anonymous", "0" * 64)
_ROOT, _DELETED = "root", "[deleted]"


def read(export: Export) -> Records:
    """Every page, comment and commenter, and every flaw. Raises Invalid for another version."""
    flaws: list[Flaw] = []
    for name, value in json_reading.members(export, flaws.append):
        yield from flaws
        flaws.clear()
        if name == "version" and value != 1:
            raise Invalid(f"This is version {value!r} of Commento's format; only 1 is known.")
        yield from record(name, value)
    yield from flaws


def record(name: str, value: Any) -> Records:
    """What a member of the export, or an element of one that is an array, says."""
    if name not in ("comments", "commenters") or value is None:
        return
    if not isinstance(value, dict):
        yield Flaw(f"among the {name}", "something that is none", is_lost=True)
    elif name == "comments":
        yield from _comment(value)
    else:
        yield from _commenter(value)


def _commenter(value: dict[str, Any]) -> Records:
    number = word(value.get("commenterHex"))
    if number:
        yield AuthorRecord(word(value.get("name")), word(value.get("email")), number)


def _comment(value: dict[str, Any]) -> Records:
    number = word(value.get("commentHex"))
    place = f"comment {number[:16] or '?'}"
    if not number:
        yield Flaw(place, "a comment has no number of its own")
    # Comentario calls the same things host and path.
    domain = word(value.get("domain") or value.get("host"))
    path = word(value.get("url") or value.get("path"))
    url = path if "://" in path or not domain else f"https://{domain}/{path.lstrip('/')}"
    yield ThreadRecord(url, url=url)
    written_at = read_time(value.get("creationDate"))
    if written_at is None:
        yield Flaw(place, "it has no time that can be read; dated as the one before.")
    user, parent = word(value.get("commenterHex")), word(value.get("parentHex"))
    body = word(value.get("markdown"))
    up, down = up_and_down(read_count(value.get("score")))
    yield CommentRecord(
        id=number,
        thread_id=url,
        parent_id="" if parent == _ROOT else parent,
        body=("" if body == _DELETED else body) or _html(value),
        markup=Markup.MARKDOWN if body and body != _DELETED else Markup.HTML,
        author=AuthorRecord(user_id="" if user in _NOBODY else user),
        fate=_fate(value, body),
        written_at=written_at,
        up=up,
        down=down,
    )


def _html(value: dict[str, Any]) -> str:
    html = word(value.get("html"))
    return "" if _DELETED in html else html


def _fate(value: dict[str, Any], body: str) -> Fate:
    if read_flag(value.get("deleted")) or body == _DELETED:
        return Fate.DELETED
    # What is neither approved nor anything else that is known is looked at first.
    return _FATES.get(word(value.get("state")), Fate.HELD)
