"""What the calibration page shows of the threshold from which a label rejects at once."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from models import Site
from moderation.calibration import last_week, rejecting
from moderation.calibration.reading import Known
from moderation.calibration.rejecting import Rejecting, Wish, Wrong
from moderation.errors import Invalid
from moderation.signals.facts import NEVER, Thresholds
from web.console import calibration_words as tell
from web.console import curves, words

# "At most one in …" from here to there.
LEAST_ONE_IN, MOST_ONE_IN = 2.0, 10_000.0


def shown(
    session: Session,
    site: Site,
    label: str,
    limits: Thresholds,
    known: Known,
    chosen: float,
    one_in: float | None,
) -> dict[str, Any]:
    """What the page's template takes for this threshold."""
    points = rejecting.curve(known.evidence)
    asked = rejecting.USUAL_ONE_IN if one_in is None else one_in
    asked = min(max(asked, LEAST_ONE_IN), MOST_ONE_IN)
    return {
        "of": "reject",
        "today_at": limits.reject,
        "point": rejecting.at(known.evidence, chosen),
        "charts": curves.rejecting(points),
        "table": json.dumps([row(one, limits) for one in points], separators=(",", ":")),
        "row": row(rejecting.at(known.evidence, chosen), limits),
        "wish": rejecting.wish(points, limits.hold, asked),
        "wished": wished(rejecting.wish(points, limits.hold, asked)),
        "otherwise": last_week.otherwise(
            session, site.id, label, known.model, limits.reject, chosen, rejecting=True
        ),
    }


def changed(limits: Thresholds, threshold: float) -> list[float]:
    """Both thresholds with another one to reject from. Raises Invalid below where it holds."""
    if threshold < limits.hold:
        raise Invalid(below(limits))
    return [limits.hold, threshold]


def below(limits: Thresholds) -> str:
    """Why a threshold is too low to reject from."""
    if limits.hold >= NEVER:
        return "This label holds nothing, so it cannot reject either. Let it hold first."
    return (
        f"This label holds from {limits.hold:.2f} on and cannot reject from less. Choose "
        f"{limits.hold:.2f} or more, or let it hold from less first."
    )


def row(point: Rejecting, limits: Thresholds) -> dict[str, str]:
    """What the script shows at once while the threshold is dragged."""
    share = point.precision
    return {
        "p": "" if share.missing else tell.percent(share.value),
        "pw": "" if share.missing else tell.within(share),
        "pb": tell.behind(share, "decided cases"),
        "l": tell.daily(point.saved.value),
        "lw": tell.spread(point.saved),
        "w": tell.daily(point.wrong.value) if point.wrong.is_known else "",
        "ww": _spread(point.wrong) if point.wrong.is_known else "not known",
        "n": below(limits) if point.threshold < limits.hold else "",
        "a": aloud(point),
    }


def aloud(point: Rejecting) -> str:
    """One threshold in a line, for those who do not see the chart."""
    share, wrong = point.precision, point.wrong
    said = "not known" if share.missing else f"{tell.percent(share.value)} rejected by people"
    often = f", {tell.daily(wrong.value)} wrong a week" if wrong.is_known else ""
    saved = tell.daily(point.saved.value)
    return f"Reject from {point.threshold:.2f}, {said}, {saved} fewer wait a day{often}"


def wished(wish: Wish) -> str:
    """What a wish that is not reached found, in a sentence."""
    if wish.point is None:
        return "Too little is known to say."
    if wish.reached:
        return ""
    share = tell.percent(wish.point.precision.value)
    return f"No threshold reaches that. The best is {share}, at {wish.point.threshold:.2f}."


def note(label: str, before: float, point: Rejecting) -> str:
    """Why a threshold was changed, with the figures that spoke for it."""
    was = "never" if before >= NEVER else f"{before:.2f}"
    now = "never" if point.threshold >= NEVER else f"from {point.threshold:.2f}"
    parts = [f"Calibration: {words.label(label)} rejected at once {now}, before {was}."]
    share = point.precision
    if share.missing:
        parts.append("How many people would reject is not known.")
    else:
        parts.append(
            f"People rejected {tell.percent(share.value)} of such "
            f"({tell.within(share)}; {share.hits} of {share.of})."
        )
    parts.append(f"{tell.daily(point.saved.value)} fewer wait a day ({tell.spread(point.saved)}).")
    if point.wrong.is_known:
        parts.append(
            f"{tell.daily(point.wrong.value)} wrongly rejected a week ({_spread(point.wrong)})."
        )
    return " ".join(parts)


def _spread(wrong: Wrong) -> str:
    return f"{tell.daily(wrong.low)} to {tell.daily(wrong.high)}"
