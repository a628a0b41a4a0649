"""The pages that are read: an article's discussion, one branch of it, and the forms."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from jobs.transactions import reading
from moderation.errors import Invalid
from web import limits
from web.runtime import runtime
from web.thread_page import drawing, place, reader
from web.thread_page.drawing import Form
from web.thread_page.place import PageShown, Place, Shown, loaded

blueprint = Blueprint(
    "thread_page",
    __name__,
    url_prefix="/thread",
    template_folder="templates",
    static_folder="static",
    static_url_path="/style",
)
# What is done with a comment on a page of its own.
ACTS = ("reply", "edit", "withdraw", "report", "appeal")


@blueprint.get("")
@limits.reads
def show() -> Response:
    """An article's discussion, or what is found there by its words.

    The same for everyone who has no cookie, but for the key of the form; so its ETag is weak.
    """
    asked = loaded(PageShown, request.args.to_dict())
    with reading() as session:
        where = place.of_page(session, asked)
    mark, is_search = _mark(where, asked), bool(asked["q"].strip())
    if mark and request.if_none_match.contains_weak(mark):
        answer = Response(status=304)
        if where.is_open and not is_search:
            reader.keep_apart()  # the page that the browser has carries a key
    else:
        answer = _found(where, asked) if is_search else _html(drawing.thread(where, asked))
    if mark and answer.status_code in (200, 304):
        answer.set_etag(mark, weak=True)
    return answer


def _found(where: Place, asked: dict[str, Any]) -> Response:
    try:
        return _html(drawing.found(where, asked))
    except Invalid as error:
        words = drawing.words()
        why = error.message if words.lang == "en" else words("problem-invalid")
        return _html(drawing.not_sought(where, asked, why), 422)


def _html(page: str, status: int = 200) -> Response:
    return Response(page, status, mimetype="text/html")


@blueprint.get("/comments/<row:comment_id>")
@limits.reads
def branch(comment_id: int) -> str:
    """One comment with what stands above and below."""
    return drawing.branch(comment_id, loaded(Shown, request.args.to_dict()))


def _mark(where: Place, asked: dict[str, Any]) -> str:
    """Names one state of one page for somebody unknown; empty for anybody else's."""
    if reader.is_known() or asked["said"]:
        return ""
    around = drawing.words().lang, drawing.links().shows_points, runtime().limits, _release()
    framed = request.headers.get("Sec-Fetch-Dest") == "iframe"
    state = f"{where} {sorted(asked.items())} {around} {framed}"
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()[:24]


@cache
def _release() -> str:
    """Names the files that a page is made from: with another release it is another page."""
    here = Path(__file__).parent
    files = [*here.rglob("*.html"), *here.rglob("*.css"), *here.rglob("*.py")]
    files += (here.parent / "embed" / "source" / "lang").glob("*.json")
    whole = hashlib.sha256()
    for path in sorted(files):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def sheet_mark() -> str:
    """Names the state of the style sheet, so that a browser may keep it."""
    return _release()


def _page_of(name: str) -> None:
    def form(comment_id: int) -> str:
        return drawing.act(name, comment_id, Form())

    form.__doc__ = f"The form to {name}."
    rule = f"/comments/<row:comment_id>/{name}"
    blueprint.add_url_rule(rule, name, limits.reads(form), methods=["GET"])


for _name in ACTS:
    _page_of(_name)
