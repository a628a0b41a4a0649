"""How somebody likes the desk: what is read, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from moderation import preferences
from moderation.errors import Invalid
from moderation.preferences import Preferences


@pytest.mark.parametrize(
    ("record", "read"),
    [
        ({}, Preferences()),
        ({"veil": True, "break_after": 45, "single_keys": False}, Preferences(True, 45, False)),
        ({"veil": "yes", "break_after": "45", "single_keys": 0}, Preferences()),
        ({"break_after": -1}, Preferences()),
        ({"break_after": True}, Preferences()),
        ({"break_after": 481, "something": "else"}, Preferences()),
    ],
)
def test_what_cannot_be_understood_is_as_at_first(record: dict[str, Any], read: Preferences):
    assert preferences.of(record) == read
    assert preferences.of(read.as_record()) == read


@pytest.mark.parametrize("typed", ["-1", "481", "1.5", "soon", "٣", "99999999999"])
def test_minutes_that_are_none_are_refused(typed: str):
    with pytest.raises(Invalid):
        preferences.checked(veil=True, break_after=typed, single_keys=True)


@pytest.mark.parametrize(("typed", "minutes"), [("", 0), (" 0 ", 0), ("45", 45), ("480", 480)])
def test_minutes_are_read(typed: str, minutes: int):
    chosen = preferences.checked(veil=False, break_after=typed, single_keys=True)
    assert chosen.break_after == minutes
