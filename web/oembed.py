"""One comment for other sites to show in a text of theirs: oEmbed 1.0, without a script."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, request
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from discussion import comments, threads
from jobs.transactions import reading
from models import Comment
from moderation.errors import Invalid, ParleyError
from web import limits
from web.api.schemas import LARGEST_ID
from web.runtime import runtime
from web.thread_page.structured import plain
from web.thread_page.words import straight

blueprint = Blueprint("oembed", __name__)

_ON_ARTICLE = re.compile(r"comment-(\d{1,10})")
_OF_OURS = re.compile(r"/thread/comments/(\d{1,10})")
_WIDTH = 600
_LONGEST_TITLE = 100


@blueprint.get("/oembed")
@limits.reads
def embed() -> Response:
    """A published comment as a quotation; 404 for any other, 501 for XML."""
    if request.args.get("format", "json") != "json":
        abort(501, "Only JSON is given: ask with format=json, or without format.")
    url = request.args.get("url", "")
    if not url:
        raise Invalid("Say which comment: send url with its permalink.", field="url")
    with reading() as session:
        answer = _rich(_found(session, url))
    response = jsonify(answer)
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _found(session: Session, url: str) -> Comment:
    """The public comment that a permalink names: on its article, or on a page of this server."""
    there = NotFound("This is the address of no public comment.")
    parts = _split(url)
    if parts is None:
        raise there
    ours = _OF_OURS.fullmatch(parts.path) if _is_ours(parts.netloc) else None
    number = ours or _ON_ARTICLE.fullmatch(parts.fragment)
    if number is None or not 0 < int(number[1]) <= LARGEST_ID:
        raise there
    try:
        comment = comments.readable(session, int(number[1]))
        if ours or _is_on(session, comment, url):
            return comment
    except ParleyError:
        pass
    raise there


def _split(url: str) -> Any:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _is_ours(host: str) -> bool:
    return host in (request.host, urlsplit(runtime().public_url).netloc)


def _is_on(session: Session, comment: Comment, url: str) -> bool:
    """Whether a comment stands on the page that an address names. Raises Invalid, UnknownOrigin."""
    page = threads.locate(session, url.partition("#")[0])
    thread = comment.thread
    same = page.address.url == thread.url or page.identity == thread.identity
    return page.site.id == comment.site_id and same


def _rich(comment: Comment) -> dict[str, Any]:
    thread = comment.thread
    words, name = plain(comment.html), straight(comment.author_name)
    page = straight(thread.title) or thread.url
    quotation = Markup(
        '<blockquote class="parley-comment" cite="{link}"><p>{words}</p>'
        '<footer>— {name}, <a href="{link}">{page}</a></footer></blockquote>'
    ).format(link=f"{thread.url}#comment-{comment.id}", words=words, name=name, page=page)
    asked = request.args.get("maxwidth", _WIDTH, int)
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": thread.site.name,
        "provider_url": runtime().public_url,
        "author_name": name,
        "title": f"{name}: {words}"[:_LONGEST_TITLE],
        "html": str(quotation),
        "width": max(1, min(asked, _WIDTH)),
        "height": None,
        "cache_age": 0,
    }
