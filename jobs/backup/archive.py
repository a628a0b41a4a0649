"""The file that a backup is: a zip with the database and a manifest that says what is in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from jobs.backup.record import Record

MANIFEST, KEY = "manifest.json", "secret_key"
# What a member with the database is called, by the kind of the database.
MEMBERS = {"sqlite": "parley.db", "postgresql": "parley.pgdump"}
FORMAT, VERSION = "parley-backup", 1
_NAMED = re.compile(r"parley-\d{8}T\d{6}Z(-\d+)?\.zip")
_PIECE = 1 << 20
_LONGEST_MANIFEST = 1 << 20
_WORKPLACE, _LEFT_SECONDS = ".parley-work-", 24 * 3600


class Damaged(Exception):
    """A file that is no whole backup; its text says why, in words for the publisher."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    # "sqlite" or "postgresql".
    database: str
    # The migration that the database stood at, and when the backup was made, in UTC.
    schema: str
    made_at: str
    # SHA-256 and bytes of the database's member.
    sha256: str
    size: int
    # By table, how many rows it had; and what its decisions and its audit log come to.
    rows: dict[str, int]
    record: dict[str, Record]
    # What `flask audit verify` found wrong with it when it was made; 0 for nothing.
    faults: int
    # Which secret key the server had, without telling it.
    key_mark: str


def named_now(folder: Path) -> Path:
    """Where a backup made now goes: a name that sorts by time and that nothing has yet."""
    stem = f"parley-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (f"{stem}{ending}.zip" for ending in ("", *(f"-{number}" for number in range(2, 100))))
    return next(folder / name for name in names if not (folder / name).exists())


def there(folder: Path) -> list[Path]:
    """The backups in a folder, the oldest first; files with other names are none of ours."""
    found = [path for path in folder.iterdir() if _NAMED.fullmatch(path.name)]
    return sorted(found, key=lambda path: (path.name[:23], len(path.name), path.name))


def write(path: Path, manifest: Manifest, database: Path, key: str = "") -> None:
    """Put a backup together under `path`, which nobody else can read; whole or not at all.

    `key` is the secret key, where it is to be in the file.
    """
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
            packed.writestr(MANIFEST, json.dumps(asdict(manifest) | _OURS, indent=1))
            # A dump of PostgreSQL's is compressed already.
            how = zipfile.ZIP_DEFLATED if manifest.database == "sqlite" else zipfile.ZIP_STORED
            packed.write(database, MEMBERS[manifest.database], how)
            if key:
                packed.writestr(KEY, key)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


_OURS = {"format": FORMAT, "version": VERSION}


def read(path: Path) -> Manifest:
    """What a backup says of itself. Raises Damaged."""
    try:
        with zipfile.ZipFile(path) as packed:
            if packed.getinfo(MANIFEST).file_size > _LONGEST_MANIFEST:
                raise Damaged(f"{path.name} is no backup of Parley's: its manifest is too long.")
            said = json.loads(packed.read(MANIFEST))
        if (said.pop("format"), said.pop("version")) != (FORMAT, VERSION):
            raise Damaged(f"{path.name} was made by another version of Parley's backup.")
        said["record"] = {name: Record(**one) for name, one in said["record"].items()}
        manifest = Manifest(**said)
        if manifest.database not in MEMBERS:
            raise Damaged(f"{path.name} holds a database of an unknown kind.")
        return manifest
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(
            f"{path.name} is no backup of Parley's, or not a whole one ({type(error).__name__})."
        ) from error


def unpack(path: Path, manifest: Manifest, target: Path) -> None:
    """Write the database of a backup to `target`, and check every byte. Raises Damaged."""
    digest, size = hashlib.sha256(), 0
    try:
        with zipfile.ZipFile(path) as packed, target.open("wb") as file:
            member = packed.getinfo(MEMBERS[manifest.database])
            if member.file_size != manifest.size:
                raise Damaged(f"{path.name}: the database in it has another length than it says.")
            with packed.open(member) as source:
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    size += file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError) as error:
        raise Damaged(f"{path.name} is not whole: {error}") from error
    if digest.hexdigest() != manifest.sha256 or size != manifest.size:
        raise Damaged(f"{path.name}: the database in it is not the one that was saved.")


def key_in(path: Path) -> str:
    """The secret key that a backup carries; empty if it carries none."""
    with zipfile.ZipFile(path) as packed:
        return packed.read(KEY).decode() if KEY in packed.namelist() else ""


def measured(file: Path) -> tuple[str, int]:
    """SHA-256 and length of a file."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest(), file.stat().st_size


def sync_folder(folder: Path) -> None:
    """Have the names of a folder's files on the disk, as well as what is in them."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A folder of one's own within another, for nobody else to read, which is gone at the end.

    What a killed process left of the kind is removed after a day.
    """
    for left in folder.glob(f"{_WORKPLACE}*"):
        if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=_WORKPLACE, dir=folder))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
