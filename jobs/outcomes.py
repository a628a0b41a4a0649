"""Which texts are scored together, and what comes of it: a score each, or why there is none."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.queue import Taken
from models import Comment
from moderation.classifier.batching import BatchingClassifier, fitting
from moderation.classifier.scores import Scores, with_language
from moderation.errors import ModelUnavailable, ParleyError, ScoringFailed, ScoringTimeout

Outcome = Scores | ParleyError


def pieces(taken: Sequence[Taken], texts: Mapping[int, str]) -> Iterator[list[Taken]]:
    """What is scored and closed together, short texts first: their authors may still be waiting.

    `texts` are by the number of the job. No piece is more than one pass of the model.
    """
    waiting = sorted(taken, key=lambda job: len(texts[job.job_id]))
    while waiting:
        count = fitting([texts[job.job_id] for job in waiting])
        # Threads are locked in one order by everyone who closes several comments.
        yield sorted(waiting[:count], key=lambda job: (job.thread_id, job.job_id))
        waiting = waiting[count:]


def score(classifier: BatchingClassifier, texts: Sequence[str], until: float) -> list[Outcome]:
    """A score or the reason why there is none, per text; one bad text spoils no other.

    `until` is a time of `time.monotonic`.
    """
    if not texts:
        return []
    left = until - time.monotonic()
    if left <= 0:
        # They failed together and count as tried: from now on each is taken alone.
        return [ScoringTimeout("There was no time left for this text.")] * len(texts)
    try:
        scores = classifier.score(texts, timeout=left)
        return [with_language(one, text) for one, text in zip(scores, texts, strict=True)]
    except (ModelUnavailable, ScoringTimeout) as error:
        return [error] * len(texts)
    except ScoringFailed as error:
        if len(texts) == 1:
            return [error]
    return [outcome for text in texts for outcome in score(classifier, [text], until)]


def texts_of(session: Session, taken: Sequence[Taken]) -> dict[int, str]:
    """What each job has to have scored."""
    asked = select(Comment.id, Comment.text).where(
        Comment.id.in_([one.comment_id for one in taken])
    )
    texts = {row[0]: row[1] for row in session.execute(asked)}
    return {one.job_id: texts[one.comment_id] for one in taken}
