"""Runs migrations on the application's own database, each in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from flask import current_app

from models import wording
from models.base import WRITES, Base, UtcDateTime


def _plain_types(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write our own types as what they are in the database: a migration outlives our classes."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _is_ours(name: str | None, kind: str, _: Any) -> bool:
    """The index of words has no table class, whether FTS5 makes tables for it or not."""
    is_named = kind in ("table", "index")
    return not (is_named and (name or "").removeprefix("ix_").startswith(wording.TABLE))


@contextmanager
def _rebuilding(connection: sa.Connection) -> Iterator[None]:
    """Let SQLite rebuild a table that others refer to, which is how it changes a constraint.

    It would take the references for broken meanwhile; whether they are is asked before a migration
    is committed. Outside a transaction on purpose: inside one the switch does nothing.
    """
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _refuse_broken_references(ctx: MigrationContext, **_: Any) -> None:
    """Asked in the transaction of each migration: one that breaks a reference is rolled back."""
    if ctx.dialect.name == "sqlite" and ctx.connection is not None:
        broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"references are broken: {broken[:5]}")


def _run() -> None:
    engine: sa.Engine = current_app.extensions["migrate"].db.engine
    with (
        engine.connect().execution_options(**{WRITES: True}) as connection,
        _rebuilding(connection),
    ):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_plain_types,
            render_as_batch=True,
            compare_type=True,
            include_name=_is_ours,
            # Killed half-way, the database is as it was before.
            transactional_ddl=True,
            transaction_per_migration=True,
            on_version_apply=_refuse_broken_references,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


_run()
