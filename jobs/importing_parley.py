"""`flask import parley`: reads an export of Parley's line by line and stores it in pieces."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from discussion.transfer.formats import refuse_others
from discussion.transfer.opening import open_export
from discussion.transfer.parley.taken import Taken
from discussion.transfer.parley.taking import Taking
from discussion.transfer.unpacking import Export
from jobs.backup.dumping import copy_sqlite, file_of
from jobs.transactions import reading, writing
from models import db
from moderation.errors import Invalid

_PIECE = 500
# Longer than the longest comment with all that can hang on it.
_LONGEST_LINE = 64 * 2**20

# How many lines are read, and how much of the file.
Told = Callable[[int, float], None]
Numbered = tuple[str, dict[str, Any]]


def take(path: Path, into: str, *, dry_run: bool, told: Told) -> Taken:
    """Store an export, a piece in each transaction; answers what became of it.

    What is there already is found by its name, so a run that was killed is simply begun again.
    Raises Invalid for what is no export.
    """
    taking = Taking(into)
    with open_export(path) as export, _rehearsing() if dry_run else _storing() as store:
        refuse_others(export)
        lines = _lines(export, taking.taken)
        first = next(lines, None)
        if first is None:
            raise Invalid(f"There is no line in {path.name} that can be read.")
        store(lambda session: taking.begin(session, *first))
        for piece in _pieces(lines):
            store(lambda session, piece=piece: taking.take(session, piece))  # type: ignore[misc]
            told(taking.taken.read, export.done() / export.size)
        for flaw in export.flaws:
            taking.taken.flaw(flaw.place, flaw.reason)
    if not taking.taken.is_ended:
        taking.taken.flaw("the end", "The file breaks off before its last line.")
    return taking.taken


def _lines(export: Export, taken: Taken) -> Iterator[Numbered]:
    """The lines that are JSON objects, each with its place; others are noted down."""
    for number, line in enumerate(_raw_lines(export), 1):
        place = f"line {number:,}"
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            taken.read += 1
            taken.skip("", place, f"It is no JSON: {error}"[:200])
            continue
        if isinstance(found, dict):
            yield place, found
        else:
            taken.read += 1
            taken.skip("", place, "It is no JSON object.")


def _raw_lines(export: Export) -> Iterator[bytes]:
    """Lines of bytes. Raises Invalid for one that has no end."""
    rest = b""
    while piece := export.read():
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST_LINE:
            raise Invalid(f"A line has more than {_LONGEST_LINE >> 20} MB: this is no export.")
    if rest:
        yield rest


def _pieces(lines: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    while piece := list(islice(lines, _PIECE)):
        yield piece


Store = Callable[[Callable[[Session], None]], None]


@contextmanager
def _storing() -> Iterator[Store]:
    """Each piece in a transaction of its own."""

    def store(work: Callable[[Session], None]) -> None:
        with writing() as session:
            work(session)

    yield store


@contextmanager
def _rehearsing() -> Iterator[Store]:
    """All of it, and nothing stays: SQLite's one writer is not kept from others by a copy of the
    database; PostgreSQL has one transaction for all, which is taken back."""
    if db.engine.dialect.name != "sqlite":
        with reading() as session:
            yield lambda work: work(session)
        return
    with tempfile.TemporaryDirectory(prefix="parley-rehearsal-") as folder:
        copy = Path(folder) / "parley.db"
        copy_sqlite(file_of(db.engine), copy)
        engine = create_engine(f"sqlite:///{copy}", poolclass=NullPool)

        def store(work: Callable[[Session], None]) -> None:
            with Session(engine) as session:
                work(session)
                session.commit()

        yield store
