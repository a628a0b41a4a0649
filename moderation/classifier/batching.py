"""Lets requests that arrive together share one pass of the model, each with its own deadline."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from moderation.classifier.progress import heard_by
from moderation.classifier.scores import Classifier, Scores
from moderation.classifier.watching import Watch, said
from moderation.errors import ModelBusy, ModelUnavailable, ScoringTimeout

# What one pass of the model takes at most: nobody who comes meanwhile waits for more than that.
MOST_TEXTS = 32
MOST_CHARACTERS = 20_000
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 300.0
_STOPPED = "The classifier was stopped."


@dataclass(eq=False)
class _Request:
    """Texts that one caller waits for, and in the end their scores or what went wrong."""

    texts: list[str]
    deadline: float
    # Those of the first texts while it is worked off in pieces.
    scores: list[Scores] = field(default_factory=list)
    error: Exception | None = None
    done: bool = False

    @property
    def left(self) -> list[str]:
        """The texts that have no scores yet."""
        return self.texts[len(self.scores) :]


@dataclass(frozen=True)
class _Piece:
    """As many of a request's texts as are scored in one pass."""

    request: _Request
    texts: Sequence[str]


def fitting(texts: Sequence[str], most_texts: int = MOST_TEXTS) -> int:
    """How many of these texts, from the first one on, make one batch.

    At least one: a single text of more than MOST_CHARACTERS is a batch of its own.
    """
    characters = 0
    for place, text in enumerate(texts[:most_texts]):
        characters += len(text)
        if place and characters > MOST_CHARACTERS:
            return place
    return min(len(texts), most_texts)


