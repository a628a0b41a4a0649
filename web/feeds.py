"""What was said last, as Atom (RFC 4287): of one discussion, and of a whole site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import Blueprint, Response, request
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from discussion import latest, threads
from jobs.transactions import reading
from models import Comment, Site, Thread
from web import limits
from web.runtime import runtime

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")

MOST = 50
_ATOM = "http://www.w3.org/2005/Atom"
# What XML 1.0 has no way to write (its production 2, "Char").
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@blueprint.get("/threads/<row:thread_id>.atom")
@limits.reads
def of_thread(thread_id: int) -> Response:
    """The newest comments of one discussion."""
    with reading() as session:
        thread = threads.get(session, thread_id)
        said = latest.of_thread(session, thread.id, MOST)
        feed = _feed(
            _tag(thread, f"thread/{thread.id}"),
            f"Comments on {thread.title or thread.url}",
            thread.url,
            thread.created_at,
            said,
        )
    return _answer(feed)


@blueprint.get("/sites/<slug>.atom")
@limits.reads
def of_site(slug: str) -> Response:
    """The newest comments of a site."""
    with reading() as session:
        site = session.scalar(select(Site).where(Site.slug == slug))
        if site is None:
            raise NotFound
        said = latest.of_site(session, site.id, MOST)
        host = urlsplit(runtime().public_url).hostname or "localhost"
        feed = _feed(
            f"tag:{host},{site.created_at:%Y-%m-%d}:parley/site/{site.id}",
            f"Comments on {site.name}",
            said[0].thread.url if said else runtime().public_url,
            site.created_at,
            said,
        )
    return _answer(feed)


def _feed(
    number: str, title: str, page: str, begun: datetime, said: Sequence[Comment]
) -> ElementTree.Element:
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", number)
    _add(feed, "title", title)
    _add(feed, "updated", max([_changed(one) for one in said], default=begun).isoformat())
    here = runtime().public_url.rstrip("/") + request.path
    _add(feed, "link", rel="self", type="application/atom+xml", href=here)
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    for comment in said:
        _entry(feed, comment)
    return feed


def _entry(feed: ElementTree.Element, comment: Comment) -> None:
    thread = comment.thread
    entry = _add(feed, "entry")
    _add(entry, "id", _tag(thread, f"comment/{comment.id}"))
    _add(entry, "title", f"{comment.author_name} on {thread.title or thread.url}")
    _add(entry, "updated", _changed(comment).isoformat())
    _add(entry, "published", comment.created_at.isoformat())
    _add(_add(entry, "author"), "name", comment.author_name)
    _add(
        entry, "link", rel="alternate", type="text/html", href=f"{thread.url}#comment-{comment.id}"
    )
    _add(entry, "content", comment.html, type="html")


def _changed(comment: Comment) -> datetime:
    return comment.edited_at or comment.created_at


def _tag(thread: Thread, what: str) -> str:
    """A name that stays, whatever address this server or the article gets (RFC 4151)."""
    # An authority is a host name without a port.
    host = urlsplit(thread.url).hostname or "localhost"
    return f"tag:{host},{thread.created_at:%Y-%m-%d}:parley/{what}"


def _add(
    parent: ElementTree.Element, name: str, text: str = "", **attributes: str
) -> ElementTree.Element:
    clean = {key: _UNWRITABLE.sub("", value) for key, value in attributes.items()}
    made = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    made.text = _UNWRITABLE.sub("", text) or None
    return made


def _answer(feed: ElementTree.Element) -> Response:
    ElementTree.register_namespace("", _ATOM)
    body = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    answer = Response(body, content_type="application/atom+xml; charset=utf-8")
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer
