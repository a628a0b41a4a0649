"""Scores comments that came from other systems, a few at a time, while nothing new is waiting."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import queue
from jobs.outcomes import Outcome, score, texts_of
from jobs.queue import Taken
from jobs.transactions import reading, writing
from models import Comment, JobKind
from models.thread import lock
from moderation import rescreening
from moderation.classifier import languages
from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.scores import Scores
from moderation.errors import ModelBusy, ModelUnavailable

# So few that a comment which comes meanwhile waits for a blink.
_A_FEW = 4
# Seconds after which a text that nobody got to is offered again.
_PAUSE = 5.0
_PATIENCE = 30.0


def work_off(classifier: BatchingClassifier, told: str, lease: int, attempts: int) -> int:
    """Score a few of them; answers how many were closed.

    What is found is kept beside the comment, and no decision is changed by it. `told` are the
    languages that the operator says the model reads; a text is tried `attempts` times.
    """
    with reading() as session:
        if not queue.is_due(session, JobKind.RESCORE):
            return 0
    languages.prepare()
    with writing() as session:
        taken = queue.take(session, JobKind.RESCORE, _A_FEW, lease)
        texts = texts_of(session, taken)
    found = score(classifier, [texts[one.job_id] for one in taken], time.monotonic() + _PATIENCE)
    outcomes = dict(zip(taken, found, strict=True))
    with writing() as session:
        return sum([_close(session, one, outcome, attempts) for one, outcome in
                    _recorded(session, outcomes, told)])  # fmt: skip


def _recorded(
    session: Session, outcomes: dict[Taken, Outcome], told: str
) -> Sequence[tuple[Taken, Outcome]]:
    """Keep the scores, of comments that stand as they stood when they were scored."""
    scored = {one.comment_id: (found, one.revision) for one, found in outcomes.items()
              if isinstance(found, Scores)}  # fmt: skip
    for thread_id in sorted({one.thread_id for one in outcomes}):
        lock(session, thread_id)
    query = select(Comment).where(Comment.id.in_(scored)).order_by(Comment.id)
    comments = session.scalars(query.with_for_update()).all()
    rescreening.record(session, [(one, *scored[one.id]) for one in comments], told)
    return list(outcomes.items())


def _close(session: Session, one: Taken, outcome: Outcome, attempts: int) -> int:
    if isinstance(outcome, Scores):
        return int(queue.finish(session, one))
    if isinstance(outcome, (ModelUnavailable, ModelBusy)):
        queue.hand_back(session, one, _PAUSE)
        return 0
    error = type(outcome).__name__
    if one.attempts < attempts:
        queue.retry_later(session, one, error)
        return 0
    # It is decided already, so nobody has to look at it for that.
    return int(queue.give_up(session, one, error))
