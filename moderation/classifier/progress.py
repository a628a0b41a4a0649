"""Knows who is told what a loading that takes its time is doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

_log = structlog.get_logger(__name__)
_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Callable[[str], None]) -> Iterator[None]:
    """Let `listener` hear what is said in this thread while the body runs."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def say(what: str) -> None:
    """Tell the log, and whoever listens in this thread."""
    _log.info(what)
    listener = _listener.get()
    if listener is not None:
        listener(what)
