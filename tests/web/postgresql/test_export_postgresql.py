"""Exports that go from SQLite to PostgreSQL and back are the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask_migrate import upgrade

from models import db
from tests.discussion.transfer.everything import build
from tests.discussion.transfer.parley_files import exported, taken
from tests.jobs.backup.conftest import elsewhere, run
from tests.web.postgresql.conftest import Cluster


@pytest.fixture
def second(cluster: Cluster, tmp_path: Path) -> Iterator[Flask]:
    """Parley on another PostgreSQL database, which is empty."""
    name = f"second_{uuid4().hex[:12]}"
    cluster.sql(f"CREATE DATABASE {name}")
    made = elsewhere(tmp_path / "second", PARLEY_DATABASE_URL=cluster.url(name))
    with made.app_context():
        upgrade()
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
    cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_from_one_kind_of_database_to_the_other_and_back(
    app: Flask,
    site: int,
    thread: int,
    make_comment: Callable[..., int],
    second: Flask,
    tmp_path: Path,
):
    build(app, site, thread, make_comment)
    first = exported(app, tmp_path / "first.jsonl")
    there = elsewhere(tmp_path / "sqlite")
    with there.app_context():
        upgrade()
    assert taken(there, tmp_path / "first.jsonl").flaws == []
    assert exported(there, tmp_path / "sqlite.jsonl") == first
    told = taken(second, tmp_path / "sqlite.jsonl", dry_run=True)
    found = taken(second, tmp_path / "sqlite.jsonl")
    assert found.flaws == []
    assert told.new == found.new
    assert exported(second, tmp_path / "second.jsonl") == first
    assert not taken(second, tmp_path / "first.jsonl").new
    answer = run(second, "audit", "verify")
    assert answer.exit_code == 0, answer.output
