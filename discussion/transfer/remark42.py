"""Remark42's backup: JSON lines, the first of them about users and pages, then one for a comment.

Source: backend/app/migrator/native.go and backend/app/store of Remark42, version 1 of the format.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from discussion.transfer import json_reading
from discussion.transfer.cleaning import plain
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


def read(export: Export) -> Records:
    """Every page and comment, and every flaw where it stands."""
    flaws: list[Flaw] = []
    # A backup can be written as one array as well, and Remark42 minds no line ends.
    for number, value in json_reading.values(export, flaws.append):
        yield from flaws
        flaws.clear()
        yield from _records(table(value), f"line {number}")
    yield from flaws


def _records(line: dict[str, Any], place: str) -> Records:
    if "locator" in line or "pid" in line:
        yield from _comment(line, place)
    elif "posts" in line or "users" in line or "version" in line:
        yield from _pages(line)
    else:
        yield Flaw(place, "neither a comment nor the beginning of a backup", is_lost=True)


def _pages(line: dict[str, Any]) -> Iterator[ThreadRecord]:
    posts = line.get("posts")
    for post in posts if isinstance(posts, list) else ():
        url = word(table(post).get("url"))
        if url:
            yield ThreadRecord(url, url=url, is_closed=bool(read_flag(post.get("read_only"))))


def _comment(line: dict[str, Any], place: str) -> Records:
    user, edit = table(line.get("user")), table(line.get("edit"))
    url = word(table(line.get("locator")).get("url"))
    written_at = read_time(line.get("time"))
    if written_at is None:
        yield Flaw(place, "a comment has no time that can be read; dated as the one before.")
    yield ThreadRecord(url, url=url, title=word(line.get("title")))
    # Both the name and the Markdown lie there as HTML would have them (Comment.Sanitize).
    source, name = plain(word(line.get("orig"))), plain(word(user.get("name")))
    up, down = _votes(line)
    yield CommentRecord(
        id=word(line.get("id")),
        thread_id=url,
        parent_id=word(line.get("pid")),
        body=source or word(line.get("text")),
        markup=Markup.MARKDOWN if source else Markup.HTML,
        author=AuthorRecord(name, user_id=word(user.get("id"))),
        fate=Fate.DELETED if read_flag(line.get("delete")) else Fate.PUBLISHED,
        written_at=written_at,
        edited_at=read_time(edit.get("time")),
        up=up,
        down=down,
    )


def _votes(line: dict[str, Any]) -> tuple[int, int]:
    """Counted where it says who voted; else as the score tells."""
    votes = list(table(line.get("votes")).values())
    if votes:
        return sum(vote is True for vote in votes), sum(vote is False for vote in votes)
    return up_and_down(read_count(line.get("score")))
