"""What became of the lines of an export."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from discussion.transfer.records import Flaw
from models import Status

MOST_KEPT = 1_000


@dataclass
class Taken:
    """What became of the lines: new rows and those that were there, by kind; comments by where they
    stand; what was left out, by reason; and the first of the flaws."""

    new: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    comments: Counter[Status] = field(default_factory=Counter)
    flaws: list[Flaw] = field(default_factory=list)
    flaw_count: int = 0
    read: int = 0
    is_ended: bool = False

    def flaw(self, place: str, reason: str) -> None:
        """Note what is wrong at a place; only the first ones are kept, however many there are."""
        self.flaw_count += 1
        if len(self.flaws) < MOST_KEPT:
            self.flaws.append(Flaw(place, reason))
