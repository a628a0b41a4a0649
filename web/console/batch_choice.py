"""What there is to choose from on the page Batches: bars of the scores, a range, a sample of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Comment, Site
from moderation import policies, spread
from moderation.errors import Invalid
from moderation.signals.facts import NEVER, UNLISTED
from moderation.spread import Spread
from moderation.values import Values
from web.console import asked as asking
from web.console import batch_asked, histogram
from web.console.batch_asked import BatchAsked

_SAMPLE = 10


@dataclass(frozen=True)
class Shown:
    """One comment of the sample; `score` is None where there is none."""

    comment: Comment
    score: float | None


def of(session: Session, site: Site, asked: BatchAsked) -> dict[str, Any]:
    """The histogram and the sample, or what is wrong with the words that are looked for."""
    standing = policies.standing(session, site.id)
    try:
        found, wrong = spread.read(session, site.id, asked.state, asked.wanted), ""
    except Invalid as invalid:
        if invalid.field != "words":
            raise
        found, wrong = Spread([], [], None, spread.MOST), invalid.message
    wanted = asked.wanted
    below, upto = found.edges()
    return {
        "wrong": wrong,
        "found": found,
        "edges": {"below": below, "upto": upto, "unscored": len(found.unscored)},
        "drawing": histogram.drawn(found.bars(), _thresholds(standing, wanted.label)),
        "count": found.count(wanted.least, wanted.most),
        "sample": _sample(session, found, asked),
        "chips": asking.chips(session, asked.plain, [site.id]),
        "sections": asking.sections(session, [site.id]),
        "reasons": standing.reasons,
        "open_decisions": batch_asked.OPEN[asked.state],
    }


def _sample(session: Session, found: Spread, asked: BatchAsked) -> list[Shown]:
    numbers = found.sample(asked.wanted.least, asked.wanted.most, _SAMPLE)
    comments = session.scalars(select(Comment).where(Comment.id.in_(numbers)))
    by_number = {comment.id: comment for comment in comments}
    scores = dict(found.scores)
    return [Shown(by_number[one], scores.get(one)) for one in numbers if one in by_number]


def _thresholds(standing: Values, label: str) -> dict[str, float]:
    """From which score on what happens; of the highest score only what is so for every label."""
    limits = [standing.thresholds.get(label, UNLISTED)] if label else standing.thresholds.values()
    found = {}
    for what, ends in (
        ("held", {one.hold for one in limits}),
        ("rejected", {one.reject for one in limits}),
    ):
        if len(ends) == 1 and (end := ends.pop()) < NEVER:
            found[what] = end
    return found
