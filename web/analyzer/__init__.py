"""The addresses of Google's Perspective, answered from this server's own model."""

from __future__ import annotations

from flask import Flask, Response, request

from web import keys
from web.analyzer import errors
from web.analyzer.shapes import LONGEST_BODY

PREFIXES = ("/v1alpha1", "/$discovery")
_SENT = "Content-Type, Authorization, X-Goog-Api-Key, X-Goog-Api-Client"


def _let_in() -> None:
    """Before anything reads the body: its limit is that of a comment of 20 KB, however written."""
    if request.path.startswith(PREFIXES):
        request.max_content_length = LONGEST_BODY


def _mark(response: Response) -> Response:
    """Let any page ask, as with Perspective, and nothing keep the answer.

    Any origin is safe here as it is not elsewhere: these addresses look at no cookie, so a page can
    do nothing in its reader's name, and nothing at all without a key that it was given.
    """
    if not request.path.startswith(PREFIXES):
        return response
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = "Retry-After"
    # The address of the request may hold a key.
    headers["Referrer-Policy"] = "no-referrer"
    headers.setdefault("Cache-Control", "no-store")
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        headers["Access-Control-Allow-Headers"] = _SENT
        headers["Access-Control-Max-Age"] = "86400"
    return response


def register(app: Flask) -> None:
    """Add the addresses, their errors and what their answers say to browsers."""
    # The first adds its address to the blueprint of the second.
    from web.analyzer import discovery as discovery
    from web.analyzer.answers import blueprint

    app.register_blueprint(blueprint)
    errors.register(app, *PREFIXES)
    for fault in (keys.NoKey, keys.BadKey, keys.OverQuota):
        app.register_error_handler(fault, errors.of_key)
    app.before_request(_let_in)
    app.after_request(_mark)
