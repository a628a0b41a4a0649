"""Isso's database (SQLite), and the "generic" JSON that Isso imports itself.

Source: isso/db/comments.py, isso/db/threads.py and isso/migrate.py of Isso, user_version 0 to 5.
The database's voters are a Bloom filter, from which nobody can be told.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from discussion.transfer import json_reading
from discussion.transfer.opening import Export
from discussion.transfer.recognising import SQLITE
from discussion.transfer.records import (
    AuthorRecord,
    CommentRecord,
    Fate,
    Flaw,
    Markup,
    Records,
    ThreadRecord,
)
from discussion.transfer.values import read_count, read_time, table, word
from moderation.errors import Invalid

_FATES = {1: Fate.PUBLISHED, 2: Fate.HELD, 4: Fate.DELETED}
_PIECE = 2**20
_WANTED = ("id", "parent", "created", "modified", "mode", "text", "author", "email", "likes",
           "dislikes")  # fmt: skip


def read(export: Export) -> Records:
    """Every page and comment, and every flaw. Raises Invalid for another database."""
    if not export.peek(len(SQLITE)).startswith(SQLITE):
        yield from _generic(export)
        return
    # SQLite reads no stream; a copy also leaves what lies beside the file alone.
    with tempfile.TemporaryDirectory(prefix="parley-import-") as folder:
        copy = Path(folder) / "comments.db"
        with copy.open("wb") as out:
            while data := export.read(_PIECE):
                out.write(data)
        yield from _database(copy)


def _database(path: Path) -> Records:
    rows = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    # A text that is no UTF-8 must not end the reading.
    rows.text_factory = lambda data: data.decode("utf-8", "replace")
    rows.row_factory = sqlite3.Row
    try:
        tables = {
            name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        if not {"threads", "comments"} <= tables:
            raise Invalid("This SQLite database has no threads and comments as Isso's has.")
        for row in rows.execute("SELECT * FROM threads ORDER BY id"):
            fields = dict(row)
            uri = word(fields.get("uri"))
            yield ThreadRecord(str(fields["id"]), url=uri, title=word(fields.get("title")))
        yield from _comments(rows)
    except sqlite3.DatabaseError as error:
        yield Flaw("the database", f"{error}; read up to there.", is_lost=True)
    finally:
        rows.close()


def _comments(rows: sqlite3.Connection) -> Records:
    columns = {row["name"] for row in rows.execute("PRAGMA table_info(comments)")}
    asked = ", ".join(name if name in columns else f"NULL AS {name}" for name in _WANTED)
    found = rows.execute(f"SELECT tid, {asked} FROM comments ORDER BY id")  # noqa: S608 (our own)
    while True:
        try:
            row = found.fetchone()
        except sqlite3.DatabaseError as error:
            yield Flaw("the database", f"{error}; read up to there.", is_lost=True)
            return
        if row is None:
            return
        yield from _comment(dict(row))


def _comment(row: dict[str, Any]) -> Records:
    number = word(row["id"])
    written_at = read_time(row["created"])
    if written_at is None:
        yield Flaw(f"comment {number}", "it has no time that can be read; dated as the one before.")
    yield CommentRecord(
        id=number,
        thread_id=str(row["tid"]),
        parent_id=word(row["parent"]),
        body=word(row["text"]),
        markup=Markup.MARKDOWN_HTML,
        author=AuthorRecord(word(row["author"]), word(row["email"])),
        # A mode that nobody knows is looked at first.
        fate=_FATES.get(read_count(row["mode"]), Fate.HELD),
        written_at=written_at,
        edited_at=read_time(row["modified"]),
        up=read_count(row["likes"]),
        down=read_count(row["dislikes"]),
    )


def _generic(export: Export) -> Records:
    flaws: list[Flaw] = []
    for number, (_, value) in enumerate(json_reading.members(export, flaws.append), 1):
        yield from flaws
        flaws.clear()
        page = table(value)
        uri = word(page.get("id"))
        comments = page.get("comments")
        if not uri or not isinstance(comments, list):
            yield Flaw(f"page {number}", "it has no id or no comments", is_lost=True)
            continue
        # Titles come as they stand in a form's address.
        yield ThreadRecord(uri, url=uri, title=unquote_plus(word(page.get("title"))))
        yield from _generic_comments(uri, comments)
    yield from flaws


def _generic_comments(uri: str, comments: list[Any]) -> Iterator[CommentRecord | Flaw]:
    for value in comments:
        one = table(value)
        number = word(one.get("id"))
        written_at = read_time(one.get("created"))
        if written_at is None:
            yield Flaw(f"comment {number} of {uri}",
                       "it has no time that can be read; dated as the one before.")  # fmt: skip
        parent = word(one.get("parent"))
        yield CommentRecord(
            # They are numbered anew on each page.
            id=f"{uri}#{number}",
            thread_id=uri,
            parent_id=f"{uri}#{parent}" if parent else "",
            body=word(one.get("text")),
            markup=Markup.MARKDOWN_HTML,
            author=AuthorRecord(word(one.get("author")), word(one.get("email"))),
            written_at=written_at,
        )
