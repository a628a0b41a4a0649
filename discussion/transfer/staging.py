"""Puts the records of a file in an order in which they can be stored, in a database of its own.

A file has replies before what they answer, authors behind their comments, numbers twice, and can
be larger than the memory. So it is read into a temporary SQLite file first, which vanishes with the
process, and whose tables hold no e-mail address: people are known there by a keyed hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from discussion.transfer.placing import settle
from discussion.transfer.records import (
    AuthorRecord,
    CommentRecord,
    Fate,
    Flaw,
    Markup,
    Record,
    ThreadRecord,
)
from models.imported import LONGEST_SOURCE_ID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_VOTES = 10**9
# Longer than any that is stored whole.
_LONGEST_NAME = 1_000
_AT_ONCE = 1_000
# Threads and people that are kept in memory, for most come again: some megabytes.
_REMEMBERED = 20_000
# Of bodies held in memory together, in characters, whatever their number.
_MOST_SIGNS = 2**21
_MARKUPS = {one.value: one for one in Markup}
_FATES = {one.value: one for one in Fate}
_HALVES = re.compile("[\ud800-\udfff]")
_TABLES = """
CREATE TABLE thread (
    n INTEGER PRIMARY KEY, raw TEXT UNIQUE, url TEXT, identifier TEXT, title TEXT,
    is_closed INTEGER, is_deleted INTEGER, is_told INTEGER);
CREATE TABLE author (user TEXT PRIMARY KEY, name TEXT, keys TEXT);
CREATE TABLE comment (
    n INTEGER PRIMARY KEY, key TEXT UNIQUE, raw TEXT, thread INTEGER, parent_raw TEXT,
    name TEXT, keys TEXT, user TEXT, body TEXT, markup TEXT, fate TEXT, reason TEXT,
    written INTEGER, edited INTEGER, up INTEGER, down INTEGER, digest TEXT,
    parent INTEGER, root INTEGER, depth INTEGER, is_kept INTEGER);
