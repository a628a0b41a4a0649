"""Threads over HTTP: find, begin, read, count, and the points of their articles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from discussion import reading as read
from discussion import searching, threads
from jobs.transactions import reading, written
from models import Thread
from moderation import sanctions
from web import auth, limits, short_way
from web.api import schemas, search_schemas, thread_pages
from web.api.thread_pages import Asked
from web.api.views import (
    comment_shape,
    own_shapes,
    sanction_told,
    thread_shape,
    unbegun_shape,
)
from web.auth import token_for
from web.runtime import runtime

_SAME = "Nothing changed since the ETag that was sent."

blueprint = Blueprint(
    "threads", __name__, url_prefix="/api/v1", description="Pages and their discussions."
)


@blueprint.get("/threads")
@limits.reads
@blueprint.arguments(schemas.ThreadQuery, location="query")
@blueprint.response(200, schemas.ThreadPage)
@blueprint.alt_response(304, description=_SAME)
def find_thread(query: dict[str, Any]) -> Any:
    """A page's thread with its first comments; `thread.id` is null while it has none."""
    with reading() as session:
        page = threads.locate(session, query["url"], query["page_id"], query["site"])
        thread = threads.find(session, page)
        if thread is None:
            shape = unbegun_shape(session, page, query["title"])
            nothing: dict[str, Any] = {"comments": [], "next": None, "featured": []}
            return {"thread": shape, "sort": query["sort"], **nothing}
        asked = Asked(thread.id, query["sort"], query["cursor"], query["limit"])
        answer = thread_pages.answer(session, asked)
    short_way.remember(asked, page.address.origin, query["site"])
    return answer


@blueprint.post("/threads")
@limits.writes
@blueprint.arguments(schemas.NewThread)
@blueprint.response(201, schemas.ThreadAnswer)
@blueprint.alt_response(200, schema=schemas.ThreadAnswer, success=True)
def begin_thread(page: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The thread of a page of a known site; begun if need be (201), else as it is (200)."""
    return written(lambda session: _begin(session, page))


def _begin(session: Session, page: dict[str, Any]) -> tuple[dict[str, Any], int]:
    located = threads.locate(session, page["url"], page["page_id"], page["site"])
    thread, is_new = threads.find_or_begin(session, located, page["title"], page["section"].strip())
    return {"thread": thread_shape(session, thread)}, 201 if is_new else 200


@blueprint.get("/threads/<row:thread_id>")
@limits.reads
@blueprint.response(200, schemas.ThreadAnswer)
@blueprint.alt_response(304, description=_SAME)
def get_thread(thread_id: int) -> Response:
    """A thread by its number; with an ETag, so that asking again usually costs a 304."""
    return _answer(Asked(thread_id))


@blueprint.get("/threads/<row:thread_id>/comments")
@limits.reads
@blueprint.arguments(schemas.Listing, location="query")
@blueprint.response(200, schemas.ThreadPage)
@blueprint.alt_response(304, description=_SAME)
def list_comments(query: dict[str, Any], thread_id: int) -> Response:
    """Comments of a thread in an order; the same for everyone, with an ETag."""
    return _answer(Asked(thread_id, query["sort"], query["cursor"], query["limit"]))


def _answer(asked: Asked) -> Response:
    with reading() as session:
        answer = thread_pages.answer(session, asked)
    short_way.remember(asked)
    return answer


@blueprint.get("/threads/<row:thread_id>/search")
@limits.reads
@blueprint.arguments(search_schemas.Words, location="query")
@blueprint.response(200, search_schemas.Found)
def search_thread(query: dict[str, Any], thread_id: int) -> dict[str, Any]:
    """Published comments of a thread that have all words, newest first."""
    with reading() as session:
        thread = threads.get(session, thread_id)
        found = searching.search(session, thread.id, query["q"], query["cursor"], query["limit"])
        return {
            "comments": [comment_shape(one, thread.url) for one in found.comments],
            "next": found.next,
            "count": found.count,
            "capped": found.capped,
        }


@blueprint.get("/threads/<row:thread_id>/mine")
@limits.reads
@blueprint.response(200, schemas.Mine)
def get_mine(thread_id: int) -> dict[str, Any]:
    """What only the reader of the token sees: own held comments, votes, sanctions and so on."""
    nothing = {
        "name": "",
        "comments": [],
        "votes": {},
        "reported": [],
        "point": False,
        "sanctions": [],
    }
    with reading() as session:
        thread = threads.get(session, thread_id)
        reader = auth.reader(session)
        if reader is None:
            return nothing
        part = read.own_part(session, thread.id, reader, runtime().limits.edit_minutes)
        return {
            "name": reader.name,
            "comments": own_shapes(session, part.comments),
            "votes": {str(number): value for number, value in part.votes.items()},
            "reported": part.reported,
            "point": part.point,
            "sanctions": [
                sanction_told(one) for one in sanctions.standing(session, thread.site_id, reader.id)
            ],
        }


@blueprint.put("/threads/<row:thread_id>/points")
@limits.votes
@blueprint.response(200, schemas.Points)
def give_point(thread_id: int) -> dict[str, Any]:
    """Give the article a point; one a reader."""
    return point(lambda session: threads.get(session, thread_id), given=True)


@blueprint.delete("/threads/<row:thread_id>/points")
@limits.votes
@blueprint.response(200, schemas.Points)
def take_back_point(thread_id: int) -> dict[str, Any]:
    """Take one's point back."""
    return point(lambda session: threads.get(session, thread_id), given=False)


def point(where: Callable[[Session], Thread], *, given: bool) -> dict[str, Any]:
    """The reader's point for an article, given or taken back; answers how many it has.

    `where` finds the thread within the transaction.
    """
    if given:
        auth.admit()
    return written(lambda session: _point(session, where(session), given))


def _point(session: Session, thread: Thread, given: bool) -> dict[str, Any]:
    if not given and auth.reader(session) is None:
        return {"points": thread.points, "given": False}
    reader, is_new = auth.reader_or_newcomer(session)
    change = threads.give_point if given else threads.take_back_point
    change(session, thread, reader.id)
    token = {"reader_token": token_for(reader)} if is_new else {}
    return {"points": thread.points, "given": given, **token}


@blueprint.get("/counts")
@limits.reads
@blueprint.arguments(schemas.Urls, location="query")
@blueprint.response(200, schemas.Counts)
def count_comments(query: dict[str, Any]) -> dict[str, Any]:
    """Published comments of many pages at once: `?url=…&url=…`."""
    with reading() as session:
        return {"counts": threads.counts(session, query["url"])}
