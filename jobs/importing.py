"""One import from the file to the last commit: read, put in order, store in batches."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from discussion.transfer.beside import Beside
from discussion.transfer.converting import converted
from discussion.transfer.loading import Loader, Tally
from discussion.transfer.places import Places, UrlMap
from discussion.transfer.reading import portions
from discussion.transfer.records import Flaw
from discussion.transfer.staging import Staging
from jobs.transactions import reading, writing
from models import SiteOrigin, db

# Large enough that a commit costs little, small enough that nobody who writes waits for long.
BATCH = 2_000
# In bytes: fewer are read and converted sooner than a process has started.
_WORTH_A_PROCESS = 2**20
# For SQLite: more of many indexes kept in memory than usual (24 MB), and what was written carried
# into the file less often (each 32 MB), for most of it is written over by the next batch.
_PRAGMAS = ("PRAGMA cache_size=-24576", "PRAGMA wal_autocheckpoint=8192")


@dataclass(frozen=True)
class Wanted:
    """What is imported where; `secret` keys the hashes by which authors are known again."""

    system: str
    path: Path
    site_id: int
    secret: str
    name_limit: int
    url_map: UrlMap = field(default_factory=UrlMap)
    by_identifier: bool = False
    rescore: bool = False
    is_dry: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it: `flaws` are the first of `flaw_count`, `skipped` and `notes` by reason."""

    read: int
    tally: Tally
    skipped: Counter[str]
    notes: Counter[str]
    flaws: list[Flaw]
    flaw_count: int
    foreign_hosts: Counter[str]


# Hears what is being done, how much of it is done and how much there is, and how many comments.
Progress = Callable[[str, int, int, int], None]


def run(wanted: Wanted, progress: Progress) -> Outcome:
    """Import a file, or with `is_dry` find out what that would do.

    Killed at any point and begun again it comes to the same: each batch is whole or not there, and
    what is there is passed over. Raises Invalid for a file that cannot be read at all.
    """
    with (
        _seldom_collecting(),
        _beside(wanted.path) as beside,
        _staged(wanted, beside, progress) as staging,
    ):
        with reading() as session:
            query = select(SiteOrigin.origin).where(SiteOrigin.site_id == wanted.site_id)
            origins = session.scalars(query.order_by(SiteOrigin.id)).all()
        places = Places(wanted.system, origins, wanted.url_map, by_identifier=wanted.by_identifier)
        loader = Loader(
            staging, places, wanted.site_id, wanted.system,
            name_limit=wanted.name_limit, rescore=wanted.rescore,
        )  # fmt: skip
        _load(wanted, staging, loader, beside, progress)
        return Outcome(
            staging.read,
            loader.tally,
            staging.skipped,
            staging.notes + loader.tally.notes,
            staging.flaws,
            staging.flaw_count,
            places.foreign,
        )


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Have Python look for circles of garbage more seldom, for there are many rows to look at; not
    so seldom that those of some batches add up to a hundred megabytes. What was there before, all
    of the program, is frozen: it would be gone through each time, and nothing of it is garbage."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextmanager
def _beside(path: Path) -> Iterator[Beside | None]:
    """A process that reads and converts, where the file is large enough to be worth it."""
    if path.stat().st_size < _WORTH_A_PROCESS:
        yield None
        return
    process = Beside()
    try:
        yield process
    finally:
        process.end()


@contextmanager
def _staged(wanted: Wanted, beside: Beside | None, progress: Progress) -> Iterator[Staging]:
    staging = Staging(wanted.system, wanted.secret)
    read = beside.read if beside else portions
    try:
        for portion in read(wanted.system, wanted.path):
            for record in portion.records:
                staging.add(record)
            progress("read", portion.done, portion.size, staging.read)
        progress("order", 0, 0, staging.read)
        staging.settle()
        yield staging
    finally:
        staging.close()


def _load(
    wanted: Wanted, staging: Staging, loader: Loader, beside: Beside | None, progress: Progress
) -> None:
    total, done = staging.to_load, 0
    if db.engine.dialect.name == "sqlite":
        with reading() as session:
            for pragma in _PRAGMAS:
                session.connection().exec_driver_sql(pragma)
    for batch, bodies in converted(staging.batches(BATCH), beside):
        if wanted.is_dry:
            with reading() as session:
                loader.compare(session, batch, bodies)
        else:
            with writing() as session:
                loader.store(session, batch, bodies)
        done += len(batch)
        progress("store", done, total, done)
