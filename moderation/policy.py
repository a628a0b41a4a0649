"""What becomes of a comment: signals and the site's mode -> verdict, without side effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Advice, Moderation, Status
from moderation.signals import Signal

PRE_MODERATION = "pre-moderation"
CONFLICT = "conflict"


@dataclass(frozen=True)
class Verdict:
    """The status that the policy asks for, and the reasons that led there."""

    after: Status
    reasons: tuple[str, ...]


def judge(signals: Sequence[Signal], moderation: Moderation, *, by_staff: bool = False) -> Verdict:
    """Combine all signals: a rejection outweighs a hold, a hold outweighs publishing.

    Where one check speaks for a comment and another would reject it, a person decides. Where a
    person looks before anything is published, only a rejection needs nobody. What the staff of
    a site write there is published whatever the checks say: they answer for it with their name.
    """
    if by_staff:
        return Verdict(Status.PUBLISHED, ())
    rejecting = _advising(signals, Advice.REJECT)
    holding = _advising(signals, Advice.HOLD)
    publishing = _advising(signals, Advice.PUBLISH)
    if rejecting and publishing:
        return Verdict(Status.HELD, (*rejecting, *holding, *publishing, CONFLICT))
    if rejecting:
        return Verdict(Status.REJECTED, rejecting)
    if moderation is Moderation.PRE:
        return Verdict(Status.HELD, (*holding, PRE_MODERATION))
    if holding:
        return Verdict(Status.HELD, holding)
    return Verdict(Status.PUBLISHED, ())


def _advising(signals: Sequence[Signal], advice: Advice) -> tuple[str, ...]:
    return tuple(signal.reason for signal in signals if signal.advice is advice)
