"""Moments as whole seconds, in the words of each database: what days and durations are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class seconds_since_epoch(FunctionElement[int]):  # noqa: N801 (reads as a function of SQL)
    """The seconds from 1970, UTC, to a moment, rounded down."""

    type = Integer()
    inherit_cache = True


@compiles(seconds_since_epoch)
def _anywhere(element: Any, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST(floor(extract(epoch FROM {moment})) AS BIGINT)"


@compiles(seconds_since_epoch, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"
