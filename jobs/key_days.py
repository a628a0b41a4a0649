"""Writes down on which day a key was last used: once a day for each, and nobody waits for it."""

from __future__ import annotations

import threading
from datetime import date

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from jobs.transactions import writing
from models import utcnow
from moderation import keys

_log = structlog.get_logger(__name__)


class KeyDays:
    """The days that one process has written down; another may write the same one again."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._written: dict[int, date] = {}
        self._lock = threading.Lock()

    def note(self, key_id: int, known: date) -> threading.Thread | None:
        """See to it that today is written where `known` is what the row says; the thread that does
        it, None where nothing has to be done."""
        today = utcnow().date()
        with self._lock:
            if known >= today or self._written.get(key_id) == today:
                return None
            self._written[key_id] = today
        writer = threading.Thread(
            target=self._write, args=(key_id, today), name="key-day", daemon=True
        )
        writer.start()
        return writer

    def _write(self, key_id: int, today: date) -> None:
        try:
            with self._app.app_context(), writing() as session:
                keys.note_use(session, key_id, today)
        except SQLAlchemyError as error:
            # The next request tries again.
            with self._lock:
                self._written.pop(key_id, None)
            _log.warning("a key's day was not written", error=type(error).__name__)
