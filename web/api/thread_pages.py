"""A thread, or a page of its comments, as the bytes that everyone gets until it changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from flask import Response, request
from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.orm import Session

from discussion import reading as read
from discussion.comments import Limits
from discussion.reading import Sort
from models import Thread, glance
from models.glance import Glance
from moderation.errors import NotFound
from web.api.views import comment_shape, list_shape, thread_shape
from web.headers import OF_BODY
from web.pages_kept import Kept
from web.runtime import runtime

# Counts up when the same rows give other bytes.
FORMAT = 3
_PACKED = "-gz"
Start = Callable[..., Any]


@dataclass(frozen=True)
class Asked:
    """Which part of which thread; without a sort the thread alone."""

    thread_id: int
    sort: str = ""
    cursor: str = ""
    limit: int = 0


def mark_of(asked: Asked, standing: Glance, limits: Limits) -> str:
    """Names one state of one part of one thread."""
    part = _part(asked.sort, asked.cursor, asked.limit, standing.policy_version, limits)
    return f"{asked.thread_id}.{standing.version}.{part}"


@lru_cache(maxsize=512)
def _part(sort: str, cursor: str, limit: int, policy_version: int, limits: Limits) -> str:
    told = f"{sort} {cursor} {limit} {policy_version} {limits} {FORMAT}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def etag_of(mark: str, *, packs: bool) -> str:
    """The ETag of a state: the same words compressed are other bytes."""
    return f'"{mark}{_PACKED}"' if packs else f'"{mark}"'


def is_known(mark: str, if_none_match: str) -> bool:
    """Whether a browser that sends these ETags has this state, compressed or not."""
    if mark not in if_none_match and "*" not in if_none_match:
        return False
    told = {one.strip().removeprefix("W/") for one in if_none_match.split(",")}
    return bool(told & {"*", f'"{mark}"', f'"{mark}{_PACKED}"'})


def packs(accept_encoding: str) -> bool:
    """Whether a browser takes gzip."""
    return any(
        name.strip() in ("gzip", "*") and weight.replace(" ", "") not in ("q=0", "q=0.0")
        for name, _, weight in (one.partition(";") for one in accept_encoding.lower().split(","))
    )


def headers_of(mark: str, *, packed: bool) -> list[tuple[str, str]]:
    """What an answer with a state says of its bytes."""
    told = [("ETag", etag_of(mark, packs=packed)), ("Cache-Control", "no-cache")]
    return [*told, ("Content-Encoding", "gzip")] if packed else told


def answer(session: Session, asked: Asked) -> Response:
    """The bytes that were asked for, or 304. Raises NotFound, Invalid for a cursor that is none."""
    standing = glance.within(session, asked.thread_id)
    if standing is None:
        raise NotFound("There is no such thread.")
    mark = mark_of(asked, standing, runtime().limits)
    packed = packs(request.headers.get("Accept-Encoding", ""))
    if is_known(mark, request.headers.get("If-None-Match", "")):
        response = Response(status=304)
        response.headers.pop("Content-Type", None)
        told = headers_of(mark, packed=packed)[:2]
    else:
        pages = runtime().pages
        kept = pages.keep(mark, lambda: body(session, asked, standing))
        shown = pages.packed(mark, kept) if packed else kept.plain
        response = Response(shown, content_type="application/json")
        told = headers_of(mark, packed=packed)
    for name, value in told:
        response.headers[name] = value
    response.headers["Vary"] = OF_BODY
    return response


def body(session: Session, asked: Asked, standing: Glance) -> bytes:
    """The JSON of a thread, or of a page of it, in UTF-8; read after its version was."""
    thread = session.connection().execute(_thread(), {"id": asked.thread_id}).one()
    told: dict[str, Any] = {"thread": thread_shape(session, thread)}
    if asked.sort:
        page = read.page(session, thread.id, Sort(asked.sort), asked.cursor, asked.limit)
        told |= {"sort": asked.sort, **list_shape(page, thread.url)}
        if not asked.cursor:
            shown = read.featured(session, thread.id) if standing.has_featured else []
            told["featured"] = [comment_shape(one, thread.url) for one in shown]
    return as_json(told)


@cache
def _thread() -> Select[*tuple[Any, ...]]:
    """All of a thread, without making an object of it that could be changed."""
    return select(*inspect(Thread).columns).where(Thread.id == bindparam("id"))


def as_json(told: dict[str, Any]) -> bytes:
    """As the schemas would write it, in a fraction of the time: they only copy what is there."""
    written = json.dumps(
        told, ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat
    )  # fmt: skip
    return written.encode()


__all__ = ["Asked", "Kept", "answer", "body", "headers_of", "is_known", "mark_of", "packs"]
