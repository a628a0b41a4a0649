"""The way back from a backup: held against what it says and what is there, and put in place.

Nothing that is there is touched before the backup is known to be good, and what is there then is
kept beside it. Killed at any moment, the database is the old one or the new one.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from jobs import auditing
from jobs.audit_checks import Told
from jobs.backup import archive, dumping, record
from jobs.backup.archive import Damaged, Manifest


class Refused(Exception):
    """A restore that must not be done; its text says why and what to do."""


@dataclass(frozen=True)
class Compared:
    """How the database that is there stands to the backup, by one append-only table.

    `lost` rows are younger than the backup; `is_same_past` is False where the older ones are not
    those of the backup.
    """

    table: str
    lost: int
    newest: str
    is_same_past: bool


@dataclass(frozen=True)
class Restored:
    """What was put in place: faults of its record, and where the old database lies now."""

    faults: list[str]
    replaced: Path | None
    is_current: bool


def compare(engine: Engine, manifest: Manifest) -> list[Compared]:
    """What of the present record a backup does not have; [] for an empty database."""
    with engine.connect() as connection:
        if not _is_filled(connection):
            return []
        found = []
        for table, saved in manifest.record.items():
            if not record.has_columns(connection, table, saved.columns):
                continue
            past = record.up_to(connection, table, saved.last, saved.columns)
            now = record.of(connection, table)
            same = past.sha256 == saved.sha256
            found.append(Compared(table, now.rows - past.rows, now.newest, same))
        return found


def is_filled(engine: Engine) -> bool:
    """Whether the database holds anything that a restore would take away.

    One that cannot be read may.
    """
    if engine.dialect.name == "sqlite" and not dumping.file_of(engine).exists():
        return False
    try:
        with engine.connect() as connection:
            return _is_filled(connection)
    except DatabaseError:
        return True


def _is_filled(connection: Connection) -> bool:
    return any(record.counts(connection).values())


def check(path: Path, manifest: Manifest, head: str, place: Path, told: Told) -> list[str]:
    """Unpack a backup and hold it against all that it says; answers the faults of its record.

    `head` is the newest migration that this version of Parley knows; an older database has to be
    brought up to date before its record can be replayed. Raises Damaged.
    """
    file = place / archive.MEMBERS[manifest.database]
    archive.unpack(path, manifest, file)
    if manifest.database == "postgresql":
        # What is in a dump shows only when it is a database again.
        dumping.read_postgresql(file)
        return []
    broken = dumping.sqlite_faults(file)
    if broken:
        raise Damaged(f"{path.name}: the database in it is damaged: {broken[0]}")
    with dumping.opened(file) as connection:
        return _held_against(connection, path, manifest, head, told)


def _held_against(
    connection: Connection, path: Path, manifest: Manifest, head: str, told: Told
) -> list[str]:
    if record.schema(connection) != manifest.schema:
        raise Damaged(f"{path.name}: its tables are of another version than it says.")
    if record.counts(connection) != manifest.rows:
        raise Damaged(f"{path.name}: its tables have other rows than it says.")
    for table, saved in manifest.record.items():
        found = record.up_to(connection, table, saved.last, saved.columns)
        if found != saved:
            raise Damaged(f"{path.name}: the rows of its {table} are not those that it says.")
    if manifest.schema != head:
        return []
    with Session(connection) as session:
        return list(auditing.faults(session, told))


def restore(engine: Engine, path: Path, manifest: Manifest, head: str, told: Told) -> Restored:
    """Put the database of a backup in the place of the present one.

    Raises Damaged, Refused, CannotCopy.
    """
    if manifest.database != engine.dialect.name:
        raise Refused(
            f"This is a backup of {manifest.database}, and PARLEY_DATABASE_URL names "
            f"{engine.dialect.name}. `flask export` goes from the one to the other."
        )
    if engine.dialect.name == "postgresql":
        return _restore_postgresql(engine, path, manifest, head, told)
    target = dumping.file_of(engine)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target: only within one file system a file can take another's place at once.
    with archive.workplace(target.parent) as place:
        faults = check(path, manifest, head, place, told)
        engine.dispose()
        replaced = _set_aside(target)
        (place / archive.MEMBERS["sqlite"]).replace(target)
        archive.sync_folder(target.parent)
    return Restored(faults, replaced, manifest.schema == head)


# What SQLite keeps beside a database and would bring into whatever lies there under its name.
_BESIDE = ("-wal", "-shm", "-journal")


def _set_aside(target: Path) -> Path | None:
    """Give the present database a second name, and take along what lies beside it; None where
    there is nothing.

    A whole database has all of it in the one file afterwards. Of a damaged or lost one the log can
    be left, and it must not be written into the one that comes. Raises Refused while somebody has
    it open.
    """
    beside = [kind for kind in _BESIDE if _with(target, kind).exists()]
    if not target.exists() and not beside:
        return None
    if target.exists():
        _close(target)
    aside = target.with_name(f"parley-replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}.db")
    if target.exists():
        os.link(target, aside)
    for kind in _BESIDE:
        if _with(target, kind).exists():
            _with(target, kind).rename(_with(aside, kind))
    archive.sync_folder(target.parent)
    return aside


def _with(target: Path, ending: str) -> Path:
    return target.with_name(f"{target.name}{ending}")


def _close(target: Path) -> None:
    """Have all of a database in its one file. Raises Refused while somebody has it open."""
    try:
        with closing(sqlite3.connect(target, timeout=1)) as database:
            # Brings the log into the file and removes it; it needs the file for itself.
            (mode,) = database.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError:
        mode = "locked"
    except sqlite3.DatabaseError:
        mode = "delete"  # it is no database any more: that is why somebody restores one
    if mode != "delete":
        raise Refused("The database is in use: stop the server and its workers first.")


def _restore_postgresql(
    engine: Engine, path: Path, manifest: Manifest, head: str, told: Told
) -> Restored:
    with engine.connect() as connection:
        if record.counts(connection) or record.schema(connection):
            raise Refused(
                "The database has tables already. Make a new one (createdb), name it in "
                "PARLEY_DATABASE_URL, and restore into that; the old one stays as it is."
            )
    with tempfile.TemporaryDirectory(prefix="parley-restore-") as made:
        check(path, manifest, head, Path(made), told)
        dumping.load_postgresql(engine, Path(made) / archive.MEMBERS["postgresql"])
    with engine.connect() as connection:
        faults = _held_against(connection, path, manifest, head, told)
    return Restored(faults, None, manifest.schema == head)
