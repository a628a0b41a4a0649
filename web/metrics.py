"""The figures that a Prometheus server asks for: how scoring goes, and how much waits."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from jobs.transactions import reading
from models import Status
from moderation.errors import NotFound
from moderation.waiting import waiting
from web.health import age_of, faults
from web.runtime import runtime

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def show() -> Response:
    """Everything counted, in Prometheus' text format; only for whoever has the token."""
    token = str(current_app.config["PARLEY_METRICS_TOKEN"])
    sent = request.headers.get("Authorization", "").encode("utf-8", "replace")
    # No exception for this very machine: behind a proxy every reader comes from there.
    if not token or not secrets.compare_digest(sent, f"Bearer {token}".encode()):
        raise NotFound("There is nothing at this address.")
    body = generate_latest(runtime().scorer.figures.registry) + generate_latest(_now())
    return Response(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _now() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Present())
    return registry


class _Present(Collector):
    """What stands at this moment, asked of the model and of the database."""

    def collect(self) -> Iterator[Metric]:
        """Gauges only. Where the database is away its gauges are left out, and `database_up` is 0:
        a missing line cannot be taken for "nothing waits"."""
        yield from _of_model()
        try:
            waiting_ones = list(_of_database())
        except SQLAlchemyError:
            waiting_ones = []
        yield _gauge("database_up", "1 if the database answers.", bool(waiting_ones))
        yield from waiting_ones
        yield from _of_labels()


def _of_model() -> Iterator[Metric]:
    classifier = runtime().classifier
    parts = {fault.part for fault in faults()}
    yield _gauge("model_loaded", "1 while a model is loaded that can be used.", classifier.ready)
    yield _gauge("scoring_up", "1 while comments are judged, and in time.", not parts)
    if classifier.ready:
        info = GaugeMetricFamily(
            "parley_model_info", "The model that scores.", labels=["name", "version"]
        )
        info.add_metric([classifier.name, classifier.version], 1)
        yield info


def _of_database() -> Iterator[Metric]:
    with reading() as session:
        unscored = waiting(session, Status.UNSCORED)
        held = waiting(session, Status.HELD)
    yield _gauge("comments_unscored", "Comments that wait for a score, hidden.", unscored.count)
    yield _gauge("oldest_unscored_seconds", "Age of the oldest of them.", age_of(unscored))
    yield _gauge("comments_held", "Comments that wait for a moderator.", held.count)
    yield _gauge("oldest_held_seconds", "Age of the oldest of them.", age_of(held))


def _of_labels() -> Iterator[Metric]:
    """What moderators make of each label; nothing for one that too little is known of."""
    named = ["site", "label"]
    drifts = GaugeMetricFamily(
        "parley_label_drifting",
        "1 while moderators agree with a label significantly less than in the weeks before.",
        labels=named,
    )
    drops = GaugeMetricFamily(
        "parley_label_drop",
        "How much less of what the label held was rejected than at the same scores before, 0 to 1.",
        labels=named,
    )
    for place, trend in runtime().drifts.known.items():
        drifts.add_metric([place.slug, place.label], trend.is_lower)
        drops.add_metric([place.slug, place.label], trend.drop)
    yield from (drifts, drops)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"parley_{name}", meaning, value=float(value))
