"""How a member of staff likes the desk: read from and checked for Account.preferences; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from moderation.errors import Invalid

LONGEST_STRETCH = 480


@dataclass(frozen=True)
class Preferences:
    """`veil`: comments are blurred until they are looked at on purpose; `break_after`: minutes at
    the desk after which a break is suggested, 0 for never; `single_keys`: keys pressed alone act.
    """

    veil: bool = False
    break_after: int = 0
    single_keys: bool = True

    def as_record(self) -> dict[str, Any]:
        """For the JSON column; `of` reads it back."""
        return asdict(self)


def of(record: Mapping[str, Any]) -> Preferences:
    """What was kept; whatever is missing or cannot be understood is as it is at first."""
    first = Preferences()
    minutes = record.get("break_after")
    is_known = type(minutes) is int and 0 <= minutes <= LONGEST_STRETCH
    return Preferences(
        veil=record.get("veil") is True,
        break_after=minutes if is_known and minutes is not None else first.break_after,
        single_keys=record.get("single_keys") is not False,
    )


def checked(*, veil: bool, break_after: str, single_keys: bool) -> Preferences:
    """What somebody chose in a form. Raises Invalid for minutes that are none."""
    text = break_after.strip() or "0"
    minutes = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1
    if not 0 <= minutes <= LONGEST_STRETCH:
        raise Invalid(
            f"Give whole minutes from 0 (never) to {LONGEST_STRETCH}.", field="break_after"
        )
    return Preferences(veil, minutes, single_keys)
