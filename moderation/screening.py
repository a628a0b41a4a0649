"""From scores to a decision: signals, policy, and what was found kept beside the comment."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models import Advice, Comment, Score, Site, Status, StoredSignal
from moderation import decisions, policy, reports
from moderation.classifier.scores import Scores
from moderation.signals import Facts, Signal, gather
from moderation.signals.facts import Thresholds

UNSCORABLE = "unscorable"


def thresholds(site: Site) -> Mapping[str, Thresholds]:
    """A site's thresholds per label."""
    return {row.label: Thresholds(row.hold, row.reject) for row in site.thresholds}


def screen(session: Session, comment: Comment, scores: Scores, revision: int) -> None:
    """Keep the scores and signals of one revision and decide the comment by them.

    Does nothing when the text has been edited since it was scored: that revision has a job of
    its own. A comment that a person or its author decided meanwhile keeps that decision; the
    scores are kept all the same.
    """
    if comment.revision != revision:
        return
    site = session.get_one(Site, comment.site_id)
    facts = Facts(
        text=comment.text,
        scores=scores.values,
        thresholds=thresholds(site),
        has_enough_reports=reports.are_enough(session, comment),
    )
    signals = gather(facts)
    comment.risk = max(scores.values.values(), default=0.0)
    _keep_scores(session, comment, scores)
    _keep_signals(session, comment, signals)
    if comment.status is not Status.UNSCORED:
        return
    verdict = policy.judge(signals, comment.thread.effective_moderation)
    decisions.decide(session, comment, verdict.after, decisions.SYSTEM, verdict.reasons)


def hand_to_person(session: Session, comment: Comment, revision: int, error: str) -> None:
    """Hold a comment that cannot be scored, saying why; it is never published unjudged."""
    if comment.revision != revision or comment.status is not Status.UNSCORED:
        return
    signal = Signal(UNSCORABLE, Advice.HOLD, evidence={"error": error})
    _keep_signals(session, comment, [signal])
    decisions.decide(session, comment, Status.HELD, decisions.SYSTEM, [signal.reason])


def _keep_scores(session: Session, comment: Comment, scores: Scores) -> None:
    session.execute(
        delete(Score).where(
            Score.comment_id == comment.id,
            Score.revision == comment.revision,
            Score.model_name == scores.model_name,
            Score.model_version == scores.model_version,
        )
    )
    session.add_all(
        Score(
            comment_id=comment.id,
            revision=comment.revision,
            label=label,
            value=value,
            model_name=scores.model_name,
            model_version=scores.model_version,
        )
        for label, value in scores.values.items()
    )


def _keep_signals(session: Session, comment: Comment, signals: list[Signal]) -> None:
    session.execute(
        delete(StoredSignal).where(
            StoredSignal.comment_id == comment.id, StoredSignal.revision == comment.revision
        )
    )
    session.add_all(
        StoredSignal(
            comment_id=comment.id,
            revision=comment.revision,
            kind=signal.kind,
            subject=signal.subject,
            advice=signal.advice,
            value=signal.value,
            threshold=signal.threshold,
            evidence=dict(signal.evidence),
        )
        for signal in signals
    )
