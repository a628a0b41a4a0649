"""Times, numbers and flags as other systems write them; pure, and liberal."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_FLAGS = dict.fromkeys(("true", "1", "yes", "t"), True) | dict.fromkeys(
    ("false", "0", "no", "f", "", "none", "null"), False
)
# What a system writes for "never".
_FIRST_YEAR = 1970


def read_time(value: object) -> datetime | None:
    """A time in UTC; None where there is none, or none that can be read.

    ISO 8601 in all its forms, where one without a zone is in UTC; seconds since 1970, or
    milliseconds where they would lie thousands of years ahead; and the form of e-mail (RFC 5322).
    """
    try:
        if isinstance(value, bool) or value is None:
            return None
        if isinstance(value, (int, float)):
            found = datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        else:
            found = _from_text(str(value).strip())
        return found if found.year >= _FIRST_YEAR else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _from_text(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        if text.replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(text), UTC)
        found = parsedate_to_datetime(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def read_flag(value: object) -> bool | None:
    """Whether something is so; None where that cannot be told."""
    if value is None:
        return False
    # Most often it stands there as it is known, with nothing to strip or lower.
    known = _FLAGS.get(value) if isinstance(value, str) else None
    return _FLAGS.get(str(value).strip().lower()) if known is None else known


def read_count(value: object) -> int:
    """A number of something, 0 where there is none; of either sign."""
    if value is None:
        return 0
    try:
        text = str(value).strip()
        return int(text) if text.isdecimal() else int(float(text or 0))
    except (ValueError, OverflowError):
        return 0


def word(value: object) -> str:
    """A number or a text as a text without outer blanks; "" for anything else."""
    if isinstance(value, str):
        return value.strip()
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number else ""


def table(value: object) -> dict[str, Any]:
    """An object of JSON; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def up_and_down(score: int) -> tuple[int, int]:
    """Votes for and against of which only the difference is known: at least so many there were."""
    return max(score, 0), max(-score, 0)
