"""Which labels drift on which sites: looked for now and then in the background, and remembered."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from flask import Flask
from sqlalchemy import exists, select

from jobs.transactions import reading
from models import Decision, Site, utcnow
from moderation import policies
from moderation.calibration import drift
from moderation.calibration import reading as past
from moderation.calibration.drift import Drift
from moderation.classifier.batching import BatchingClassifier
from moderation.decisions import PEOPLE
from moderation.errors import ModelUnavailable

# A drift takes weeks: looking more often would cost and tell nothing.
EVERY_SECONDS = 900.0
# A server that begins has better things to do than to look back.
_FIRST_SECONDS = 20.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Place:
    """A label on a site."""

    site_id: int
    slug: str
    label: str


class Drifts:
    """What this process knows of drifts; no request waits for it to be found out.

    Each process that serves looks for itself, one label at a time, between requests.
    """

    def __init__(self, app: Flask, classifier: BatchingClassifier) -> None:
        self._app, self._classifier = app, classifier
        self._known: Mapping[Place, Drift] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def known(self) -> Mapping[Place, Drift]:
        """What was found last, of every label that enough is known of."""
        return self._known

    def start(self) -> None:
        """Begin to look, in the background; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="drifts", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the label at hand and end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=30)

    def look(self) -> None:
        """Look at every site once; its caller has an application context.

        Three queries a label on sites where people decided lately, each in a transaction of its
        own, and one for each site.
        """
        found: dict[Place, Drift] = {}
        for place in self._places():
            if self._stopping.is_set():
                return
            with reading() as session:
                now = utcnow()
                cases = past.held(session, place.site_id, place.label, now - drift.SPAN)
            trend = drift.drift(cases, now)
            if trend.is_known:
                found[place] = trend
        self._known = found

    def _places(self) -> list[Place]:
        lately = exists().where(
            Decision.site_id == Site.id,
            Decision.created_at > utcnow() - drift.SPAN,
            Decision.actor_kind.in_(PEOPLE),
        )
        with reading() as session:
            sites = session.execute(select(Site.id, Site.slug).where(lately)).all()
            try:
                labels = dict.fromkeys(self._classifier.labels)
            except ModelUnavailable:
                labels = {}
            return [
                Place(site_id, slug, label)
                for site_id, slug in sites
                for label in labels | dict.fromkeys(policies.standing(session, site_id).thresholds)
            ]

    def _run(self) -> None:
        pause = _FIRST_SECONDS
        while not self._stopping.wait(pause):
            pause = EVERY_SECONDS
            try:
                with self._app.app_context():
                    self.look()
            except Exception as error:  # a database that is away now is back the next time
                _log.warning("no drifts were looked for", error=type(error).__name__)
