"""One moment of a database, copied to a file while the server goes on writing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.pool import NullPool

# Debian keeps PostgreSQL's programs apart from those on everybody's path.
_PLACES = "usr/lib/postgresql/*/bin"


class CannotCopy(Exception):
    """The database could not be copied or put back; its text says why."""


def file_of(engine: Engine) -> Path:
    """The file of a SQLite database. Raises CannotCopy for one in memory."""
    name = engine.url.database
    if not name or name == ":memory:":
        raise CannotCopy("A database in memory cannot be saved.")
    return Path(name)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database with its own online backup: one moment, and no writer waits.

    In one step, so that it need not begin anew whenever somebody writes (sqlite.org/backup.html).
    The copy is one file, without a log beside it.
    """
    if not source.exists():
        raise CannotCopy(f"There is no database at {source}.")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def sqlite_faults(file: Path) -> list[str]:
    """What SQLite finds wrong with a database's pages and references; empty for nothing."""
    try:
        with closing(sqlite3.connect(file)) as database:
            said = [str(row[0]) for row in database.execute("PRAGMA integrity_check(10)")]
            strays = database.execute("PRAGMA foreign_key_check").fetchmany(10)
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [one for one in said if one != "ok"] + [
        f"{row[0]} {row[1]} refers to nothing" for row in strays
    ]


@contextmanager
def opened(file: Path) -> Iterator[Connection]:
    """A connection to a SQLite database apart from the server's."""
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def frozen(engine: Engine) -> Iterator[tuple[Connection, str]]:
    """A connection to PostgreSQL that sees one moment, and the name under which others see it."""
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection, str(connection.scalar(text("SELECT pg_export_snapshot()")))
        connection.rollback()


def dump_postgresql(engine: Engine, snapshot: str, target: Path) -> None:
    """Write a database as `pg_dump` does, as it is in a snapshot, and have all of it read again.

    Raises CannotCopy.
    """
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    _run("pg_dump", [*options, f"--file={target}"], engine)
    read_postgresql(target)


def read_postgresql(file: Path) -> None:
    """Decompress every byte of a dump: what is wrong with it comes out here, not years later.

    Raises CannotCopy.
    """
    _run("pg_restore", [f"--file={os.devnull}", str(file)])


def load_postgresql(engine: Engine, source: Path) -> None:
    """Fill an empty PostgreSQL database from a dump: all of it, or nothing. Raises CannotCopy."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run("pg_restore", [*options, f"--dbname={engine.url.database}", str(source)], engine)


def _run(program: str, options: list[str], engine: Engine | None = None) -> None:
    found = _found(program, _major(engine) if engine else 0)
    url = engine.url if engine else None
    done = subprocess.run(  # noqa: S603 (no shell, and the options are ours)
        [found, *options], capture_output=True, text=True, env=_environ(url), check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise CannotCopy(f"{program} failed: {said[0] if said else done.returncode}")


def _major(engine: Engine) -> int:
    """Of which version the server is, such as 16."""
    with engine.connect() as connection:
        return int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000


def _found(program: str, server: int) -> str:
    """The oldest of the programs that are not older than the server: an older one refuses to read
    it, and a newer one may ask for what it does not know."""
    on_path = shutil.which(program)
    apart = sorted(Path("/").glob(f"{_PLACES}/{program}"), key=lambda one: float(one.parts[4]))
    fitting = [one for one in apart if float(one.parts[4]) >= server]
    if apart:
        return str((fitting or apart[-1:])[0])
    if on_path is None:
        raise CannotCopy(
            f"{program} is not installed; on Debian it comes with `apt-get install "
            "postgresql-client`."
        )
    return on_path


def _environ(url: URL | None) -> dict[str, str]:
    """Where the database is, in PostgreSQL's own variables: a password among a program's arguments
    could be read by everyone on the machine."""
    if url is None:
        return dict(os.environ)
    query = {key: str(value) for key, value in url.query.items()}
    said = {
        "PGHOST": url.host or query.get("host", ""),
        "PGPORT": str(url.port or query.get("port", "")),
        "PGUSER": url.username or query.get("user", ""),
        "PGPASSWORD": url.password or query.get("password", ""),
        "PGDATABASE": url.database or "",
        "PGSSLMODE": query.get("sslmode", ""),
        "PGSSLROOTCERT": query.get("sslrootcert", ""),
    }
    return dict(os.environ) | {name: value for name, value in said.items() if value}
