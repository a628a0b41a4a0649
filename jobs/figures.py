"""What this process counts of its scoring, as Prometheus reads it; no words, no names."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

OUTCOMES = ("published", "held", "rejected", "unscorable", "overtaken")
FAILURES = ("text", "timeout", "model", "loading", "database")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_TEXTS = (1, 2, 4, 8, 16, 32, 64)


class Figures:
    """The counters of one process, each beginning at 0 when it starts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._comments = Counter(
            "parley_comments_judged",
            "Comments judged: published, held, rejected; unscorable ones given to a person; "
            "overtaken by an edit or a decision of somebody else.",
            ["outcome"],
            registry=self.registry,
        )
        self._failures = Counter(
            "parley_scoring_failures",
            "Failures: on a single text, out of time, of the model as a whole, to load it, "
            "and of the database when a comment was to be closed.",
            ["kind"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "parley_scoring_seconds",
            "Seconds of one pass of the model.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._texts = Histogram(
            "parley_scoring_batch_texts",
            "Texts in one pass of the model.",
            buckets=_TEXTS,
            registry=self.registry,
        )
        # A rate can only be drawn from a line that was there before the first event.
        for outcome in OUTCOMES:
            self._comments.labels(outcome)
        for kind in FAILURES:
            self._failures.labels(kind)

    def judged(self, outcome: str) -> None:
        """A comment is off the list: one of OUTCOMES."""
        self._comments.labels(outcome).inc()

    def failed(self, kind: str) -> None:
        """Something went wrong: one of FAILURES."""
        self._failures.labels(kind).inc()

    def passed(self, texts: int, seconds: float) -> None:
        """The model went over some texts."""
        self._texts.observe(texts)
        self._seconds.observe(seconds)
