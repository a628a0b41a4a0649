"""JSON under /api/v1, described by OpenAPI; a page to try it stands at /api/docs."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Flask, Response, render_template, request, send_from_directory
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from web import errors
from web.api.schemas import LARGEST_ID, Problem

SPEC = {
    "API_TITLE": "Parley",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "Comments, votes, reports and moderation. Errors are problem details "
            "(RFC 9457) whose `detail` says what to do."
        },
        "components": {
            "securitySchemes": {
                "readerToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Given once with the first answer to a reader.",
                },
                "staffToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Given for a code of the console; for one site, for an hour.",
                },
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made by `flask keys add NAME --site SLUG --for moderation`; "
                    "acts as a moderator of its site.",
                },
            }
        },
    },
}


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest with our one table of errors instead of its own."""

    ERROR_SCHEMA = Problem

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer every HTTP error as a problem."""
        return errors.http_error(error)


class RowId(IntegerConverter):
    """A row's number in an address; anything larger than a database can hold is not found."""

    def __init__(self, routes: Map) -> None:
        super().__init__(routes, min=1, max=LARGEST_ID)


def _read_json() -> Response | None:
    """Refuse a body that is no JSON object in UTF-8 before any route looks at it."""
    if not request.path.startswith("/api/v1") or request.method not in ("POST", "PUT", "PATCH"):
        return None
    body = request.get_data(cache=True)
    if request.method == "PUT" and not body:
        return None
    if not request.is_json:
        return errors.problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Send JSON, with Content-Type: application/json.",
        )
    try:
        sent = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        sent = None
    if isinstance(sent, dict):
        return None
    return errors.problem(
        HTTPStatus.BAD_REQUEST,
        "bad-request",
        "The body is not a complete JSON object in UTF-8. Nothing was stored; send it again.",
    )


def register(app: Flask) -> None:
    """Add the API, its description and the page to try it."""
    # The last two, and the batches, add their routes to the desk's own blueprint.
    from web.api import (
        appeals,
        batches,
        comments,
        on_page,
        reports,
        sanctions,
        threads,
        votes,
    )
    from web.api import calibration as calibration
    from web.api import featured as featured
    from web.api import insight as insight

    app.url_map.converters["row"] = RowId
    app.config.update(SPEC)
    app.before_request(_read_json)
    api = ProblemApi(app)
    api.register_converter(RowId, lambda converter: {"type": "integer", "minimum": 1})
    blueprints: list[Blueprint] = [
        threads.blueprint,
        comments.blueprint,
        votes.blueprint,
        reports.blueprint,
        appeals.blueprint,
        sanctions.blueprint,
        on_page.blueprint,
        on_page.desk,
        # Whoever reads the batches has read the rest of the desk.
        batches.blueprint,
    ]
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.add_url_rule("/api/docs", "api_docs", _docs)
    app.add_url_rule("/api/docs/<name>", "api_docs_asset", _docs_asset)


def _docs() -> str:
    return render_template("api/docs.html")


def _docs_asset(name: str) -> Response:
    import flask_swagger_ui

    if name == "start.js":
        return send_from_directory(f"{__path__[0]}/static", name)
    return send_from_directory(f"{flask_swagger_ui.__path__[0]}/dist", name)
