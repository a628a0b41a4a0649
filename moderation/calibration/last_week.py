"""What another threshold had done with the comments of the last week; reads, bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from models import Advice, Comment, Decision, Score, Status, StoredSignal, utcnow
from moderation.decisions import DECIDED_HERE, SYSTEM
from moderation.signals.toxicity import KIND as SCORE

# Counted no further, and shown so many.
MOST, SHOWN = 10_000, 6
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Model:
    """Whose scores are compared: thresholds mean nothing for another model's."""

    name: str
    version: str


@dataclass(frozen=True)
class Example:
    """One comment of the last week, and its score of the label."""

    comment: Comment
    score: float


@dataclass(frozen=True)
class Otherwise:
    """How many comments another threshold had held in addition, or no longer, and some of them:
    the nearest to today's threshold first."""

    more: int = 0
    fewer: int = 0
    examples: Sequence[Example] = ()


def scored_by(
    comment_id: InstrumentedAttribute[int],
    revision: InstrumentedAttribute[int],
    label: str,
    model: Model,
) -> ColumnElement[bool]:
    """Joins the score of a text by one model."""
    return and_(
        Score.comment_id == comment_id,
        Score.revision == revision,
        Score.label == label,
        Score.model_name == model.name,
        Score.model_version == model.version,
    )


def is_held_elsewhere(label: str) -> ColumnElement[bool]:
    """Whether a rule or another label would hold the text of a decision, as it was judged."""
    return _shows(Advice.HOLD, Advice.REJECT, apart_from=label)


def is_spoken_for() -> ColumnElement[bool]:
    """Whether a rule spoke for the text of a decision: then a person looks instead of rejecting."""
    return _shows(Advice.PUBLISH)


def _shows(*advice: Advice, apart_from: str = "") -> ColumnElement[bool]:
    """Whether a signal other than a label's score advised so, when a text was judged."""
    return (
        select(StoredSignal.id)
        .where(
            StoredSignal.comment_id == Decision.comment_id,
            StoredSignal.revision == Decision.revision,
            StoredSignal.advice.in_(advice),
            ~and_(StoredSignal.kind == SCORE, StoredSignal.subject == apart_from),
        )
        .exists()
    )


def otherwise(
    session: Session,
    site_id: int,
    label: str,
    model: Model,
    today: float,
    threshold: float,
    *,
    rejecting: bool = False,
) -> Otherwise:
    """Which comments of the last week another threshold had decided otherwise; two queries.

    Only those that nothing else would hold; of a threshold that rejects, only those that were not
    published anyway and that nothing else would reject or speaks for.
    """
    low, high = sorted((today, threshold))
    if low == high:
        return Otherwise()
    between = _between(site_id, label, model).where(Score.value >= low, Score.value < high)
    if rejecting:
        between = between.where(
            Decision.after != Status.PUBLISHED,
            ~_shows(Advice.REJECT, Advice.PUBLISH, apart_from=label),
        )
    else:
        between = between.where(~is_held_elsewhere(label))
    limited = between.with_only_columns(Decision.id).limit(MOST).subquery()
    count = session.scalar(select(func.count()).select_from(limited)) or 0
    nearest = Score.value.asc() if threshold > today else Score.value.desc()
    rows = session.execute(
        between.options(joinedload(Comment.thread)).order_by(nearest, Decision.id).limit(SHOWN)
    )
    examples = [Example(comment, score) for comment, score in rows]
    if threshold < today:
        return Otherwise(more=count, examples=examples)
    return Otherwise(fewer=count, examples=examples)


def _between(site_id: int, label: str, model: Model) -> Select[Comment, float]:
    return (
        select(Comment, Score.value)
        .select_from(Decision)
        .join(Comment, Comment.id == Decision.comment_id)
        .join(Score, scored_by(Decision.comment_id, Decision.revision, label, model))
        .where(
            Decision.site_id == site_id,
            Decision.created_at > utcnow() - _WEEK,
            Decision.actor_kind == SYSTEM.kind,
            DECIDED_HERE,
            Decision.before == Status.UNSCORED,
            Decision.revision == Comment.revision,
            Comment.status != Status.WITHDRAWN,
        )
    )
