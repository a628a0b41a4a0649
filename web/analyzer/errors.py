"""How the addresses of Perspective say what went wrong: Google's JSON error.

Source of the form: google.rpc.Status with details, https://google.aip.dev/193, and the Error of
google.commentanalyzer.v1alpha1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, json

from web import errors, keys

_TYPES = "type.googleapis.com/"
_DOMAIN = "googleapis.com"
_SERVICE = "commentanalyzer.googleapis.com"

INVALID_REQUEST = "INVALID_REQUEST"
COMMENT_EMPTY = "COMMENT_EMPTY"
COMMENT_TOO_LONG = "COMMENT_TOO_LONG"
NO_REQUESTED_ATTRIBUTES = "NO_REQUESTED_ATTRIBUTES"
LANGUAGE_NOT_SUPPORTED = "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
LANGUAGE_DETECTION_FAILED = "LANGUAGE_DETECTION_FAILED"

# google.rpc.Code of what the server answers anywhere.
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
# In place of what is said to people who write comments.
_SAID = {
    404: "There is nothing at this address. Perspective's are /v1alpha1/comments:analyze, "
    "/v1alpha1/comments:suggestscore and /$discovery/rest?version=v1alpha1.",
    405: "This address does not take that method; see Allow.",
    413: "The request is too large. Send less at once.",
    500: "Something broke on our side. Nothing was stored; try again in a moment.",
}


class Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(
        self,
        message: str,
        *details: Mapping[str, Any],
        code: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.code = code
        self.headers = headers


def refused(message: str, kind: str = INVALID_REQUEST, **more: Any) -> Refusal:
    """What the analyzer itself has against a request; `kind` is one of its error types."""
    return Refusal(
        message, _detail("google.commentanalyzer.v1alpha1.Error", errorType=kind, **more)
    )


def misshapen(message: str, field: str = "") -> Refusal:
    """JSON that is no such request, with the field that is wrong."""
    violation = {"description": message} | ({"field": field} if field else {})
    return Refusal(message, _detail("google.rpc.BadRequest", fieldViolations=[violation]))


def forbidden(message: str) -> Refusal:
    """A good key that does not open this."""
    return Refusal(message, _info("CONSUMER_INVALID"), code=403)


def body(
    code: int,
    message: str,
    details: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what went wrong."""
    error: dict[str, Any] = {
        "code": code,
        "message": message,
        "status": _STATUS.get(code, "UNKNOWN"),
    }
    if details:
        error["details"] = list(details)
    answer = Response(json.dumps({"error": error}), code, mimetype="application/json")
    answer.headers.update(dict(headers or {}))
    return answer


def of_key(error: keys.NoKey | keys.BadKey | keys.OverQuota) -> Response:
    """What is wrong with the key; the words for a bad one are those that clients look for."""
    if isinstance(error, keys.NoKey):
        said = "The request has no API key. Send one as ?key=, X-Goog-Api-Key or a bearer token."
        return body(403, said, [_info("API_KEY_MISSING")])
    if isinstance(error, keys.BadKey):
        said = "API key not valid. Please pass a valid API key."
        return body(400, said, [_info("API_KEY_INVALID")])
    wait = f"Wait {error.seconds} seconds, then try again."
    said = f"Too many requests with bad keys from this address. {wait}"
    if error.per_minute:
        said = f"Quota exceeded: {error.per_minute} requests per minute with this key. {wait}"
    details = [
        _info("RATE_LIMIT_EXCEEDED", quota_limit_value=str(error.per_minute)),
        _detail("google.rpc.RetryInfo", retryDelay=f"{error.seconds}s"),
    ]
    return body(429, said, details, {"Retry-After": str(error.seconds)})


def _detail(kind: str, **values: Any) -> dict[str, Any]:
    return {"@type": f"{_TYPES}{kind}", **values}


def _info(reason: str, **metadata: str) -> dict[str, Any]:
    known = {"service": _SERVICE} | metadata
    return _detail("google.rpc.ErrorInfo", reason=reason, domain=_DOMAIN, metadata=known)


def _refusal(error: Refusal) -> Response:
    return body(error.code, error.message, error.details, error.headers)


def _drawn(status: int, kind: str, detail: str, headers: dict[str, str] | None) -> Response:
    """What the one table of errors says, in Google's form: faults of the model, the database, and
    of requests that no route takes."""
    if kind == "scoring-failed":
        # To ask again would not help.
        status, headers = HTTPStatus.INTERNAL_SERVER_ERROR.value, None
        return body(status, detail, headers=headers)
    return body(status, _SAID.get(status, detail), headers=headers)


def register(app: Flask, *prefixes: str) -> None:
    """Answer in this form below these addresses."""
    app.register_error_handler(Refusal, _refusal)
    for prefix in prefixes:
        errors.draw_below(prefix, _drawn)
