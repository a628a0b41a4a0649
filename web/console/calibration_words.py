"""What the calibration page says in words: shares, intervals, what is missing, and notes."""

from __future__ import annotations

from moderation.calibration.estimates import (
    FEW,
    LEAST_HELD,
    LEAST_REJECTED,
    LEAST_SAMPLED,
    Evidence,
    Load,
    Point,
    Share,
)
from moderation.calibration.targets import Suggestion, Target
from web.console import words


def percent(value: float) -> str:
    """A share as a whole percentage, never 0 or 100 where it is not."""
    if 0 < value < 0.005:
        return "under 1 %"
    if 0.995 < value < 1:
        return "over 99 %"
    return f"{value * 100:.0f} %"


def within(share: Share) -> str:
    """The interval of a share."""
    return f"{share.low * 100:.0f} to {share.high * 100:.0f} %"


def daily(value: float) -> str:
    """So many a day: exact where few."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}".removesuffix(".0")


def spread(load: Load) -> str:
    """The interval of a workload."""
    return f"{daily(load.low)} to {daily(load.high)}"


def behind(share: Share, what: str) -> str:
    """The counts behind a share, or why there is none."""
    if not share.missing:
        return f"{share.hits} of {share.of} {what}"
    if share.missing == FEW:
        return f"too few decisions: {share.of} so far"
    return "needs the sample of published comments"


def needs(evidence: Evidence, today: Point, waiting: int) -> list[str]:
    """What is missing before the figures can be given, each with how it comes about."""
    found = []
    decided = sum(1 for case in evidence.decided if case.weight == 1.0)
    if (left := LEAST_HELD - today.precision.of) > 0 and today.precision.missing:
        found.append(
            f"Decide {_cases(left, 'more held case')} over today’s threshold to see how many of "
            f"the held are rejected ({decided} held cases of any score are decided so far)."
        )
    if not evidence.is_sampled:
        left = LEAST_SAMPLED - evidence.sampled
        waits = f" {waiting} wait for a second look now." if waiting else ""
        found.append(
            f"Judge {_cases(left, 'more published comment')} in the second look to see what the "
            f"threshold misses. About ten a day are drawn by chance.{waits}"
        )
    elif today.recall.missing and (left := LEAST_REJECTED - today.recall.of) > 0:
        found.append(
            f"Reject {_cases(left, 'more comment')} for any reason: recall is a share of those."
        )
    return found


def _cases(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"


def wish(suggestion: Suggestion) -> str:
    """What a suggestion found, in a sentence."""
    point = suggestion.point
    if point is None:
        return "Too little is known to say."
    if suggestion.reached:
        return ""
    if suggestion.target is Target.PRECISION:
        return (
            f"No threshold reaches that. The best is {percent(point.precision.value)}, "
            f"at {point.threshold:.2f}."
        )
    if suggestion.target is Target.RECALL:
        return (
            f"No threshold reaches that. The most is {percent(point.recall.value)}, "
            f"at {point.threshold:.2f}."
        )
    return (
        f"Even {point.threshold:.2f} holds {daily(point.load.value)} a day: that is what scores "
        "the highest."
    )


def note(label: str, before: float, point: Point) -> str:
    """Why a threshold was changed, with the figures that spoke for it."""
    parts = [
        f"Calibration: {words.label(label)} held from {point.threshold:.2f}, before {before:.2f}."
    ]
    for name, share in (("precision", point.precision), ("recall", point.recall)):
        if share.missing:
            parts.append(f"Expected {name} not known.")
        else:
            parts.append(
                f"Expected {name} {percent(share.value)} "
                f"({within(share)}; {share.hits} of {share.of})."
            )
    parts.append(f"{daily(point.load.value)} held a day ({spread(point.load)}).")
    return " ".join(parts)


def aloud(point: Point) -> str:
    """One threshold in a line, for those who do not see the chart."""
    found = [f"Hold from {point.threshold:.2f}"]
    for name, share in (("precision", point.precision), ("recall", point.recall)):
        found.append(f"{name} {'not known' if share.missing else percent(share.value)}")
    found.append(f"{daily(point.load.value)} held a day")
    return ", ".join(found)


def verdict(rejects: bool) -> str:
    """What a moderator said."""
    return "reject" if rejects else "approve"
