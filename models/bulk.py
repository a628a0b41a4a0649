"""Stores many rows of one table at once: what imports are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.orm import Session

_Process = Callable[[Any], Any]


def insert_many(session: Session, statement: Insert, rows: Sequence[dict[str, Any]]) -> None:
    """Store rows that all have the same columns; `statement` may hold values that all have alike.

    Like `session.execute(statement, rows)`, but what is to be done to the values is found out once
    and not for every row, which takes longer there than the storing. Columns that are not given
    have their defaults; one that is made of the other columns has to be given.
    """
    if not rows:
        return
    connection = session.connection()
    compiled = statement.compile(
        dialect=connection.dialect, column_keys=list(rows[0]), for_executemany=True
    )
    defaults: dict[str, Any] = {one.key: one.default for one in compiled.insert_prefetch}
    makes = {name: one.arg for name, one in defaults.items() if one.is_callable}
    alike = compiled.params | {name: one.arg for name, one in defaults.items() if one.is_scalar}
    if makes:
        rows = [row | {name: make(None) for name, make in makes.items()} for row in rows]
    processes = {
        name: bind.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        for bind, name in compiled.bind_names.items()
    }
    if compiled.positiontup is not None:
        stored = _values(rows, compiled.positiontup, processes, alike)
        connection.exec_driver_sql(str(compiled), [tuple(one) for one in stored])
    else:
        names = list(compiled.bind_names.values())
        stored = _values(rows, names, processes, alike)
        named = [dict(zip(names, one, strict=True)) for one in stored]
        connection.exec_driver_sql(str(compiled), named)


def _values(
    rows: Sequence[dict[str, Any]],
    names: Sequence[str],
    processes: Mapping[str, _Process | None],
    alike: Mapping[str, Any],
) -> Iterator[list[Any]]:
    """The rows as the database takes them, each with its values in the order of the names."""
    ready = {
        name: process(alike[name]) if (process := processes[name]) else alike[name]
        for name in names
        if name not in rows[0]
    }
    changes = [
        (place, change)
        for place, name in enumerate(names)
        if name not in ready and (change := processes[name])
    ]
    in_order = itemgetter(*names)
    for row in rows:
        full = ready | row if ready else row
        values = [*in_order(full)] if len(names) > 1 else [in_order(full)]
        for place, change in changes:
            values[place] = change(values[place])
        yield values
