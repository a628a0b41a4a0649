"""How much a reader's report counts: more for one with whom moderators mostly agreed, or less."""

from __future__ import annotations

import enum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Comment, Report, ReportState

USUAL, LIGHTEST, HEAVIEST = 1.0, 0.2, 3.0
# Fewer answered reports say nothing about a reader.
FEWEST_SETTLED = 5
_LOW_BELOW, _HIGH_FROM = 0.75, 1.5


class Weight(enum.StrEnum):
    """What moderators are told of it: a number would be taken for more than it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def weight_of(upheld: int, dismissed: int) -> float:
    """The weight of a reader's next report, from 0.2 to 3, by what became of the earlier ones.

    Of so many answered reports the share that was upheld is smoothed as by Laplace's rule of
    succession, (upheld + 1) / (answered + 2), so that a few do not say as much as many. Half is
    1.0; from there the weight falls to 0.2 at none and rises to 3 at all, by equal factors for
    equal steps. That readers who were right count for more is an idea of Discourse's (its flags
    have an accuracy bonus once more than five were reviewed); the formula is our own.
    """
    settled = upheld + dismissed
    if settled < FEWEST_SETTLED:
        return USUAL
    # From -1, always wrong, to 1, always right.
    record = 2 * (upheld + 1) / (settled + 2) - 1
    # `float ** float` is typed as if its result could be complex.
    weight = float(HEAVIEST**record if record >= 0 else LIGHTEST**-record)
    return round(weight, 2)


def weight_here(session: Session, account_id: int, site_id: int) -> float:
    """The same of one reader by the reports that were answered on one site; one query."""
    rows = session.execute(
        select(Report.state, func.count())
        .join(Comment, Comment.id == Report.comment_id)
        .where(Report.account_id == account_id, Comment.site_id == site_id)
        .group_by(Report.state)
    )
    counts = {row[0]: row[1] for row in rows}
    return weight_of(counts.get(ReportState.UPHELD, 0), counts.get(ReportState.DISMISSED, 0))


def in_words(weight: float) -> Weight:
    """One report's weight, or the mean of several."""
    if weight < _LOW_BELOW:
        return Weight.LOW
    return Weight.MEDIUM if weight < _HIGH_FROM else Weight.HIGH
