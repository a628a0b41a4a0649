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
from discussion.transfer.unpacking import Export
from discussion.transfer.values import read_count, read_time, table, word
from moderation.errors import Invalid

_FATES = {1: Fate.PUBLISHED, 2: Fate.HELD, 4: Fate.DELETED}
_PIECE = 2**20
_LARGEST = 2**40
# Nobody has written so many comments.
_LAST = 2**40
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
        yield from _filled_up(copy)
        yield from _database(copy)


def _filled_up(path: Path) -> Iterator[Flaw]:
    """SQLite reads nothing of a file that is shorter than its head says (sqlite.org/fileformat2,
    1.3): with empty pages at its end all the others can be read."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        head = file.read(100).ljust(100, b"\0")
        page = int.from_bytes(head[16:18]) or 1
        pages, changed, valid_for = (int.from_bytes(head[at : at + 4]) for at in (28, 24, 92))
        whole = pages * (2**16 if page == 1 else page)
        if changed == valid_for and size < whole <= _LARGEST:
            file.truncate(whole)
            yield Flaw(f"byte {size:,}", f"the database breaks off: it had {whole:,} bytes.")


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
        yield from _threads(rows)
        yield from _comments(rows)
    except sqlite3.DatabaseError as error:
        yield Flaw("the database", f"{error}; read up to there.", is_lost=True)
    finally:
        rows.close()


def _comments(rows: sqlite3.Connection) -> Records:
    columns = {row["name"] for row in rows.execute("PRAGMA table_info(comments)")}
    asked = ", ".join(name if name in columns else f"NULL AS {name}" for name in _WANTED)
    query = f"SELECT tid, {asked} FROM comments WHERE id >= ? ORDER BY id"  # noqa: S608 (our own)
    for row in _ordered(rows, query, "comments"):
        yield from [row] if isinstance(row, Flaw) else _comment(dict(row))


def _ordered(rows: sqlite3.Connection, query: str, what: str) -> Iterator[sqlite3.Row | Flaw]:
    """Rows by their numbers, and on behind those that lie in a broken page: ever farther behind,
    until a page can be read again, and then from the first number that can be."""
    first, step, broken = 1, 1, 0
    found: sqlite3.Cursor | None = None
    while first < _LAST:
        try:
            row = found.fetchone() if found else _row_from(rows, query, first)
        except sqlite3.DatabaseError as error:
            if found is not None:
                # It looks one row ahead, and may have fallen over the next one.
                found = None
                continue
            if step == 1:
                place = f"{what} from number {first} on"
                yield Flaw(place, f"{error}; read on behind them.", is_lost=True)
            broken, first, step = first, first + step, step * 2
            continue
        if step > 2:
            # The last step went beyond the end of what is broken.
            first, step = _end_of_broken(rows, query, broken, first), 1
            continue
        if row is None:
            return
        step = 1
        if row["id"] >= first:
            first = row["id"] + 1
            yield row
        found = found or _rows_from(rows, query, first)


def _row_from(rows: sqlite3.Connection, query: str, first: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = rows.execute(f"{query} LIMIT 1", (first,)).fetchone()
    return row


def _rows_from(rows: sqlite3.Connection, query: str, first: int) -> sqlite3.Cursor | None:
    try:
        return rows.execute(query, (first,))
    except sqlite3.DatabaseError:
        return None


def _end_of_broken(rows: sqlite3.Connection, query: str, broken: int, sound: int) -> int:
    """The first number from which rows can be read, between one where they cannot and one where
    they can."""
    while sound - broken > 1:
        middle = (broken + sound) // 2
        try:
            _row_from(rows, query, middle)
            sound = middle
        except sqlite3.DatabaseError:
            broken = middle
    return sound


def _threads(rows: sqlite3.Connection) -> Records:
    for row in _ordered(rows, "SELECT * FROM threads WHERE id >= ? ORDER BY id", "threads"):
        if isinstance(row, Flaw):
            yield row
            continue
        fields = dict(row)
        uri = word(fields.get("uri"))
        # A page that says itself what it is called (data-isso-id) is called so here, too.
        is_address = uri.startswith("/") or "://" in uri
        title = word(fields.get("title"))
        yield ThreadRecord(
            str(fields["id"]), uri if is_address else "", "" if is_address else uri, title
        )


def _comment(row: dict[str, Any]) -> Records:
    number = word(row["id"])
    written_at = read_time(row["created"])
    if written_at is None:
        yield Flaw(f"comment {number}", "it has no time that can be read; dated as the one before.")
    yield CommentRecord(
        id=number,
        thread_id=str(row["tid"]),
        parent_id=word(row["parent"]),
        body=_text(row["text"]),
        markup=Markup.MARKDOWN_HTML,
        author=AuthorRecord(_text(row["author"]), _text(row["email"])),
        # A mode that nobody knows is looked at first.
        fate=_FATES.get(read_count(row["mode"]), Fate.HELD),
        written_at=written_at,
        edited_at=read_time(row["modified"]),
        up=read_count(row["likes"]),
        down=read_count(row["dislikes"]),
    )


def _text(value: object) -> str:
    """A text; an old Python stored some as bytes."""
    return value.decode("utf-8", "replace").strip() if isinstance(value, bytes) else word(value)


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
