"""POST /coral/<site>/phase: a Coral asks what is to become of a comment."""

from __future__ import annotations

import json
import time
from typing import Any

import structlog
from flask import Blueprint, Response, request

from discussion.rendering import sanitise
from jobs.transactions import reading
from moderation import coral, policies
from moderation.errors import ParleyError
from moderation.screening import facts_of
from moderation.signals import gather
from web import limits
from web.analyzer.plain import plain
from web.runtime import runtime

blueprint = Blueprint("coral", __name__)

_BAD_RATE = "60 per minute"
# Who has one of these is not judged, as with Parley's own.
_READER = "COMMENTER"
_log = structlog.get_logger(__name__)


@blueprint.post("/coral/<slug>/phase")
def phase(slug: str) -> Response:
    """Judge a comment by the rules of a site, within the deadline; nothing of it is stored.

    What cannot be judged in time is withheld: Coral would publish what it has no answer about.
    """
    until = time.monotonic() + runtime().coral_deadline
    body = request.get_data()
    signatures = request.headers.get("X-Coral-Signature", "")
    with reading() as session:
        site = coral.signed_site(session, slug, body, signatures, runtime().coral_seal)
        if site is None:
            return _refused()
        values = policies.standing(session, site.id)
    try:
        sent = json.loads(body)
        text, role = str(sent["comment"]["body"]), str(sent["author"]["role"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return _sent({"error": "Send the request of an external moderation phase."}, 400)
    if role != _READER:
        return Response(status=204)
    found = _judged(text, values, until)
    return _sent(found) if found else Response(status=204)


def _judged(text: str, values: Any, until: float) -> dict[str, Any]:
    # Coral sends what its editor made: HTML, or a text for those who chose that.
    words = plain(text, is_html=True).text
    if not words.strip():
        return {}
    try:
        (scores,) = runtime().classifier.score([words], timeout=max(0.0, until - time.monotonic()))
    except ParleyError as error:
        _log.warning("a comment of Coral's is withheld", error=type(error).__name__)
        return coral.WITHHELD
    told = runtime().model_languages
    signals = gather(facts_of(values, words, scores, told, html=sanitise(text)))
    return coral.answer(signals, values)


def _refused() -> Response:
    """Without the right signature; too many of them from one address are told to wait."""
    seconds = limits.count(_BAD_RATE, "bad-coral", limits.requester())
    if seconds:
        answer = _sent({"error": "Too many requests with a wrong signature."}, 429)
        answer.headers["Retry-After"] = str(seconds)
        return answer
    return _sent({"error": "The signature is wrong, or there is no such site."}, 401)


def _sent(body: dict[str, Any], status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(json.dumps(body), status, mimetype="application/json", headers=headers)
