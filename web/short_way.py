"""The short way to a page of a thread: past Flask, with the same answer.

It stands in front of the application and takes only addresses that the application has answered
before, word for word, from a GET without a cookie. It counts the request against the same limit,
asks the database for the thread's version, and says the same headers; for everything else, and
whenever anything is out of the ordinary, the application is asked as ever.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, request
from limits import RateLimitItem, parse_many
from sqlalchemy import Engine
from werkzeug.wsgi import get_host

from jobs.transactions import reading
from models import db, glance
from models.glance import Glance
from web import headers, limits
from web.api import thread_pages
from web.api.thread_pages import Asked
from web.runtime import runtime_of

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Answer = tuple[str, list[tuple[str, str]], bytes]

# Where the application leaves word of what a request asked for.
_LEFT = "parley.asked"
# Addresses that are known, and their longest: two megabytes at most.
_MOST, _LONGEST = 2_000, 1_000


@dataclass(frozen=True)
class Known:
    """What an address asks for; where it names a page, the page's origin and its site's slug."""

    asked: Asked
    origin: str = ""
    slug: str = ""


def remember(asked: Asked, origin: str = "", slug: str = "") -> None:
    """Leave word of what the present request asks for."""
    request.environ[_LEFT] = Known(asked, origin, slug)


class ShortWay:
    """A WSGI application around the one that answers everything."""

    def __init__(self, app: Flask, behind: Application) -> None:
        self._app = app
        self._behind = behind
        self._known: OrderedDict[tuple[str, str], Known] = OrderedDict()
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer from what is kept, or ask the application."""
        if environ["REQUEST_METHOD"] != "GET" or environ.get("HTTP_COOKIE"):
            return self._behind(environ, start)
        address = (environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""))
        known = self._known.get(address)
        answer = self._answer(environ, known) if known else None
        if answer is None:
            return self._ask(environ, start, address)
        status, told, body = answer
        start(status, told)
        return [body]

    def _ask(
        self, environ: Environ, start: Callable[..., Any], address: tuple[str, str]
    ) -> Iterable[bytes]:
        body = self._behind(environ, start)
        known = environ.get(_LEFT)
        if known is not None and sum(map(len, address)) <= _LONGEST:
            with self._lock:
                self._known[address] = known
                self._known.move_to_end(address)
                if len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return body

    def _answer(self, environ: Environ, known: Known) -> Answer | None:
        """The page as it stands now; None where it is the application's to answer."""
        try:
            if not self._counts(environ):
                return None
            origin = _foreign_origin(environ)
            standing = glance.alone(self._engine_of(), known.asked.thread_id, known.origin, origin)
            if standing is None or not _belongs(standing, known):
                return None
            return self._page(environ, known.asked, standing, origin)
        except Exception:
            # The application meets it again, and says what it is.
            return None

    def _page(self, environ: Environ, asked: Asked, standing: Glance, origin: str) -> Answer:
        runtime = runtime_of(self._app)
        mark = thread_pages.mark_of(asked, standing, runtime.limits)
        packed = thread_pages.packs(environ.get("HTTP_ACCEPT_ENCODING", ""))
        told = headers.of_public_answer(origin if standing.asker else "")
        told += thread_pages.headers_of(mark, packed=packed)
        if thread_pages.is_known(mark, environ.get("HTTP_IF_NONE_MATCH", "")):
            return "304 NOT MODIFIED", [one for one in told if one[0] != "Content-Encoding"], b""
        kept = runtime.pages.keep(mark, lambda: self._build(asked, standing))
        body = runtime.pages.packed(mark, kept) if packed else kept.plain
        told += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        return "200 OK", told, body

    def _build(self, asked: Asked, standing: Glance) -> bytes:
        with self._app.app_context(), reading() as session:
            return thread_pages.body(session, asked, standing)

    def _counts(self, environ: Environ) -> bool:
        """Count the request; False where the address has asked for too much, which the application
        then says. A request that is counted here it does not count again."""
        key = limits.counted_by(environ.get("REMOTE_ADDR") or "")
        for item in _items(self._app.config[limits.READ_RATE]):
            if not limits.limiter.limiter.hit(item, key, limits.READ_RATE):
                return False
        environ[limits.COUNTED] = True
        return True

    def _engine_of(self) -> Engine:
        if self._engine is None:
            with self._app.app_context():
                self._engine = db.engine
        return self._engine


@lru_cache
def _items(rate: str) -> list[RateLimitItem]:
    return sorted(parse_many(rate))


def _foreign_origin(environ: Environ) -> str:
    """The origin of the page that asks, "" for none and for this server's own."""
    origin = str(environ.get("HTTP_ORIGIN", ""))
    own = f"{environ['wsgi.url_scheme']}://{get_host(environ)}" if origin else ""
    return "" if origin == own else origin


def _belongs(standing: Glance, known: Known) -> bool:
    """Whether the page that was asked for still is one of the thread's site."""
    if known.origin and standing.owner != standing.site_id:
        return False
    return not known.slug or standing.slug == known.slug
