"""What an entry of the audit log refers to, by names instead of numbers, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import AuditEntry, Decision
from moderation.errors import Invalid

# By the name of a detail, what its number is the number of; `by` depends on the subject.
_KINDS = {
    "account_id": "person",
    "author": "person",
    "comment": "comment",
    "comment_id": "comment",
}
_BY = {"sanction": "sanction", "invitation": "person"}
_SUBJECTS = {
    "account": "person",
    "comment": "comment",
    "thread": "thread",
    "batch": "batch",
    "sanction": "sanction",
}
_DECISION = "decision"
_NEEDED = ("batch", "sanction")


class Called(Protocol):
    """Turns numbers of this database into names (or back); None where there is none."""

    def person(self, number: Any, /) -> Any:
        """Of an account."""

    def comment(self, number: Any, /) -> Any:
        """Of a comment."""

    def thread(self, number: Any, /) -> Any:
        """Of a thread."""

    def batch(self, number: Any, /) -> Any:
        """Of a batch."""

    def sanction(self, number: Any, /) -> Any:
        """Of a sanction."""


def told(session: Session, entry: AuditEntry, called: Called) -> tuple[Any, dict[str, Any]]:
    """The name of an entry's subject, None for what does not travel, and its details with names."""
    detail = _turned(entry.subject_kind, entry.detail, called)
    if detail.get(_DECISION):
        before = select(func.count()).where(
            Decision.comment_id == entry.subject_id, Decision.id <= entry.detail[_DECISION]
        )
        detail[_DECISION] = session.scalar(before)
    return _subject(entry.subject_kind, entry.subject_id, called), detail


def found(
    session: Session, kind: str, subject: Any, detail: Mapping[str, Any], called: Called
) -> tuple[int, dict[str, Any]]:
    """The way back: the number of the subject, 0 for what did not travel, and the details.

    Raises Invalid for a sanction or a batch that is not there: an entry without it is a fault.
    """
    number = _subject(kind, subject, called) or 0
    if kind in _NEEDED and not number:
        raise Invalid("What it is about is nowhere in the file before it.", field="subject")
    turned = _turned(kind, detail, called)
    place = turned.get(_DECISION)
    if isinstance(place, int) and place > 0:
        made = select(Decision.id).where(Decision.comment_id == number).order_by(Decision.id)
        turned[_DECISION] = session.scalar(made.offset(place - 1).limit(1)) or 0
    return number, turned


def _subject(kind: str, subject: Any, called: Called) -> Any:
    if kind not in _SUBJECTS or subject is None:
        return None
    return getattr(called, _SUBJECTS[kind])(subject)


def _turned(kind: str, detail: Mapping[str, Any], called: Called) -> dict[str, Any]:
    """The details with other references; one that leads nowhere is 0."""
    kinds = _KINDS | ({"by": _BY[kind]} if kind in _BY else {})
    return {
        name: (getattr(called, kinds[name])(value) or 0) if name in kinds and value else value
        for name, value in detail.items()
    }
