"""The statement of reasons for a sanction: what, on what ground, where, by whom, and what to do.

Its parts are those of Article 17(3) of the EU's Digital Services Act (Regulation 2022/2065).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import FOREVER, ActorKind, Sanction, SanctionKind

_EFFECT = {
    SanctionKind.WARNING: "You are asked to read this before you write again.",
    SanctionKind.HOLD: "Your comments appear once a moderator has read them.",
    SanctionKind.BAN: "You can read, but no longer write, vote or report.",
}
SCOPE = "This holds for the discussions of this site only."
OBJECTION = (
    "If you think that this is wrong, write to the people who run this site and say why; "
    "a person will look at it again."
)


@dataclass(frozen=True)
class Statement:
    """What an author is told of one sanction; `until` is None where it has no end."""

    kind: str
    effect: str
    told: str
    since: datetime
    until: datetime | None
    automated: bool
    decided_by: str
    scope: str = SCOPE
    objection: str = OBJECTION

    def as_record(self) -> dict[str, Any]:
        """The same for a JSON document; times in ISO 8601."""
        until = self.until.isoformat() if self.until else None
        return {**vars(self), "since": self.since.isoformat(), "until": until}


def statement(sanction: Sanction) -> Statement:
    """What the author is told; who decided is named by what they are, not by their name."""
    automated = sanction.actor_kind not in (ActorKind.STAFF, ActorKind.AUTHOR)
    return Statement(
        kind=sanction.kind.value,
        effect=_effect(sanction),
        told=sanction.told,
        since=sanction.created_at,
        until=None if sanction.ends_at == FOREVER else sanction.ends_at,
        automated=automated,
        decided_by="A program of this site decided it."
        if automated
        else "A moderator decided it, without automation.",
    )


def until_in_words(value: datetime) -> str:
    """A time to come, in UTC: "3 May 2026, 14:05 UTC"."""
    return f"{value.day} {value:%b %Y, %H:%M} UTC"


def _effect(sanction: Sanction) -> str:
    if sanction.kind is SanctionKind.MUTE:
        return f"You can write again after {until_in_words(sanction.ends_at)}."
    return _EFFECT[sanction.kind]
