"""Runs migrations on the application's own database, each in one transaction."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from models.base import WRITES, Base, UtcDateTime


def _plain_types(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write our own types as what they are in the database: a migration outlives our classes."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run() -> None:
    engine: sa.Engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=_plain_types,
            render_as_batch=True,
            compare_type=True,
            # Killed half-way, the database is as it was before.
            transactional_ddl=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


_run()
