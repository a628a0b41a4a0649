"""What became of the lines of an export."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from discussion.transfer.records import Flaw
from models import Status

MOST_KEPT = 1_000
KINDS = ("comment", "thread", "account", "site", "batch", "sanction", "audit")


@dataclass
class Taken:
    """What became of the lines: new rows and those that were there, by kind; comments by where they
    stand; lines that were left out, by kind ("" for one of no kind) and reason; the first flaws."""

    new: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    comments: Counter[Status] = field(default_factory=Counter)
    skipped: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    flaws: list[Flaw] = field(default_factory=list)
    flaw_count: int = 0
    read: int = 0
    is_ended: bool = False

    def flaw(self, place: str, reason: str, *, is_lost: bool = False) -> None:
        """Note what is wrong at a place; only the first ones are kept, however many there are."""
        self.flaw_count += 1
        if len(self.flaws) < MOST_KEPT:
            self.flaws.append(Flaw(place, reason, is_lost))

    def skip(self, kind: str, place: str, reason: str) -> None:
        """Note that a line of this kind, or of none, was left out. Reasons are counted without what
        stands behind a colon, which may be another one for each line."""
        self.flaw(place, reason, is_lost=True)
        short = reason.partition(":")[0].rstrip(".")
        self.skipped[kind if kind in KINDS else ""][short[:1].lower() + short[1:]] += 1