CREATE TABLE level (n INTEGER PRIMARY KEY);
CREATE TABLE below (n INTEGER PRIMARY KEY);
CREATE TABLE seen (what TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class StagedThread(NamedTuple):
    """A thread as all its records together tell of it; `is_told` is False if none did."""

    n: int
    raw: str
    url: str
    identifier: str
    title: str
    is_closed: bool
    is_deleted: bool
    is_told: bool


class Staged(NamedTuple):
    """A comment in its place; `parent` is the `n` of what it answers, 0 at the first level.

    `key` is what it is known again by, `other_key` the same if that is taken by another comment.
    `author_keys` are keyed hashes, the surest first; `written` and `edited` are microseconds since
    1970 in UTC, `edited` 0 for never.
    """

    n: int
    key: str
    other_key: str
    thread: StagedThread
    parent: int
    root: int
    depth: int
    name: str
    author_keys: tuple[str, ...]
    body: str
    markup: Markup
    fate: Fate
    written: int
    edited: int
    up: int
    down: int


def moment(microseconds: int) -> datetime:
    """A staged time as a time."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _microseconds(at: datetime) -> int:
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class Staging:
    """One file's records; `told` are the flaws, `skipped` what is no comment, by reason."""

    def __init__(self, system: str, secret: str) -> None:
        self._system = system
        self._secret = hashlib.sha256(secret.encode()).digest()
        self._rows = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16384", "temp_store=1"):
            self._rows.execute(f"PRAGMA {pragma}")
        self._rows.executescript(_TABLES)
        self._rows.execute("BEGIN")
        self._threads: dict[str, int] = {}
        self._people: dict[AuthorRecord, str] = {}
        self._waiting: list[tuple[Any, ...]] = []
        self._waiting_signs = 0
        self._last = 0
        self._count = 0
        self.flaws: list[Flaw] = []
        self.flaw_count = 0
        self.skipped: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    def close(self) -> None:
        """Let go of the file, which is gone with that."""
        self._rows.close()

    @property
    def read(self) -> int:
        """How many comments were read so far."""
        return self._count

    def add(self, record: Record) -> None:
        """Take one record in."""
        if isinstance(record, CommentRecord):
            self._add_comment(record)
        elif isinstance(record, ThreadRecord):
            self._add_thread(record)
        elif isinstance(record, Flaw):
            self.add_flaw(record)
        else:
            self._add_author(record)

    def add_flaw(self, flaw: Flaw) -> None:
        """Note one; of a file that is all flaws not every one is kept."""
        self.flaw_count += 1
        if len(self.flaws) < _AT_ONCE:
            self.flaws.append(flaw)

    def _add_author(self, author: AuthorRecord) -> None:
        self._rows.execute(
            "INSERT OR IGNORE INTO author VALUES (?, ?, ?)",
            (self._hash("user", author.user_id), _storable(author.name), self._keys(author)),
        )

    def _add_thread(self, thread: ThreadRecord) -> None:
        n = self._thread(thread.id)
        self._rows.execute(
            "UPDATE thread SET is_told = 1, is_closed = is_closed OR ?,"
            " is_deleted = is_deleted OR ?, url = CASE url WHEN '' THEN ? ELSE url END,"
            " identifier = CASE identifier WHEN '' THEN ? ELSE identifier END,"
            " title = CASE title WHEN '' THEN ? ELSE title END WHERE n = ?",
            (thread.is_closed, thread.is_deleted, _as_key(thread.url),
             _as_key(thread.identifier), _storable(thread.title), n),
        )  # fmt: skip

    def _thread(self, raw: str) -> int:
        raw = _as_key(raw)
        n = self._threads.get(raw)
        if n is None:
            self._rows.execute(
                "INSERT OR IGNORE INTO thread VALUES (NULL, ?, '', '', '', 0, 0, 0)", (raw,)
            )
            n = int(self._rows.execute("SELECT n FROM thread WHERE raw = ?", (raw,)).fetchone()[0])
            if len(self._threads) >= _REMEMBERED:
                self._threads.clear()
            self._threads[raw] = n
        return n

    def _add_comment(self, one: CommentRecord) -> None:
        self._count += 1
        # Without a time of its own it is as old as what stands before it in the file.
        written = _microseconds(one.written_at) if one.written_at else self._last
        self._last = written
        body, author = _storable(one.body), one.author
        name = _storable(author.name[:_LONGEST_NAME])
        fate, reason = one.fate, one.reason
        if fate is not Fate.LEFT_OUT and not body.strip():
            fate, reason = Fate.DELETED, reason or ("" if fate is Fate.DELETED else "without words")
        digest = _digest(one.thread_id, str(written), author.name, body)
        user = self._hash("user", author.user_id) if author.user_id and not author.name else ""
        raw = _as_key(one.id)
        self._waiting.append(
            (self._count, _short(raw) if raw else f"~{digest}", raw, self._thread(one.thread_id),
             _as_key(one.parent_id), name, self._keys(author), user, body,
             one.markup.value, fate.value, reason, written,
             _microseconds(one.edited_at) if one.edited_at else 0,
             min(max(one.up, 0), _MOST_VOTES), min(max(one.down, 0), _MOST_VOTES), digest)
        )  # fmt: skip
        self._waiting_signs += len(body)
        if len(self._waiting) >= _AT_ONCE or self._waiting_signs >= _MOST_SIGNS:
            self._flush()

    def _flush(self) -> None:
        before = self._rows.total_changes
        self._rows.executemany(_INSERT, self._waiting)
        if self._waiting and self._rows.total_changes - before < len(self._waiting):
            query = "SELECT n FROM comment WHERE n >= ?"
            there = {n for (n,) in self._rows.execute(query, self._waiting[0][:1])}
            for row in self._waiting:
                if row[0] not in there:
                    self._settle_double(row)
        self._waiting.clear()
        self._waiting_signs = 0

    def _settle_double(self, row: tuple[Any, ...]) -> None:
        """A number that comes twice: the same comment, or another one that is kept as well."""
        digest = row[-1]
        first = self._rows.execute("SELECT digest FROM comment WHERE key = ?", row[1:2]).fetchone()
        other = (row[0], _other(row[1], digest), *row[2:])
        if first[0] == digest or not self._rows.execute(_INSERT, other).rowcount:
            self.skipped["twice in the file"] += 1
        else:
            self.notes["with a number that another comment has too"] += 1

    def _keys(self, author: AuthorRecord) -> str:
        """What the author is known again by; whoever writes one comment writes more, soon."""
        if sum(map(len, author)) > _LONGEST_NAME:
            return self._keys_of(author)
        keys = self._people.get(author)
        if keys is None:
            if len(self._people) >= _REMEMBERED:
                self._people.clear()
            keys = self._people[author] = self._keys_of(author)
        return keys

    def _keys_of(self, author: AuthorRecord) -> str:
        keys = []
        email = author.email.strip().casefold()
        if "@" in email:
            keys.append(self._hash("mail", email))
        if author.user_id:
            keys.append(self._hash("user", f"{self._system}\x1f{author.user_id}"))
        if not keys:
            # Nothing but a name: whoever used it is one author here, who can never come back.
            keys.append(self._hash("name", f"{self._system}\x1f{author.name.strip().casefold()}"))
        return " ".join(keys)

    def _hash(self, kind: str, what: str) -> str:
        message = f"{kind}\x1f{what}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, message, "sha256").hex()

    def settle(self) -> None:
        """Put everything in its place, once all records are in."""
        self._flush()
        self._threads.clear()
        self._people.clear()
        settle(self._rows, self.notes, self.skipped)

    @property
    def to_load(self) -> int:
        """How many comments are to be stored."""
        query = "SELECT count(*) FROM comment WHERE is_kept = 1"
        return int(self._rows.execute(query).fetchone()[0])

    def batches(self, size: int) -> Iterator[list[Staged]]:
        """All that is to be stored, parents before their replies, whole branches together."""
        found = self._rows.execute(_IN_ORDER)
        thread: StagedThread | None = None
        batch: list[Staged] = []
        signs = 0
        for row in found:
            if thread is None or thread.n != row[0]:
                thread = StagedThread(*row[:5], *(bool(flag) for flag in row[5:8]))
            batch.append(_staged(thread, row[8:]))
            signs += len(batch[-1].body)
            if len(batch) >= size or signs >= _MOST_SIGNS:
                yield batch
                batch, signs = [], 0
        if batch:
            yield batch

    def first_time(self, keys: Iterable[str]) -> int:
        """How many of some names were not named before: what a dry run counts by."""
        insert = "INSERT OR IGNORE INTO seen VALUES (?)"
        return sum(self._rows.execute(insert, (key,)).rowcount for key in keys)


def _staged(thread: StagedThread, row: tuple[Any, ...]) -> Staged:
    n, key, digest, parent, root, depth, name, keys, body, markup, fate, *numbers = row
    hashes = tuple(dict.fromkeys(keys.split()))
    return Staged(
        n, key, _other(key, digest), thread, parent or 0, root, depth, name, hashes, body,
        _MARKUPS[markup], _FATES[fate], *numbers,
    )  # fmt: skip


def _digest(*parts: str) -> str:
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=12).hexdigest()


