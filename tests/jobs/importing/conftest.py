"""What the tests of `flask import` share: the command as somebody types it, and all rows."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from models import db

Bring = Callable[..., Result]


@pytest.fixture
def bring(app: Flask, site: int) -> Bring:
    """Types `flask import`, for the site "news" unless told otherwise."""

    def typed(system: str, path: Path, *more: str, slug: str = "news") -> Result:
        args = ["import", system, str(path), "--site", slug, *more]
        return app.test_cli_runner().invoke(args=args)

    return typed


@pytest.fixture
def twice(app: Flask, tmp_path: Path, bring: Bring) -> Callable[..., Any]:
    """Imports a file into the same database twice, each time as if it had never been there, the
    second time otherwise; answers what both wrote."""
    database, before = tmp_path / "parley.db", tmp_path / "before.db"

    def imported(path: Path, otherwise: Callable[[], None]) -> list[list[tuple[Any, ...]]]:
        _let_go(app)
        shutil.copy(database, before)
        found = []
        for _ in range(2):
            _let_go(app)
            shutil.copy(before, database)
            assert bring("disqus", path).exit_code == 0
            found.append(everything(database))
            otherwise()
        return found

    return imported


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    """What a query finds, past Parley's own code."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def everything(database: Path) -> list[tuple[Any, ...]]:
    """All that an import writes, but for what is made by chance or by the clock."""
    queries = (
        "SELECT c.source_id, m.text, m.html, m.status, m.depth, m.up, m.down, m.reply_count,"
        " m.descendant_count, m.created_at, m.stirred_at, m.author_name, p.source_id, t.identity"
        " FROM comment m LEFT JOIN comment_source c ON c.comment_id = m.id"
        " LEFT JOIN comment_source p ON p.comment_id = m.parent_id"
        " JOIN thread t ON t.id = m.thread_id ORDER BY c.source_id, m.id",
        "SELECT identity, url, title, state, comment_count FROM thread ORDER BY identity",
        "SELECT s.key, a.name FROM author_source s JOIN account a ON a.id = s.account_id"
        " ORDER BY s.key",
        "SELECT count(*) FROM decision",
        "SELECT count(*) FROM account",
    )
    return [row for query in queries for row in rows(database, query)]
