"""What every answer says about who may read, frame and store it."""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, g, request
from sqlalchemy import select

from jobs.transactions import reading
from models import SiteOrigin
from web import staff_tokens
from web.errors import problem

_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
_SENT = "Authorization, Content-Type, Idempotency-Key, If-None-Match"
_SHOWN = "ETag, Retry-After, Location"
_DAY = "86400"
_PUBLIC_API = "/api/v1/"
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_REFERRER = "strict-origin-when-cross-origin"
# What a body that is the same for everyone depends on, before the rest is added.
OF_BODY = "Accept-Encoding"
_DESK = ("/console", "/api/v1/moderation")
# The doors of the desk that a page of a site may knock at, with a staff token and nothing else.
_ON_PAGE = re.compile(
    r"/api/v1/moderation/(threads/\d+/comments(/\d+)?|cases/\d+/decisions|decisions/\d+/undo)"
)
# Its page says no-referrer, for which browsers send the origin "null" with its own form. Who would
# use that needs the secret in the address, and the form's token.
_INVITATION = "/console/invitation/"
_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def nonce() -> str:
    """The word of this answer's content security policy that lets our own scripts run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _refuse_other_origins() -> Response | None:
    """Turn away requests that another site's page makes in a moderator's or reader's name."""
    origin = request.headers.get("Origin", "")
    if request.path.startswith(_DESK) and not _is_staff_on_page(origin):
        if request.method not in _UNSAFE:
            return None
        fetched = request.headers.get("Sec-Fetch-Site", "")
        if origin == "null" and request.path.startswith(_INVITATION) and not fetched:
            return None
        foreign = fetched not in ("same-origin", "none") if fetched else _is_foreign(origin)
        if foreign:
            return problem(403, "cross-site", "The desk takes no requests from other sites.")
        return None
    if request.path.startswith(_PUBLIC_API) and origin and _is_foreign(origin):
        g.cors_origin = origin if _is_known(origin) else ""
        if request.method == "OPTIONS":
            return Response(status=204)
        if not g.cors_origin and request.method in _UNSAFE:
            return problem(403, "unknown-origin", f"{origin} is no origin of a site here.")
    return None


def _is_staff_on_page(origin: str) -> bool:
    """Whether another origin's page asks in the name of a staff token, or asks whether it may.

    The token is in a header that no browser adds by itself, so there is nothing that another page
    could abuse; a cookie that came along is not looked at once there is a token.
    """
    if not _is_foreign(origin) or not _ON_PAGE.fullmatch(request.path):
        return False
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    has_token = scheme.lower() == "bearer" and staff_tokens.is_one(token.strip())
    return (has_token or request.method == "OPTIONS") and _is_known(origin)


def _is_foreign(origin: str) -> bool:
    return bool(origin) and origin != request.host_url.rstrip("/")


def _is_known(origin: str) -> bool:
    # Exactly as stored: no suffix, no "null", no wildcard.
    with reading() as session:
        return session.scalar(select(SiteOrigin.id).where(SiteOrigin.origin == origin)) is not None


def _add(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", _REFERRER)
    headers.setdefault("Content-Security-Policy", _policy())
    if request.path.startswith(_PUBLIC_API):
        headers.setdefault("Cache-Control", "no-store")
        _allow_origin(response)
    return response


def _policy() -> str:
    if request.path.startswith("/api/docs"):
        return (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
        )
    if request.path.startswith("/console"):
        return (
            f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'self'; "
            "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        )
    if request.path.startswith("/demo"):
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
    return _NOTHING


def _allow_origin(response: Response) -> None:
    response.vary.add("Origin")
    origin = g.get("cors_origin", "")
    if not origin:
        if response.mimetype == "application/problem+json" and request.method == "GET":
            # Lets the widget on a page of an unregistered site say what its publisher has to do.
            response.headers["Access-Control-Allow-Origin"] = "*"
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = _SHOWN
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Allow-Headers"] = _SENT
        response.headers["Access-Control-Max-Age"] = _DAY


def of_public_answer(origin: str) -> list[tuple[str, str]]:
    """What an answer of the public API says that was made without Flask; `origin` is that of the
    page that asks, where a site here has it, else empty. With `_add` the one place for this."""
    told = [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", _REFERRER),
        ("Content-Security-Policy", _NOTHING),
        ("Vary", f"{OF_BODY}, Origin, Cookie"),
    ]
    if origin:
        told += [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", _SHOWN),
        ]
    return told


def register(app: Flask) -> None:
    """Guard and mark every request and answer."""
    app.before_request(_refuse_other_origins)
    app.after_request(_add)
    app.jinja_env.globals["csp_nonce"] = nonce
