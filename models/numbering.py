"""Numbers for rows that are stored in bulk and refer to each other before they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session


def take_numbers(session: Session, table: Any, count: int) -> Sequence[int]:
    """So many numbers (`id`) for new rows of a table class, in a transaction that writes.

    In SQLite they are free because nobody else writes until the transaction ends; in PostgreSQL
    they come from the sequence that all inserts use.
    """
    if session.get_bind().dialect.name == "sqlite":
        last = session.scalar(select(func.max(table.id))) or 0
        return range(last + 1, last + 1 + count)
    drawn = text(
        "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)"
    )
    return session.scalars(drawn, {"name": table.__tablename__, "count": count}).all()
