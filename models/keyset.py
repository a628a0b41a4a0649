"""Where the next page of an ordered list begins: keyset cursors, opaque to those who carry them.

A page after a cursor costs the same wherever it stands, unlike one after an offset.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, literal, or_
from sqlalchemy.orm import InstrumentedAttribute

from models.base import UtcDateTime

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Begins at the beginning: for a list that has not been fetched at all.
FIRST = "first"


@dataclass(frozen=True)
class Order:
    """A total order: one column, then the row's number where that is equal."""

    name: str
    column: InstrumentedAttribute[Any]
    row_id: InstrumentedAttribute[int]
    descending: bool

    def clauses(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """For ORDER BY."""
        if self.descending:
            return self.column.desc(), self.row_id.desc()
        return self.column.asc(), self.row_id.asc()

    def after(self, cursor: str) -> ColumnElement[bool]:
        """For WHERE: what comes after a cursor. Raises ValueError for what is no cursor."""
        value, row_id = self._decode(cursor)
        bound = literal(value, self.column.type)
        if self.descending:
            return or_(self.column < bound, and_(self.column == bound, self.row_id < row_id))
        return or_(self.column > bound, and_(self.column == bound, self.row_id > row_id))

    def cursor(self, value: Any, row_id: int) -> str:
        """The cursor that stands just after a row."""
        if isinstance(value, datetime):
            value = (value - _EPOCH) // timedelta(microseconds=1)
        raw = json.dumps([self.name, value, row_id], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def _decode(self, cursor: str) -> tuple[Any, int]:
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            name, value, row_id = json.loads(raw)
            if name != self.name or not _is_storable(row_id):
                raise ValueError
            if type(value) not in (int, float) or not math.isfinite(value):
                raise ValueError
            if isinstance(self.column.type, Integer) and not _is_storable(value):
                raise ValueError
            if isinstance(self.column.type, UtcDateTime):
                value = _EPOCH + timedelta(microseconds=int(value))
        except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
            raise ValueError("this is not a cursor of this list") from None
        return value, row_id


def _is_storable(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**31
