"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from jobs.transactions import reading
from models import Status, utcnow
from moderation.waiting import Waiting, waiting
from web.runtime import runtime

blueprint = Blueprint("health", __name__)


@dataclass(frozen=True)
class Fault:
    """Why comments are not judged by this process just now, and since when."""

    part: str
    reason: str
    since: datetime


def faults() -> list[Fault]:
    """What keeps this process from judging comments; asks no database."""
    classifier, scorer = runtime().classifier, runtime().scorer
    found = []
    if complaint := classifier.complaint:
        # A model that is only slow was loaded long ago, and is slow since this pass.
        since = classifier.watch.begun_at if classifier.ready else classifier.since
        found.append(Fault("model", complaint, since))
    if not scorer.is_running:
        found.append(Fault("scorer", "no thread of this process scores", classifier.since))
    elif scorer.failure:
        found.append(Fault("scorer", scorer.failure, scorer.failing_since))
    return found


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """The database and the model answer; 503 with the reason where one does not."""
    found = faults()
    reasons = {fault.part: fault.reason for fault in found}
    unscored = Waiting(0, None)
    try:
        with reading() as session:
            session.execute(text("SELECT 1"))
            unscored = waiting(session, Status.UNSCORED)
    except SQLAlchemyError as error:
        reasons["database"] = type(error).__name__
    classifier = runtime().classifier
    body = jsonify(
        status="not ready" if reasons else "ready",
        reasons=reasons,
        since={fault.part: fault.since.isoformat(timespec="seconds") for fault in found},
        model=f"{classifier.name} {classifier.version}" if classifier.ready else "",
        unscored=unscored.count,
        oldest_unscored_seconds=age_of(unscored),
    )
    return body, 503 if reasons else 200


def age_of(waits: Waiting) -> int:
    """Seconds for which the oldest has waited; 0 if none does."""
    return max(0, int((utcnow() - waits.oldest).total_seconds())) if waits.oldest else 0
