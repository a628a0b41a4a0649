"""The whole conversation without JavaScript: pages and forms, through the API's own doors."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from web import errors
from web.thread_page import acts, drawing, reader
from web.thread_page.pages import blueprint, sheet_mark

_log = structlog.get_logger(__name__)
_BELOW = "/thread"
_STATIC = "thread_page.static"


@blueprint.before_request
def _begin() -> Response | None:
    if request.endpoint == _STATIC:
        return None
    g.frame_origins = ()
    g.is_foreign_form = False
    reader.recognise()
    return reader.refuse_foreign_forms()


@blueprint.after_request
def _finish(response: Response) -> Response:
    if request.endpoint == _STATIC:
        response.cache_control.public, response.cache_control.no_cache = True, None
        response.cache_control.max_age = 31_536_000
        return response
    reader.forget_if_no_good(response)
    response.headers["Content-Security-Policy"] = policy()
    response.headers.add("Vary", "Cookie, Accept-Language, Sec-Fetch-Dest")
    response.headers["Cache-Control"] = _kept_by(response)
    return response


def _kept_by(response: Response) -> str:
    """Who may keep an answer: nobody what a known reader sees, and everyone what has no form."""
    is_read = request.method in ("GET", "HEAD") and response.status_code in (200, 304)
    if not is_read or reader.is_known() or "Set-Cookie" in response.headers:
        return "private, no-store"
    return "private, no-cache" if reader.is_kept_apart() else "public, no-cache"


def policy() -> str:
    """What a page may load and who may frame it: its own site's pages, and this server's."""
    framing = " ".join(["'self'", *drawing.frame_origins()])
    return (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {framing}"
    )


def _refused(status: int, kind: str, detail: str, headers: dict[str, str] | None) -> Response:
    """A problem as a page: the form it was about with what was typed, else a page of its own."""
    words = drawing.words()
    key = f"problem-{kind}"
    sentence = words(key if words.knows(key) else "cannot") if words.lang != "en" else detail
    answer = Response(_page_of(status, sentence), status, headers, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = policy()
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page_of(status: int, sentence: str) -> str:
    if request.method != "POST" or g.get("is_foreign_form", True):
        return drawing.error(status, sentence)
    try:
        return acts.again(status, sentence)
    except LookupError:
        pass  # a button by itself: there is no form to fill in again
    except Exception as error:
        # What is wrong is told already; that the form cannot be drawn as well adds nothing.
        _log.warning("a refused form cannot be drawn again", error=type(error).__name__)
    return drawing.error(status, sentence, typed=_typed(), back=acts.subject())


def _typed() -> str:
    try:
        return request.form.get("text", "")
    except HTTPException:
        return ""  # too large to be read at all


def register(app: Flask) -> None:
    """Add the pages, and let problems on them be told by a page."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["thread_sheet_mark"] = sheet_mark
    errors.draw_below(_BELOW, _refused)
