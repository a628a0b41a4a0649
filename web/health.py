"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from jobs import queue
from jobs.transactions import reading
from models import JobKind
from web.runtime import runtime

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """The database and the model answer; 503 with the reason where one does not."""
    reasons = {}
    owed = 0
    try:
        with reading() as session:
            session.execute(text("SELECT 1"))
            owed = queue.owed(session, JobKind.SCORE)
    except SQLAlchemyError as error:
        reasons["database"] = type(error).__name__
    classifier = runtime().classifier
    if not classifier.ready:
        reasons["model"] = classifier.failure or "the model is being loaded"
    if not runtime().scorer.is_running:
        reasons["scorer"] = "no thread of this process scores"
    body = jsonify(status="not ready" if reasons else "ready", reasons=reasons, unscored=owed)
    return body, 503 if reasons else 200
