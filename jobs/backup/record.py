"""What the append-only tables of a database come to: how many rows, and a digest of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from models import AuditEntry, Decision
from models.base import db

# The tables whose rows never change and never go, so that an earlier state is a part of a later.
TABLES = (Decision.__tablename__, AuditEntry.__tablename__)
_PIECE = 5_000


@dataclass(frozen=True)
class Record:
    """The rows of one append-only table up to the number `last`."""

    rows: int
    last: int
    # When the newest was written, as the database writes it; empty where there is none.
    newest: str
    # SHA-256 over the values of these columns, row by row.
    columns: list[str]
    sha256: str


def of(connection: Connection, table: str) -> Record:
    """What a table comes to now."""
    columns = [column["name"] for column in inspect(connection).get_columns(table)]
    last = connection.scalar(text(f"SELECT max(id) FROM {table}")) or 0  # noqa: S608 (a constant)
    return up_to(connection, table, last, columns)


def up_to(connection: Connection, table: str, last: int, columns: Sequence[str]) -> Record:
    """What the rows of a table up to a number come to, looked at by some of its columns."""
    digest, rows, done, newest = hashlib.sha256(), 0, 0, ""
    place, when = columns.index("id"), columns.index("created_at")
    named = ", ".join(f'"{column}"' for column in columns)
    query = text(
        f"SELECT {named} FROM {table} WHERE id > :done AND id <= :last "  # noqa: S608 (checked)
        "ORDER BY id LIMIT :piece"
    )
    while True:
        found = connection.execute(query, {"done": done, "last": last, "piece": _PIECE}).all()
        if not found:
            return Record(rows, last, newest, list(columns), digest.hexdigest())
        for row in found:
            digest.update(json.dumps([*row], sort_keys=True, default=str).encode() + b"\n")
        rows, done, newest = rows + len(found), found[-1][place], str(found[-1][when])


def has_columns(connection: Connection, table: str, columns: Sequence[str]) -> bool:
    """Whether a table is there and has all of these columns."""
    shape = inspect(connection)
    there = {one["name"] for one in shape.get_columns(table)} if shape.has_table(table) else set()
    return there.issuperset(columns)


def counts(connection: Connection) -> dict[str, int]:
    """How many rows every table of ours has, of those that are there."""
    present = set(inspect(connection).get_table_names())
    return {
        name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0  # noqa: S608 (ours)
        for name in sorted(present & set(db.metadata.tables))
    }


def schema(connection: Connection) -> str:
    """The migration that a database stands at; empty for a database without any."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")
