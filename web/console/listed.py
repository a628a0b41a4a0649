"""Where the entries of a site's word lists stand in a comment, as the desk marks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import StoredSignal
from moderation.signals.words import BANNED, SUSPECT

KINDS = {BANNED: "banned", SUSPECT: "suspect"}


@dataclass(frozen=True)
class Place:
    """[start, end) in characters of the text, and which list has what stands there."""

    start: int
    end: int
    kind: str


def places(text: str, signals: Sequence[StoredSignal]) -> list[Place]:
    """The hits in the order of the text, none over another; of two that overlap the banned one,
    then the earlier, stays."""
    found = sorted(
        (
            Place(start, end, KINDS[signal.kind])
            for signal in signals
            if signal.kind in KINDS
            for start, end in signal.evidence.get("places", [])
            if 0 <= start < end <= len(text)
        ),
        key=lambda one: (one.kind, one.start, -one.end),
    )
    kept: list[Place] = []
    for place in found:
        if all(place.end <= other.start or place.start >= other.end for other in kept):
            kept.append(place)
    return sorted(kept, key=lambda one: one.start)


def entries(signals: Sequence[StoredSignal]) -> dict[str, list[str]]:
    """What was found in the text itself, by list."""
    found: dict[str, list[str]] = {}
    for signal in signals:
        if signal.kind in KINDS and signal.evidence.get("places"):
            found.setdefault(KINDS[signal.kind], []).append(signal.subject)
    return found
