"""What becomes of a comment: signals and the site's mode -> verdict, without side effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Advice, Moderation, Status
from moderation.signals import Signal

PRE_MODERATION = "pre-moderation"


@dataclass(frozen=True)
class Verdict:
    """The status that the policy asks for, and the reasons that led there."""

    after: Status
    reasons: tuple[str, ...]


def judge(signals: Sequence[Signal], moderation: Moderation) -> Verdict:
    """Combine all signals: a rejection outweighs a hold, a hold outweighs publishing.

    Where a person looks before anything is published, only a rejection needs nobody.
    """
    rejecting = tuple(signal.reason for signal in signals if signal.advice is Advice.REJECT)
    if rejecting:
        return Verdict(Status.REJECTED, rejecting)
    holding = tuple(signal.reason for signal in signals if signal.advice is Advice.HOLD)
    if moderation is Moderation.PRE:
        return Verdict(Status.HELD, (*holding, PRE_MODERATION))
    if holding:
        return Verdict(Status.HELD, holding)
    return Verdict(Status.PUBLISHED, ())
