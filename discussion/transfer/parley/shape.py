"""Which columns of which rows travel as they are, and how their values look in JSON.

Numbers of rows never travel: `names` has what stands for them. What is counted from other rows
(replies, votes, open reports) is counted again.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
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

_Check = Callable[[Any], Any]


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
        usual = self.usual
        return {
            name: check(line[name] if name in line else usual.get(name, _NOT_USUAL))
            for name, check in self._checks
        }

    @cached_property
    def _checks(self) -> list[tuple[str, _Check]]:
        return [
            (name, _check_for(name, self.table.__table__.c[name], self.usual.get(name)))
            for name in self.columns
        ]


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
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise Invalid(f"“{name}” is no time.", field=name) from None


def _check_for(name: str, column: Any, usual: Any) -> _Check:
    """What answers a value of the column's own kind, which its table can hold, and raises Invalid
    for any other. Made once: there are dozens of values to a comment."""
    check = _check_words(name) if isinstance(usual, list) else _check_kind(name, column)

    def checked(value: Any) -> Any:
        if value is None:
            if not column.nullable:
                raise Invalid(f"“{name}” is empty.", field=name)
            return None
        if value is _NOT_USUAL:
            raise Invalid(f"There is no “{name}”.", field=name)
        return check(value)

    return checked


def _check_kind(name: str, column: Any) -> _Check:
    kinds = getattr(column.type, "enum_class", None)
    if kinds is not None:
        return partial(_one_of, name, {one.value: one for one in kinds})
    if isinstance(column.type, UtcDateTime):
        return partial(moment, name)
    if isinstance(column.type, JSON):
        return partial(_kept, name, dict)
    if column.type.python_type is str:
        return partial(_text, name, getattr(column.type, "length", None))
    if column.type.python_type in (int, float):
        return partial(_number, name, column.type.python_type)
    return partial(_kept, name, column.type.python_type)


def _check_words(name: str) -> _Check:
    def checked(value: Any) -> Any:
        if not _are_words(value):
            raise Invalid(f"“{name}” is no list of words.", field=name)
        return list(value)

    return checked


def _one_of(name: str, kinds: Mapping[str, Any], value: Any) -> Any:
    found = kinds.get(value) if isinstance(value, str) else None
    if found is None:
        raise Invalid(f"“{name}” is not known: {str(value)[:40]!r}.", field=name)
    return found


def _kept(name: str, kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise _of_another_kind(name)
    return value


def _number(name: str, kind: type, value: Any) -> Any:
    # Neither takes True for 1.
    if type(value) is not int and not (kind is float and isinstance(value, float)):
        raise _of_another_kind(name)
    # Nor is what is no number less than anything.
    if not abs(value) < _LARGEST:
        raise Invalid(f"“{name}” is larger than it can be.", field=name)
    return kind(value)


def _text(name: str, longest: int | None, value: Any) -> Any:
    if not isinstance(value, str):
        raise _of_another_kind(name)
    if longest and len(value) > longest:
        raise Invalid(f"“{name}” has more than {longest:,} characters.", field=name)
    _refuse_unstorable(name, value)
    return value


def _of_another_kind(name: str) -> Invalid:
    return Invalid(f"“{name}” is of another kind than it has to be.", field=name)


# Of a column with 32 bits.
_LARGEST = 2**31
# NUL, and halves of pairs.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _refuse_unstorable(name: str, value: str) -> None:
    if _UNSTORABLE.search(value):
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
