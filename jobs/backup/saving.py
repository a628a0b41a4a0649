"""Make a backup, look whether it is good, and let go of the oldest."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from jobs import auditing
from jobs.audit_checks import Told
from jobs.backup import archive, dumping, record
from jobs.backup.archive import MEMBERS, Manifest


@dataclass(frozen=True)
class Saved:
    """A backup that was made, and what `flask audit verify` has to say of the database in it."""

    path: Path
    manifest: Manifest
    faults: list[str]


def save(engine: Engine, folder: Path, secret_key: str, *, with_key: bool, told: Told) -> Saved:
    """Copy the database into a new backup in `folder`, while it is in use, and check the copy.

    `told` hears how many comments were replayed. The backup is there whole or not at all. A
    database whose record is not whole is saved all the same: it is said in the manifest. Raises
    CannotCopy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with archive.workplace(folder) as place:
        kind = engine.dialect.name
        file = place / MEMBERS[kind]
        if kind == "sqlite":
            dumping.copy_sqlite(dumping.file_of(engine), file)
            broken = dumping.sqlite_faults(file)
            if broken:
                raise dumping.CannotCopy(f"The database itself is damaged: {broken[0]}")
            with dumping.opened(file) as connection:
                manifest, faults = _described(connection, told)
        else:
            with dumping.frozen(engine) as (connection, snapshot):
                dumping.dump_postgresql(engine, snapshot, file)
                manifest, faults = _described(connection, told)
        sha256, size = archive.measured(file)
        manifest |= {"sha256": sha256, "size": size, "key_mark": mark_of(secret_key)}
        whole = Manifest(**manifest)
        archive.write(place / "backup.zip", whole, file, secret_key if with_key else "")
        path = (place / "backup.zip").rename(archive.named_now(folder))
        archive.sync_folder(folder)
    return Saved(path, whole, faults)


def _described(connection: Connection, told: Told) -> tuple[dict[str, Any], list[str]]:
    """What a manifest says of the rows, and the faults of the record."""
    with Session(connection) as session:
        faults = list(auditing.faults(session, told))
        said = {
            "database": connection.dialect.name,
            "schema": record.schema(connection),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "rows": record.counts(connection),
            "record": {table: record.of(connection, table) for table in record.TABLES},
            "faults": len(faults),
        }
    return said, faults


def mark_of(secret_key: str) -> str:
    """By what a secret key is recognised without being told: an HMAC of a constant."""
    return hmac.new(secret_key.encode(), b"parley backup", "sha256").hexdigest()[:16]


def rotate(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of a folder; answers what was removed."""
    old = archive.there(folder)[:-keep] if keep > 0 else []
    for path in old:
        path.unlink()
    if old:
        archive.sync_folder(folder)
    return old
