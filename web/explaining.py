"""Has a case's scores explained when somebody opens it; without a model the case is shown bare."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from jobs.transactions import written
from models import Comment
from moderation import explanations
from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.explaining import explain
from moderation.classifier.scores import Scores
from moderation.errors import ParleyError, ScoringTimeout
from moderation.explanations import Question
from web.runtime import runtime

# How long a moderator's page waits for the marks; without them it is as useful, only plainer.
_SECONDS = 3.0
# How long a question that took longer is not asked again, the first time and at most: a case is
# opened again and again while it is worked on. Often the machine was only busy just then; a text
# that is too long for it is asked for ever more rarely.
_PAUSE, _LONGEST_PAUSE = 3.0, 300.0
# Texts handed to the model at a time: a new comment waits for so many at most.
_CHUNK = 16
# Fewer than the server has threads: a slow model must not keep them all.
_free = threading.BoundedSemaphore(4)


@dataclass(frozen=True)
class _Spared:
    """Until when a question is not asked, by the monotonic clock, and how long that is; seconds."""

    until: float
    pause: float


# What took each model too long.
_spared: WeakKeyDictionary[BatchingClassifier, dict[tuple[object, ...], _Spared]] = (
    WeakKeyDictionary()
)
_sparing = threading.Lock()
_log = structlog.get_logger(__name__)


def question(session: Session, comment: Comment) -> Question | None:
    """What is left to be explained of a comment; None if nothing is, or nobody there can."""
    classifier = runtime().classifier
    if not classifier.ready:
        return None
    return explanations.owed(session, comment, classifier.name, classifier.version)


def answer(asked: Question | None) -> None:
    """Find the words and keep them. To be called where no transaction is open.

    Whatever goes wrong is only logged: the case is read without marks, and asked for again the
    next time, or after a pause if it took too long.
    """
    if asked is None or _is_spared(asked) or not _free.acquire(blocking=False):
        return
    try:
        _answer(asked)
    except (ParleyError, SQLAlchemyError) as error:
        if isinstance(error, ScoringTimeout):
            _spare(asked)
        _log.info("not explained", comment_id=asked.comment_id, error=type(error).__name__)
    finally:
        _free.release()


def _answer(asked: Question) -> None:
    model = _Unhurried(runtime().classifier, time.monotonic() + _SECONDS, asked)
    found = explain(model.score, asked.text, asked.labels)
    written(lambda session: explanations.keep(session, asked, found))


def _is_spared(asked: Question) -> bool:
    with _sparing:
        spared = _spared.get(runtime().classifier, {}).get(_key(asked))
    return spared is not None and time.monotonic() < spared.until


def _spare(asked: Question) -> None:
    """Ask the model for this no more for a while, twice as long each time in a row; what was not
    asked for long is forgotten."""
    now = time.monotonic()
    with _sparing:
        known = _spared.get(runtime().classifier, {})
        before = known.get(_key(asked))
        pause = min(2 * before.pause, _LONGEST_PAUSE) if before else _PAUSE
        left = {key: one for key, one in known.items() if one.until + _LONGEST_PAUSE > now}
        _spared[runtime().classifier] = {**left, _key(asked): _Spared(now + pause, pause)}


def _key(asked: Question) -> tuple[object, ...]:
    return asked.comment_id, asked.revision, asked.labels, asked.model_name, asked.model_version


class _Unhurried:
    """The shared model, asked for a few texts at a time so that new comments come in between."""

    def __init__(self, classifier: BatchingClassifier, until: float, asked: Question) -> None:
        self._classifier = classifier
        self._until = until
        self._named = (asked.model_name, asked.model_version)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Score texts, in the order given. Raises what the classifier raises, and ScoringTimeout
        when the time is up or another model answers than the one that was asked about."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        scored: dict[int, Scores] = {}
        for begin in range(0, len(order), _CHUNK):
            places = order[begin : begin + _CHUNK]
            left = self._until - time.monotonic()
            if left <= 0:
                raise ScoringTimeout("There was not the time to explain the scores.")
            answers = self._classifier.score([texts[place] for place in places], timeout=left)
            if any((one.model_name, one.model_version) != self._named for one in answers):
                raise ScoringTimeout("The model was changed meanwhile.")
            scored |= zip(places, answers, strict=True)
        return [scored[place] for place in range(len(texts))]
