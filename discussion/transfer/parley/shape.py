"""Which columns of which rows travel as they are, and how their values look in JSON.

Numbers of rows never travel: `names` has what stands for them. What is counted from other rows
(replies, votes, open reports) is counted again.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON

from models import (
    Account,
    Appeal,
    AuditEntry,
    Batch,
    Comment,
    Decision,
    Note,
    Policy,
    Report,
    Sample,
    Sanction,
    Score,
    Site,
    StoredSignal,
    Thread,
    Vote,
)
from models.base import UtcDateTime
from moderation.errors import Invalid

FORMAT, VERSION = "parley-export", 1


@dataclass(frozen=True)
class Shape:
    """The columns of one table that travel, in the order in which they are written.

    A column with its usual value is left out; `usual` has these.
    """

    table: Any
    columns: tuple[str, ...]
    usual: Mapping[str, Any]

    @property
    def read(self) -> list[Any]:
        """The columns to select."""
        return [getattr(self.table, name) for name in self.columns]

    def line(self, row: Any) -> dict[str, Any]:
        """What is written of a row that has these columns."""
        found = ((name, plain(getattr(row, name))) for name in self.columns)
        return {name: value for name, value in found if value != self.usual.get(name, _NOT_USUAL)}

    def row(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """The columns' values again. Raises Invalid, naming the column."""
        return {name: self._value(name, line) for name in self.columns}

    def _value(self, name: str, line: Mapping[str, Any]) -> Any:
        if name not in line and name not in self.usual:
            raise Invalid(f"There is no “{name}”.", field=name)
        value = line.get(name, self.usual.get(name))
        if isinstance(self.usual.get(name), list) and not _are_words(value):
            raise Invalid(f"“{name}” is no list of words.", field=name)
        column = self.table.__table__.c[name]
        if value is None:
            if not column.nullable:
                raise Invalid(f"“{name}” is empty.", field=name)
            return None
        if isinstance(self.usual.get(name), list):
            return value
        return _typed(name, value, column)


_NOT_USUAL = object()


def plain(value: Any) -> Any:
    """A value as JSON has it; times in UTC to the microsecond (RFC 3339)."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.value if isinstance(value, enum.Enum) else value


def moment(name: str, value: Any) -> datetime:
    """A time as it was written. Raises Invalid."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Invalid(f"“{name}” is no time.", field=name) from None
    if found.tzinfo is None:
        raise Invalid(f"“{name}” says no zone.", field=name)
    return found.astimezone(UTC)


def _typed(name: str, value: Any, column: Any) -> Any:
    """A value of the column's own kind, which its table can hold."""
    kinds = getattr(column.type, "enum_class", None)
    if kinds is not None:
        try:
            return kinds(value)
        except ValueError:
            raise Invalid(f"“{name}” is {value!r}, which is not known.", field=name) from None
    if isinstance(column.type, UtcDateTime):
        return moment(name, value)
    wanted: Any = dict if isinstance(column.type, JSON) else column.type.python_type
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not isinstance(value, wanted) or (wanted is int and not is_number):
        raise Invalid(f"“{name}” is of another kind than it has to be.", field=name)
    if is_number and not (math.isfinite(value) and abs(value) < _LARGEST):
        raise Invalid(f"“{name}” is larger than it can be.", field=name)
    longest = getattr(column.type, "length", None)
    if isinstance(value, str):
        if longest and len(value) > longest:
            raise Invalid(f"“{name}” has more than {longest:,} characters.", field=name)
        _refuse_unstorable(name, value)
    return value


# Of a column with 32 bits.
_LARGEST = 2**31


def _refuse_unstorable(name: str, value: str) -> None:
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise Invalid(f"“{name}” holds what cannot be stored.", field=name)


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def name_in(line: Mapping[str, Any], longest: int) -> str:
    """What a line's comment or person is called. Raises Invalid."""
    name = line.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= longest:
        raise Invalid("There is no “id”.", field="id")
    _refuse_unstorable("id", name)
    return name


def objects(line: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects in a line; none where it is left out. Raises Invalid."""
    found = line.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Invalid(f"“{name}” is no list of objects.", field=name)
    return found


SITE = Shape(
    Site, ("slug", "name", "asks_second_factor", "created_at"), {"asks_second_factor": False}
)
POLICY = Shape(
    Policy,
    ("version", "values", "actor_kind", "actor_name", "note", "created_at"),
    {"note": ""},
)
ACCOUNT = Shape(
    Account,
    ("kind", "name", "email", "active", "standing", "created_at"),
    {"kind": "guest", "email": None, "active": True, "standing": "good"},
)
THREAD = Shape(
    Thread,
    ("identity", "url", "title", "section", "state", "created_at"),
    {"title": "", "section": "", "state": "open"},
)
COMMENT = Shape(
    Comment,
    (
        "author_name", "by_staff", "email_domain", "trapped", "text", "html", "revision", "status",
        "created_at", "edited_at", "imported_up", "imported_down", "featured_at", "escalated",
        "risk", "doubt", "language",
    ),
    {
        "by_staff": False, "email_domain": "", "trapped": False, "revision": 1, "edited_at": None,
        "imported_up": 0, "imported_down": 0, "featured_at": None, "escalated": False, "risk": 0.0,
        "doubt": 1.0, "language": "und",
    },
)  # fmt: skip
DECISION = Shape(
    Decision,
    (
        "revision", "before", "after", "actor_kind", "actor_name", "reasons", "note",
        "policy_version", "created_at",
    ),
    {"revision": 1, "reasons": [], "note": ""},
)  # fmt: skip
SCORE = Shape(
    Score,
    ("revision", "label", "value", "model_name", "model_version", "created_at"),
    {"revision": 1},
)
SIGNAL = Shape(
    StoredSignal,
    ("revision", "kind", "subject", "advice", "value", "threshold", "evidence", "created_at"),
    {"revision": 1, "subject": "", "value": 0.0, "threshold": 0.0, "evidence": {}},
)
VOTE = Shape(Vote, ("value", "created_at"), {})
REPORT = Shape(
    Report, ("reason", "text", "state", "weight", "created_at"), {"text": "", "state": "open"}
)
APPEAL = Shape(Appeal, ("text", "state", "created_at"), {"state": "open"})
NOTE = Shape(Note, ("actor_name", "text", "created_at"), {})
SAMPLE = Shape(
    Sample,
    ("revision", "kind", "share", "opinion", "answered_at", "created_at"),
    {"revision": 1, "opinion": "none", "answered_at": None},
)
BATCH = Shape(
    Batch,
    (
        "criteria", "after", "reasons", "state", "decided", "taken_back", "actor_kind",
        "actor_name", "created_at",
    ),
    {"reasons": [], "decided": 0, "taken_back": 0},
)  # fmt: skip
SANCTION = Shape(
    Sanction,
    ("kind", "state", "told", "actor_kind", "actor_name", "ends_at", "created_at"),
    {"told": ""},
)
AUDIT = Shape(
    AuditEntry,
    ("action", "subject_kind", "detail", "actor_kind", "actor_name", "created_at"),
    {"detail": {}},
)
