"""Serve the widget: one custom element, its modules and its style sheet."""

from __future__ import annotations

from flask import Blueprint, Response, send_from_directory

blueprint = Blueprint("embed", __name__, url_prefix="/embed")
_FOLDER = f"{__path__[0]}/static"


@blueprint.get("/<path:name>")
def asset(name: str) -> Response:
    """One file of the widget, readable by every origin: it is the same public text for all."""
    answer = send_from_directory(_FOLDER, name, max_age=300)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
