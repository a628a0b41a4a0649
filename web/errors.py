"""The one table from what went wrong to status and body (RFC 9457 problem details)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, json, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from models import db
from moderation import errors
from web import limits

_log = structlog.get_logger(__name__)

RETRY_SECONDS = 5

# What makes a page of a problem, by the beginning of the addresses where people read it.
Drawn = Callable[[int, str, str, dict[str, str] | None], Response]
_drawn: dict[str, Drawn] = {}

# Looked up along the class's ancestors: the nearest one in the table answers.
STATUS: dict[type[errors.ParleyError], tuple[HTTPStatus, str]] = {
    errors.ParleyError: (HTTPStatus.BAD_REQUEST, "bad-request"),
    errors.NotFound: (HTTPStatus.NOT_FOUND, "not-found"),
    errors.Forbidden: (HTTPStatus.FORBIDDEN, "forbidden"),
    errors.SignInRequired: (HTTPStatus.UNAUTHORIZED, "sign-in-required"),
    errors.Sanctioned: (HTTPStatus.FORBIDDEN, "sanctioned"),
    errors.Warned: (HTTPStatus.FORBIDDEN, "warned"),
    errors.Muted: (HTTPStatus.FORBIDDEN, "muted"),
    errors.Banned: (HTTPStatus.FORBIDDEN, "banned"),
    errors.Refused: (HTTPStatus.CONFLICT, "refused"),
    errors.StaleVersion: (HTTPStatus.CONFLICT, "stale-version"),
    errors.ThreadClosed: (HTTPStatus.CONFLICT, "thread-closed"),
    errors.EditWindowClosed: (HTTPStatus.CONFLICT, "edit-window-closed"),
    errors.Invalid: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid"),
    errors.TextTooLong: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "text-too-long"),
    errors.UnknownOrigin: (HTTPStatus.UNPROCESSABLE_ENTITY, "unknown-origin"),
    errors.ModelUnavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "model-unavailable"),
    errors.ScoringTimeout: (HTTPStatus.SERVICE_UNAVAILABLE, "scoring-timeout"),
    errors.ScoringFailed: (HTTPStatus.SERVICE_UNAVAILABLE, "scoring-failed"),
}

_ADVICE = {
    HTTPStatus.BAD_REQUEST: "The request could not be read. Send a complete JSON body in UTF-8.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method; see Allow.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large. Send less at once.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Send JSON, with Content-Type: application/json.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests from here. Wait, then try again.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Some fields cannot be taken as they are; see errors.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something broke on our side. Nothing was stored; "
    "try again in a moment.",
}


def draw_below(prefix: str, page: Drawn) -> None:
    """Answer problems at these addresses by a page; it is handed status, kind, detail, headers."""
    _drawn[prefix] = page


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    fields: dict[str, Any] | None = None,
    more: Mapping[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """An answer for something that went wrong: a JSON problem, or a page in the console."""
    title = HTTPStatus(status).phrase
    if request.path.startswith("/console"):
        page = render_template("console/error.html", status=status, title=title, detail=detail)
        return Response(page, status, headers, mimetype="text/html")
    for prefix, drawn in _drawn.items():
        if request.path == prefix or request.path.startswith(f"{prefix}/"):
            return drawn(int(status), kind, detail, headers)
    body: dict[str, Any] = {
        "type": f"about:blank#{kind}",
        "title": title,
        "status": int(status),
        "detail": detail,
    }
    if fields:
        body["errors"] = fields
    body.update(more or {})
    return Response(json.dumps(body), status, headers, mimetype="application/problem+json")


def _parley_error(error: errors.ParleyError) -> Response:
    status, kind = next(STATUS[base] for base in type(error).__mro__ if base in STATUS)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status >= 500 else None
    fields = {error.field: [error.message]} if error.field else None
    more = {"sanction": dict(error.about)} if isinstance(error, errors.Sanctioned) else None
    return problem(status, kind, error.message, fields=fields, more=more, headers=headers)


def http_error(error: HTTPException) -> Response:
    """A problem for what Flask, Werkzeug and the schema parser raise."""
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = HTTPStatus(error.code or 500)
    data = getattr(error, "data", None) or {}
    fields = data.get("messages") or data.get("errors")
    if isinstance(fields, dict) and set(fields) <= {"json", "query", "headers"}:
        fields = {name: why for part in fields.values() for name, why in part.items()}
    headers = {
        name: value
        for name, value in error.get_headers()
        if name not in ("Content-Type", "Content-Length")
    }
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(limits.seconds_left())
    in_api = request.path.startswith("/api")
    detail = (_ADVICE.get(status) if in_api else error.description) or status.phrase
    kind = status.phrase.lower().replace(" ", "-")
    return problem(status, kind, detail, fields=fields, headers=headers)


def _changed_meanwhile(error: Exception) -> Response:
    db.session.rollback()
    _log.warning("changed meanwhile", error=type(error).__name__, cause=_cause(error))
    return problem(
        HTTPStatus.CONFLICT,
        "stale-version",
        "Somebody else changed this at the same moment. Look again, then repeat it.",
    )


def _cause(error: Exception) -> str:
    """The database's own name for a fault: never its message, which can quote values."""
    original = getattr(error, "orig", None)
    return str(getattr(original, "sqlite_errorname", type(original).__name__))


def _unstorable(error: DataError) -> Response:
    db.session.rollback()
    _log.warning("unstorable value", error=_cause(error))
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "A value is too large or too long to be stored."
    )


def _database_away(error: OperationalError | PoolTimeout) -> Response:
    db.session.rollback()
    cause = _cause(error)
    _log.error("database error", error=cause)
    if cause == "SQLITE_ERROR":
        # Not away but not as expected: the tables are older than the code, say.
        return http_error(InternalServerError())
    return problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "database-busy",
        "The database does not answer at the moment. Nothing was stored; try again shortly.",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def _without_token(error: CSRFError) -> Response:
    return problem(
        HTTPStatus.BAD_REQUEST,
        "csrf",
        "A signed-in browser sends its page's token along, as X-CSRFToken. Load the page again.",
    )


def _too_deep(error: RecursionError) -> Response:
    return problem(HTTPStatus.BAD_REQUEST, "bad-request", _ADVICE[HTTPStatus.BAD_REQUEST])


def register(app: Flask) -> None:
    """Answer every fault from this table."""
    app.register_error_handler(errors.ParleyError, _parley_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(CSRFError, _without_token)
    app.register_error_handler(StaleDataError, _changed_meanwhile)
    app.register_error_handler(IntegrityError, _changed_meanwhile)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(RecursionError, _too_deep)