class BatchingClassifier:
    """Loads a model in a thread of its own and scores what callers on other threads hand in.

    While one batch is scored the next collects, so the busier it is the larger the batches, and
    nobody waits for a batch to fill. One batch has `max_batch` texts and MOST_CHARACTERS characters
    at most (`fitting`); a larger request is worked off in pieces, between which others get their
    turn.
    """

    def __init__(
        self,
        load: Callable[[], Classifier],
        *,
        max_batch: int = MOST_TEXTS,
        first_pause: float = _FIRST_PAUSE,
        longest_pause: float = _LONGEST_PAUSE,
    ) -> None:
        self._load = load
        self._max_batch = max_batch
        self._pauses = (first_pause, longest_pause)
        self._change = threading.Condition()
        self._waiting: deque[_Request] = deque()
        self._classifier: Classifier | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False
        # Why the last try to have a model failed, and what the present one is doing; empty where
        # there is nothing to say.
        self.failure = ""
        self.progress = ""
        self.watch = Watch()
        # Since when there is no model, or since when there is one.
        self.since = datetime.now(UTC)

    @property
    def ready(self) -> bool:
        """Whether a model is loaded."""
        return self._classifier is not None

    @property
    def complaint(self) -> str:
        """Why scores do not come, or not in time; empty while all is well."""
        if self.ready:
            return self.watch.complaint
        return self.progress or self.failure or "The model is being loaded."

    @property
    def name(self) -> str:
        """The model's name. Raises ModelUnavailable before it is loaded."""
        return self._loaded().name

    @property
    def version(self) -> str:
        """The model's version. Raises ModelUnavailable before it is loaded."""
        return self._loaded().version

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's labels. Raises ModelUnavailable before it is loaded."""
        return self._loaded().labels

    def start(self) -> None:
        """Begin to load the model, then to serve; does nothing when already begun."""
        with self._change:
            if self._thread is not None and self._thread.is_alive() and not self._stopping:
                return
            previous, self._stopping = self._thread, False
            self._thread = threading.Thread(
                target=self._run, args=(previous,), name="classifier", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the thread after the batch in hand; those still waiting get ModelUnavailable."""
        with self._change:
            self._stopping = True
            self._change.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=10)
        with self._change:
            self._refuse_waiting(_STOPPED)

    def wait_ready(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for the model; True when it is loaded."""
        with self._change:
            return self._change.wait_for(lambda: self.ready, timeout)

    def score(self, texts: Sequence[str], *, timeout: float) -> list[Scores]:
        """Score texts, in the order given, within `timeout` seconds; safe from any thread.

        Raises ModelUnavailable when no model is loaded or it fails on everything, ScoringTimeout
        when the deadline passes (ModelBusy if these texts were not even begun by then),
        ScoringFailed when the model fails on one of these texts.
        """
        self._loaded()
        if not texts:
            return []
        request = _Request(list(texts), time.monotonic() + timeout)
        with self._change:
            if self._stopping:
                raise ModelUnavailable(_STOPPED)
            self._waiting.append(request)
            self._change.notify_all()
            self._change.wait_for(lambda: request.done, timeout)
            if not request.done:
                # Nobody waits for it any more: what has not begun of it need not.
                if request in self._waiting:
                    self._waiting.remove(request)
                    if not request.scores:
                        raise ModelBusy(f"The model was busy with others for {timeout:g} seconds.")
                raise ScoringTimeout(f"The model did not answer within {timeout:g} seconds.")
        if request.error is not None:
            raise request.error
        return request.scores

    def _loaded(self) -> Classifier:
        if self._classifier is None:
            raise ModelUnavailable(self.failure or self.progress or "The model is still loading.")
        return self._classifier

    def _run(self, previous: threading.Thread | None) -> None:
        if previous is not None:
            previous.join()
        classifier = self._load_patiently()
        while classifier is not None:
            batch = self._next_batch()
            if not batch:
                return
            self.watch.begin()
            _answer(classifier, batch, self.watch)
            self.watch.end(sum(len(piece.texts) for piece in batch))
            with self._change:
                for piece in batch:
                    self._settle(piece.request)
                # After that: the rest of a request must not be scored by another model.
                if self.watch.broken:
                    self._lose(self.watch.broken)
                self._change.notify_all()
            if self.watch.broken:
                # Let go of before another one is loaded: there may be room for one only.
                classifier = None
                classifier = self._load_patiently()

    def _load_patiently(self) -> Classifier | None:
        """Try to load until it works, with growing pauses; None when stopped meanwhile."""
        pause, longest = self._pauses
        if self.watch.broken:
            pause = min(pause * 2**self.watch.breaks, longest)
            self._rest(self.watch.broken, pause)
        while not self._stopping:
            classifier, reason = self._try_to_load()
            if classifier is not None:
                with self._change:
                    if self._classifier is None:
                        self.since = datetime.now(UTC)
                    self._classifier, self.failure, self.progress = classifier, "", ""
                    self._change.notify_all()
                return classifier
            self._rest(reason, pause)
            pause = min(2 * pause, longest)
        return None

    def _try_to_load(self) -> tuple[Classifier | None, str]:
        """A model that scores, or why there is none.

        Whatever the fault, the thread lives on: a person may be mending the model. Nothing of what
        was loaded by halves is held on to, not even by the error.
        """
        try:
            with heard_by(self._tell):
                classifier = self._classifier or self._load()
            self.watch.probe(classifier)
        except Exception as error:
            self.watch.on_failure("loading")
            return None, said(error)
        return classifier, ""

    def _tell(self, what: str) -> None:
        """Say why there is no model yet, while one is downloaded or exported."""
        self.progress = what

    def _rest(self, reason: str, seconds: float) -> None:
        with self._change:
            self.failure, self.progress = reason, ""
            self._change.wait_for(lambda: self._stopping, seconds)

    def _lose(self, reason: str) -> None:
        """Be without a model from now on; who waits is told, and loses nothing by it."""
        self._classifier, self.failure = None, reason
        self.since = datetime.now(UTC)
        self._refuse_waiting(reason)

    def _next_batch(self) -> list[_Piece]:
        """Wait for requests and take as many as fit into one batch; [] when stopped.

        Of one that is larger its first texts are taken. Whoever does not fit waits for the next.
        """
        with self._change:
            self._change.wait_for(lambda: self._stopping or bool(self._waiting))
            if self._stopping:
                self._refuse_waiting(_STOPPED)
                return []
            first = self._waiting.popleft()
            texts = first.left[: fitting(first.left, self._max_batch)]
            batch = [_Piece(first, texts)]
            while self._waiting:
                more = self._waiting[0].left
                if fitting([*texts, *more], self._max_batch) < len(texts) + len(more):
                    break
                batch.append(_Piece(self._waiting.popleft(), more))
                texts = [*texts, *more]
            return batch

    def _settle(self, request: _Request) -> None:
        """Let whoever asked go on; where texts are left, have them wait behind all others."""
        if request.error is None and request.left:
            if request.deadline > time.monotonic():
                self._waiting.append(request)
                return
            request.error = ScoringTimeout("The model did not answer in time.")
        request.done = True

    def _refuse_waiting(self, reason: str) -> None:
        while self._waiting:
            request = self._waiting.popleft()
            request.error, request.done = ModelUnavailable(reason), True
        self._change.notify_all()


def _answer(classifier: Classifier, batch: Sequence[_Piece], watch: Watch) -> None:
    """Score a batch in one pass; when that fails, each request alone, so one spares the others."""
    live = [piece for piece in batch if piece.request.deadline > time.monotonic()]
    if not live:
        return
    if watch.broken:
        for piece in live:
            piece.request.error = ModelUnavailable(watch.broken)
        return
    try:
        scores = classifier.score([text for piece in live for text in piece.texts])
        position = 0
        for piece in live:
            piece.request.scores += scores[position : position + len(piece.texts)]
            position += len(piece.texts)
        watch.worked()
    except Exception as error:
        # A model can fail on a text in any way there is; the others must not suffer for it.
        if len(live) > 1:
            for piece in live:
                _answer(classifier, [piece], watch)
        else:
            live[0].request.error = watch.judge(classifier, live[0].texts, error)
