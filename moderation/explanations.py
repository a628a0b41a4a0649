"""Which scores of a comment still want explaining, and what was found, kept; runs no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from models import Comment, Explanation, Score
from moderation import policies
from moderation.classifier.explaining import Span
from moderation.signals.facts import NEVER, UNLISTED, Thresholds


@dataclass(frozen=True)
class Question:
    """Which words of one revision carry these labels' scores, by the model that gave them?"""

    comment_id: int
    revision: int
    text: str
    labels: tuple[str, ...]
    model_name: str
    model_version: str


def owed(
    session: Session, comment: Comment, model_name: str, model_version: str
) -> Question | None:
    """What this model can explain of a comment and has not yet; None if there is nothing.

    Asked is for every label whose score reaches its threshold of today, and for the highest.
    """
    thresholds = policies.standing(session, comment.site_id, comment.thread_id).thresholds
    rows = session.execute(
        select(Score.label, Score.value, Explanation.id)
        .outerjoin(Explanation, explains(Score))
        .where(
            Score.comment_id == comment.id,
            Score.revision == comment.revision,
            Score.model_name == model_name,
            Score.model_version == model_version,
        )
        .order_by(Score.value.desc(), Score.id)
    ).all()
    labels = tuple(
        label
        for place, (label, value, explained) in enumerate(rows)
        if explained is None and (place == 0 or _reaches(value, thresholds.get(label, UNLISTED)))
    )
    if not labels:
        return None
    return Question(comment.id, comment.revision, comment.text, labels, model_name, model_version)


def explains(score: type[Score]) -> ColumnElement[bool]:
    """The condition under which an explanation belongs to a score."""
    return and_(
        Explanation.comment_id == score.comment_id,
        Explanation.revision == score.revision,
        Explanation.label == score.label,
        Explanation.model_name == score.model_name,
        Explanation.model_version == score.model_version,
    )


def spans_of(explanation: Explanation | None) -> tuple[Span, ...]:
    """What was kept, as it was found; () for None."""
    if explanation is None:
        return ()
    return tuple(Span(int(start), int(end), weight) for start, end, weight in explanation.spans)


def _reaches(value: float, limits: Thresholds) -> bool:
    return limits.hold < NEVER and value >= limits.hold


def keep(session: Session, question: Question, found: Mapping[str, Sequence[Span]]) -> None:
    """Add what was found, unless it is there already: two may have asked at once."""
    there = set(
        session.scalars(
            select(Explanation.label).where(
                Explanation.comment_id == question.comment_id,
                Explanation.revision == question.revision,
                Explanation.model_name == question.model_name,
                Explanation.model_version == question.model_version,
            )
        )
    )
    session.add_all(
        Explanation(
            comment_id=question.comment_id,
            revision=question.revision,
            label=label,
            model_name=question.model_name,
            model_version=question.model_version,
            spans=[[span.start, span.end, span.weight] for span in spans],
        )
        for label, spans in found.items()
        if label not in there
    )
