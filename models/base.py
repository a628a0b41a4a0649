"""The database handle, the names of constraints, UTC time, and how a SQLite transaction begins."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from sqlite3 import Connection as SQLiteConnection
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Dialect, Engine, Enum, MetaData, TypeDecorator, event
from sqlalchemy.orm import DeclarativeBase

# Execution option that a writing transaction carries from its first statement on.
WRITES = "parley_writes"
# When something ends that nobody gave an end.
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


class Base(DeclarativeBase):
    """The parent of every table class."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


def utcnow() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: refused without a zone, stored as UTC, read back with its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """In SQLite the same text that SQLAlchemy writes, made in a quarter of the time: an import
        has several of them in every row."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone; what stands there was written as UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a stored time needs its zone")
    # Nearly all are in UTC already, and to convert one takes as long as to write it.
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    return _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def stored_enum(kind: type[enum.StrEnum], name: str = "") -> Enum:
    """A column type that stores the values of an enum as short text, checked by the database.

    A table with two columns of one enum gives each a `name`, for the constraints to differ.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=16,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def sqlite_fault(version: tuple[int, ...]) -> str:
    """What is known to be wrong with a version of SQLite; empty if nothing is.

    Source: the WAL-reset bug, fixed in 3.51.3, 3.50.7 and 3.44.6.
    """
    fixed = (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51)
        or ((3, 44, 6) <= version < (3, 45))
    )
    if fixed or version < (3, 7, 0):
        return ""
    named = ".".join(str(part) for part in version)
    return (
        f"SQLite {named} can, rarely, lose pages when its write-ahead log is reset. "
        "3.51.3, 3.50.7 and 3.44.6 are mended; keep backups, or use PostgreSQL."
    )


def prepare_engine(engine: Engine, busy_seconds: float) -> None:
    """Make SQLite durable and its transactions honest; leaves other databases alone.

    The driver's own transaction control is switched off: it begins a transaction only at the
    first write, and a read that turns into a write fails at once whatever the busy time-out.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _configure(connection: SQLiteConnection, record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={int(busy_seconds * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
