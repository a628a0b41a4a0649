"""A server, its thread, and the file it writes to, for tests that kill or starve it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.flows.server import Server

PATIENCE = 240.0
LEASE = 2
SETTINGS = {
    "PARLEY_SCORING_LEASE": str(LEASE),
    "PARLEY_LOG_LEVEL": "WARNING",
} | {
    f"PARLEY_{name}_RATE": "100000 per minute"
    for name in ("READ", "WRITE", "VOTE", "PREVIEW", "NEWCOMER", "SIGN_IN")
}


@dataclass
class Place:
    """A server, its thread, and the file it writes to."""

    server: Server
    thread: int
    database: Path

    @property
    def comments(self) -> str:
        """Where comments are posted and read."""
        return f"/api/v1/threads/{self.thread}/comments"

    def one(self, query: str) -> Any:
        """A number from the file itself, past the server."""
        with closing(sqlite3.connect(self.database)) as rows:
            return rows.execute(query).fetchone()[0]

    def drain(self) -> None:
        """Return when nothing is owed any more."""
        until = time.monotonic() + PATIENCE
        while self.one("SELECT count(*) FROM job WHERE state IN ('ready', 'taken')"):
            assert time.monotonic() < until, "the queue does not drain"
            time.sleep(0.1)