def _short(raw: str) -> str:
    """A source's number as it can be stored; a very long one by its hash."""
    return raw if len(raw) <= LONGEST_SOURCE_ID - 32 else f"~{_digest(raw)}"


def _other(key: str, digest: str) -> str:
    return f"{key}~{digest}" if f"~{digest}" not in key else key


def _storable(text: str) -> str:
    """What can be encoded: halves of pairs become the sign for an unknown character."""
    if text.isascii():
        return text
    return _HALVES.sub("\ufffd", text)


def _as_key(text: str) -> str:
    """The same for what rows go by, which nothing cleans later: NUL as well, for PostgreSQL."""
    return _storable(text).replace("\0", "\ufffd")


_INSERT = (
    "INSERT OR IGNORE INTO comment (n, key, raw, thread, parent_raw, name, keys, user, body,"
    " markup, fate, reason, written, edited, up, down, digest)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_IN_ORDER = (
    "SELECT t.n, t.raw, t.url, t.identifier, t.title, t.is_closed, t.is_deleted, t.is_told,"
    " c.n, c.key, c.digest, c.parent, c.root, c.depth,"
    " CASE c.name WHEN '' THEN coalesce(a.name, '') ELSE c.name END,"
    " CASE WHEN a.keys IS NULL THEN c.keys ELSE a.keys || ' ' || c.keys END,"
    " c.body, c.markup, c.fate, c.written, c.edited, c.up, c.down"
    " FROM comment c INDEXED BY by_place JOIN thread t ON t.n = c.thread"
    " LEFT JOIN author a ON a.user = c.user AND c.user != ''"
    " WHERE c.is_kept = 1 ORDER BY c.thread, c.root, c.depth, c.n"
)
