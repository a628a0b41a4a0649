"""What the requests of one process share: scorer, model, drifts, webhooks, and plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from discussion.comments import Limits
from jobs.drifting import Drifts
from jobs.hooks.delivering import Hooks
from jobs.key_days import KeyDays
from jobs.scoring import Scorer
from moderation.classifier.batching import BatchingClassifier
from moderation.sealing import Seal
from web.pages_kept import PagesKept

_NAME = "parley"


@dataclass(frozen=True)
class Runtime:
    """Made once by create_app; deadlines in seconds."""

    classifier: BatchingClassifier
    scorer: Scorer
    drifts: Drifts
    hooks: Hooks
    limits: Limits
    scoring_deadline: float
    public_url: str
    pages: PagesKept
    key_days: KeyDays
    analyzer_deadline: float
    # "perspective" or "model": whose numbers a program is given (analyzer/scale.py).
    analyzer_scale: str
    coral_deadline: float
    coral_seal: Seal
    # What the operator says that the model reads; empty where its name says it.
    model_languages: str = ""


def attach(app: Flask, runtime: Runtime) -> None:
    """Keep the runtime with its application."""
    app.extensions[_NAME] = runtime


def runtime_of(app: Flask) -> Runtime:
    """The runtime of an application."""
    return cast(Runtime, app.extensions[_NAME])


def runtime() -> Runtime:
    """The runtime of the application that answers the present request."""
    return runtime_of(current_app)
