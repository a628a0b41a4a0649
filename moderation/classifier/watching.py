"""Knows how well a loaded model works: how long a pass takes, and when it fails on everything."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from moderation.classifier.scores import Classifier
from moderation.errors import ModelUnavailable, ParleyError, ScoringFailed

# Scored after a failure: a model that fails on this as well is what is broken, not the text.
HARMLESS = "Thank you for this article."
# Different texts that may fail one after the other before the model itself is doubted.
MOST_IN_A_ROW = 5
SLOW_SECONDS = 10.0
# What native code says when there is no memory: C++, the loader of libraries, torch, ONNX Runtime.
_OUT_OF_MEMORY = ("bad_alloc", "failed to map segment", "allocate memory")
# How long a slow pass is held against a model that had nothing to do since.
_REMEMBERED_SECONDS = 60.0


def said(error: BaseException) -> str:
    """Why a model cannot be loaded or used, in words for whoever runs it."""
    words = str(error)
    if isinstance(error, MemoryError) or any(sign in words for sign in _OUT_OF_MEMORY):
        return "There is not enough memory for the model."
    return words or type(error).__name__


class Watch:
    """What the thread that runs the model notes down; read by any thread.

    `on_pass` is told the texts and seconds of every pass, `on_failure` a word for each fault:
    text, model or loading.
    """

    def __init__(self) -> None:
        self.on_pass: Callable[[int, float], None] = lambda texts, seconds: None
        self.on_failure: Callable[[str], None] = lambda kind: None
        # What is wrong with the model as a whole; empty while it can be used.
        self.broken = ""
        # How often it broke since it last scored anything.
        self.breaks = 0
        self._failed: set[str] = set()
        self._lock = threading.Lock()
        self._begun = 0.0
        self._slow_until = 0.0
        # When the pass at hand, or the last one, began.
        self.begun_at = datetime.now(UTC)

    @property
    def complaint(self) -> str:
        """Why nobody should rely on answers in time; empty while they come."""
        with self._lock:
            now = time.monotonic()
            seconds = now - self._begun if self._begun else 0.0
            if seconds > SLOW_SECONDS:
                return f"The model has been busy with one batch for {seconds:.0f} seconds."
            if now < self._slow_until:
                return f"The model needed more than {SLOW_SECONDS:g} seconds for a batch."
        return ""

    def begin(self) -> None:
        """A pass begins."""
        with self._lock:
            self._begun, self.begun_at = time.monotonic(), datetime.now(UTC)

    def end(self, texts: int) -> None:
        """The pass has ended, however it did."""
        with self._lock:
            now = time.monotonic()
            seconds, self._begun = now - self._begun, 0.0
            self._slow_until = now + _REMEMBERED_SECONDS if seconds > SLOW_SECONDS else 0.0
        self.on_pass(texts, seconds)

    def worked(self) -> None:
        """Some texts were scored."""
        self._failed.clear()
        self.breaks = 0

    def judge(self, classifier: Classifier, texts: Sequence[str], error: Exception) -> ParleyError:
        """Whose fault it is that a request failed: ScoringFailed for the texts, ModelUnavailable
        for the model, which is `broken` from then on."""
        if len(texts) == 1:
            self._failed.update(texts)
        try:
            classifier.score([HARMLESS])
        except Exception as again:
            return self._break(f"The model fails on everything: {said(again)}")
        if len(self._failed) >= MOST_IN_A_ROW:
            return self._break(f"The model failed on {MOST_IN_A_ROW} texts in a row: {said(error)}")
        self.on_failure("text")
        return ScoringFailed(f"The model fails on this text: {type(error).__name__}.")

    def probe(self, classifier: Classifier) -> None:
        """Make sure that a model which was loaded again scores. Raises whatever it raises."""
        if self.broken:
            classifier.score([HARMLESS])
        self.broken = ""
        self._failed.clear()

    def _break(self, reason: str) -> ModelUnavailable:
        self.broken = reason
        self.breaks += 1
        self.on_failure("model")
        return ModelUnavailable(reason)
