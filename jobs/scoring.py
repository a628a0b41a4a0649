"""Score what is unscored, in batches, and have it screened; the job table is the truth."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import structlog
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from jobs import backlog, queue, upkeep
from jobs.akismet import Akismet
from jobs.figures import Figures
from jobs.outcomes import Outcome, pieces, score, texts_of
from jobs.queue import Taken
from jobs.transactions import reading, writing
from models import Comment, Job, JobKind, JobState, Status, utcnow
from models.comment import lock
from moderation import screening
from moderation.classifier import languages
from moderation.classifier.batching import MOST_TEXTS, BatchingClassifier
from moderation.classifier.scores import Scores
from moderation.errors import ModelBusy, ModelUnavailable, ParleyError, ScoringTimeout

# How often the table is looked through for work that no wake-up announced.
_SWEEP_SECONDS = 1.0
_POLL_SECONDS = 0.25
_UPKEEP_SECONDS = 3600.0
_REMEMBERED = 1024
# Fewer than the server has threads.
_MOST_WAITERS = 12
# What was scored and cannot be stored is kept for the database's return, so much and so long.
_MOST_KEPT = 4 * MOST_TEXTS
_KEPT_SECONDS = 3600.0
# The shares of a lease in which what was taken is begun, and in which it is scored.
_BEGUN_WITHIN, _SCORED_WITHIN = 0.4, 0.8
# The database is away, locked or full: no fault of what was to be stored.
_OUTAGE = (OperationalError, InterfaceError)
_log = structlog.get_logger(__name__)


class Scorer:
    """One background thread that does the scoring owed, in this process.

    A request that owes scoring commits, calls `wake`, and `wait` to answer with the final
    status. Whatever kills the process leaves the job in the table.
    """

    def __init__(
        self,
        app: Flask,
        classifier: BatchingClassifier,
        *,
        lease: int,
        attempts: int,
        model_languages: str = "",
        akismet: Akismet | None = None,
    ) -> None:
        self._app = app
        self._classifier = classifier
        self._model_languages = model_languages
        self._akismet = akismet or Akismet()
        self.figures = Figures()
        classifier.watch.on_pass = self.figures.passed
        classifier.watch.on_failure = self.figures.failed
        # What every comment needs and is not there, and what the last round failed on; empty while
        # all goes well.
        self._missing = ""
        self._fault = ""
        self.failing_since = utcnow()
        # Scored, and not stored because the database was away; with the time of the scoring.
        self._kept: dict[Taken, tuple[Outcome | None, float]] = {}
        self._lease = lease
        self._attempts = attempts
        self._work = threading.Event()
        self._stopping = threading.Event()
        # The jobs that this process closed last, for those who wait for one of them.
        self._closed: deque[int] = deque(maxlen=_REMEMBERED)
        self._news = threading.Condition()
        self._waiters = threading.BoundedSemaphore(_MOST_WAITERS)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Load the model and begin to score, in the background; a second call does nothing."""
        self._classifier.start()
        with suppress(Exception):  # every round tries again, and takes no comment
            self._prepare()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="scorer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the round at hand and end."""
        self._stopping.set()
        self._work.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
        self._classifier.stop()

    @property
    def is_running(self) -> bool:
        """Whether the thread that does the work is alive."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def failure(self) -> str:
        """Why comments are not judged, apart from the model; empty while they are."""
        return self._missing or self._fault

    def wake(self) -> None:
        """Say that there is work."""
        self._work.set()

    def wait(self, job_id: int, seconds: float) -> None:
        """Return when a job is closed, by whichever process, or when the time is up."""
        # A model that is slow or away must not keep every thread of the server waiting.
        if not self.is_running or self._classifier.complaint:
            return
        if not self._waiters.acquire(blocking=False):
            return
        try:
            self._wait(job_id, seconds)
        finally:
            self._waiters.release()

    def _wait(self, job_id: int, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            with self._news:
                if self._news.wait_for(lambda: job_id in self._closed, min(_POLL_SECONDS, left)):
                    return
            if _is_closed(job_id):
                return

    def run_once(self) -> int:
        """One round: take what is due, score it, decide it. Answers how many jobs were closed."""
        closed = self._announce(self._close_kept())
        if self._classifier.ready and len(self._kept) < _MOST_KEPT and _anything_due():
            closed += self._take_and_close()
        if not closed and self._classifier.ready:
            told = self._model_languages
            closed = backlog.work_off(self._classifier, told, self._lease, self._attempts)
        return closed

    def _announce(self, closed: set[int]) -> int:
        """Tell those who wait for one of these jobs; answers how many they are."""
        with self._news:
            self._closed.extend(closed)
            self._news.notify_all()
        return len(closed)

    def _take_and_close(self) -> int:
        # What every comment needs must be there before one is taken, which counts as a try.
        self._prepare()
        with writing() as session:
            taken = queue.take(session, JobKind.SCORE, MOST_TEXTS, self._lease)
            texts = texts_of(session, taken)
        # From here to `_close` no transaction is open: the model may take its time.
        taken_at = time.monotonic()
        closed = 0
        faults = []
        for piece in pieces(taken, texts):
            try:
                closed += self._announce(self._score_and_close(piece, texts, taken_at))
            except Exception as error:  # what else was taken must not wait for its lease's end
                faults.append(error)
        if faults:
            raise faults[0]
        return closed

    def _score_and_close(
        self, piece: Sequence[Taken], texts: Mapping[int, str], taken_at: float
    ) -> set[int]:
        """Close what was taken together, as it was scored; answers the closed ones.

        So late that the lease might end first nothing is begun, which costs no try.
        """
        is_late = time.monotonic() - taken_at > self._lease * _BEGUN_WITHIN
        if is_late or self._stopping.is_set():
            busy = ModelBusy("The model was at the texts before this one.")
            return self._close_all(dict.fromkeys(piece, busy), piece)
        scorable = [job for job in piece if job.attempts <= self._attempts]
        # First, so that nothing is scored whose turn at Akismet comes later.
        later = set(self._akismet.ask(scorable))
        scorable = [job for job in scorable if job not in later]
        until = taken_at + self._lease * _SCORED_WITHIN
        outcomes = score(self._classifier, [texts[job.job_id] for job in scorable], until)
        self._count_failures(outcomes)
        queued = ModelBusy("Akismet was asked about the texts before this one.")
        return self._close_all(
            dict(zip(scorable, outcomes, strict=True)) | dict.fromkeys(later, queued), piece
        )

    def _prepare(self) -> None:
        """Have the language detectors ready. Raises what they raise; `failure` says so until they
        are back."""
        try:
            languages.prepare()
        except Exception as error:
            self._missing = self._noted(error)
            raise
        self._missing = ""

    def _noted(self, error: Exception) -> str:
        if not self.failure:
            self.failing_since = utcnow()
        return f"Comments cannot be judged: {type(error).__name__}."

    def _run(self) -> None:
        tidied = 0.0
        while not self._stopping.is_set():
            self._work.wait(_SWEEP_SECONDS)
            self._work.clear()
            try:
                with self._app.app_context():
                    while (closed := self.run_once()) and not self._stopping.is_set():
                        self._fault = ""
                    if self._fault and (closed or not _anything_owed()):
                        self._fault = ""
                    if time.monotonic() - tidied > _UPKEEP_SECONDS:
                        tidied = time.monotonic()
                        _tidy()
                # With nothing to do as well: it must be known that they are gone, or back again.
                self._prepare()
            except Exception as error:  # the thread must outlive a database that is away
                _log.error("scoring round failed", error=type(error).__name__)
                if not self._missing:
                    self._fault = self._noted(error)
                self._stopping.wait(_SWEEP_SECONDS)

    def _count_failures(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, ScoringTimeout):
                self.figures.failed("timeout")

    def _close_kept(self) -> set[int]:
        """Store what could not be stored before; each by itself, and the one that fails last."""
        closed: set[int] = set()
        for job, (outcome, scored_at) in list(self._kept.items()):
            del self._kept[job]
            if time.monotonic() - scored_at < _KEPT_SECONDS:
                closed |= self._close_all({job: outcome} if outcome else {}, [job], scored_at)
        return closed

    def _close_all(
        self, outcomes: dict[Taken, Outcome], taken: Sequence[Taken], scored_at: float = 0.0
    ) -> set[int]:
        """Close all in one transaction; if that fails, each in its own. Answers the closed ones.

        One that cannot be closed is raised after the others: its lease runs out, and it is
        tried again by itself. When it is the database that is away, what was found is kept: an
        outage is no failed try of any comment.
        """
        try:
            with writing() as session:
                found: list[screening.Screened] = []
                ends = {
                    job.job_id: self._close(session, job, outcomes.get(job), found) for job in taken
                }
                screening.keep(session, found)
            for end in filter(None, ends.values()):
                self.figures.judged(end)
            return {job_id for job_id, end in ends.items() if end}
        except _OUTAGE:
            self.figures.failed("database")
            at = scored_at or time.monotonic()
            self._kept |= {job: (outcomes.get(job), at) for job in taken}
            raise
        except Exception as error:
            if len(taken) == 1:
                raise
            _log.warning("closing a batch failed, going one by one", error=type(error).__name__)
        closed: set[int] = set()
        faults = []
        for job in taken:
            try:
                closed |= self._close_all(outcomes, [job])
            except Exception as error:
                faults.append(error)
        if faults:
            raise faults[0]
        return closed

    def _close(
        self,
        session: Session,
        job: Taken,
        outcome: Outcome | None,
        found: list[screening.Screened],
    ) -> str:
        """Decide one comment by what became of its scoring, and put down what was found. Answers
        what it came to, one of `figures.OUTCOMES`; empty if it is still owed."""
        if isinstance(outcome, (ModelUnavailable, ModelBusy)):
            queue.hand_back(session, job, _SWEEP_SECONDS)
            return ""
        if isinstance(outcome, ParleyError) and job.attempts < self._attempts:
            queue.retry_later(session, job, type(outcome).__name__)
            return ""
        comment = lock(session, job.comment_id, job.thread_id)
        if comment is None:
            queue.give_up(session, job, "the comment is gone")
            return "overtaken"
        before = comment.status
        if not isinstance(outcome, Scores):
            return self._hand_to_person(session, job, comment, outcome)
        if queue.finish(session, job):
            said = self._akismet.said_of(job)
            screening.screen(
                session, comment, outcome, job.revision, self._model_languages, said, found
            )
        was_judged = before is Status.UNSCORED and comment.status is not Status.UNSCORED
        return comment.status.value if was_judged else "overtaken"

    def _hand_to_person(
        self, session: Session, job: Taken, comment: Comment, outcome: Outcome | None
    ) -> str:
        error = type(outcome).__name__ if outcome else "its worker died"
        if not queue.give_up(session, job, error):
            return "overtaken"
        _log.error("a comment cannot be scored", comment_id=job.comment_id, error=error)
        screening.hand_to_person(session, comment, job.revision, error)
        return "unscorable"


def _tidy() -> None:
    with writing() as session:
        upkeep.forget(session)


def _anything_due() -> bool:
    with reading() as session:
        return queue.is_due(session, JobKind.SCORE)


def _anything_owed() -> bool:
    with reading() as session:
        return queue.owed(session, JobKind.SCORE) > 0


def _is_closed(job_id: int) -> bool:
    with reading() as session:
        job = session.get(Job, job_id)
        return job is None or job.state in (JobState.DONE, JobState.GIVEN_UP)
