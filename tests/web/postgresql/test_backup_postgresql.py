"""`flask backup` and `flask restore` on a real PostgreSQL, with its own programs."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from jobs.backup import archive, dumping
from models import db
from tests.jobs.backup.conftest import elsewhere, reject, run, saved
from tests.web.postgresql.conftest import Cluster

_TABLES = ("comment", "decision", "score", "account", "thread", "policy", "audit_entry")


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """The address of a database in which nothing is."""
    name = f"empty_{uuid4().hex[:12]}"
    cluster.sql(f"CREATE DATABASE {name}")
    yield cluster.url(name)
    cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


def rows_of(app: Flask) -> list[list[tuple[object, ...]]]:
    """All that the main tables hold."""
    with app.app_context(), db.engine.connect() as rows:
        assert rows.dialect.name == "postgresql"
        queries = [
            text(f"SELECT * FROM {table} ORDER BY id") for table in _TABLES if table != "score"
        ]
        return [[tuple(row) for row in rows.execute(query)] for query in queries]


def test_all_of_it_comes_back_in_an_empty_database(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path, empty: str
):
    make_comment("Tea for the harbour, 10 % off; \\. 'quoted' \N{HOT BEVERAGE}")
    reject(app, make_comment("You idiot."))
    path = saved(app, tmp_path / "kept")
    with zipfile.ZipFile(path) as packed:
        assert packed.namelist() == ["manifest.json", "parley.pgdump"]
    assert run(app, "restore", "--check", str(path)).exit_code == 0

    there = elsewhere(tmp_path / "there", PARLEY_DATABASE_URL=empty)
    answer = run(there, "restore", str(path))
    assert answer.exit_code == 0, answer.output
    assert rows_of(there) == rows_of(app)
    assert run(there, "audit", "verify").exit_code == 0
    # Its numbers go on where they were, and what must not change is still guarded.
    with there.app_context(), db.engine.begin() as rows:
        newest = rows.scalar(text("SELECT max(id) FROM comment"))
        assert rows.scalar(text("SELECT nextval('comment_id_seq')")) == newest + 1
        assert rows.scalar(text("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'decision_%'"))


def test_while_many_write_it_is_one_moment(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path, cluster: Cluster
):
    ended = threading.Event()

    def write() -> None:
        while not ended.is_set():
            make_comment("Written meanwhile.")

    make_comment("First.")
    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        made = [saved(app, tmp_path / "kept") for _ in range(2)]
    finally:
        ended.set()
        for writer in writers:
            writer.join()
    for number, path in enumerate(made):
        name = f"moment_{number}_{uuid4().hex[:8]}"
        cluster.sql(f"CREATE DATABASE {name}")
        there = elsewhere(tmp_path / name, PARLEY_DATABASE_URL=cluster.url(name))
        # Rows, record and replaying are those of the manifest, or it would say so.
        answer = run(there, "restore", str(path))
        with there.app_context():
            db.engine.dispose()
        cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")
        assert answer.exit_code == 0, answer.output


def test_a_database_with_tables_is_left_alone(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    make_comment("Here.")
    path, before = saved(app, tmp_path / "kept"), rows_of(app)
    answer = run(app, "restore", str(path), "--replace")
    assert answer.exit_code == 1
    assert "Make a new one (createdb)" in answer.output
    assert rows_of(app) == before


def test_a_backup_of_the_other_kind_is_refused(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    make_comment("Here.")
    path = saved(app, tmp_path / "kept")
    answer = run(elsewhere(tmp_path / "there"), "restore", str(path))
    assert answer.exit_code == 1
    assert "This is a backup of postgresql" in answer.output


def test_a_dump_that_breaks_off_leaves_nothing(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path, empty: str
):
    """Everything that a checksum says is right, and PostgreSQL itself stops in the middle."""
    make_comment("Here.")
    path = saved(app, tmp_path / "kept")
    manifest = archive.read(path)
    dump = tmp_path / "half.pgdump"
    archive.unpack(path, manifest, dump)
    dump.write_bytes(dump.read_bytes()[:-200])
    sha256, size = archive.measured(dump)
    archive.write(path, type(manifest)(**(vars(manifest) | {"sha256": sha256, "size": size})), dump)
    there = elsewhere(tmp_path / "there", PARLEY_DATABASE_URL=empty)
    answer = run(there, "restore", str(path))
    assert answer.exit_code == 1
    assert "pg_restore failed" in answer.output
    with there.app_context(), db.engine.connect() as rows:
        assert not rows.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))


def test_the_password_is_no_argument_that_others_can_read(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen: list[list[str]] = []

    class Done:
        returncode, stderr, stdout = 0, "", ""

    def note(command: list[str], **named: object) -> Done:
        seen.append(command)
        assert named["env"]["PGPASSWORD"] == "hush-hush"  # type: ignore[index]
        return Done()

    with app.app_context():
        engine = db.engine
        engine.dispose()
        monkeypatch.setattr(engine, "url", engine.url.set(password="hush-hush"))
        monkeypatch.setattr(dumping.subprocess, "run", note)
        dumping.load_postgresql(engine, tmp_path / "x")
    assert "hush-hush" not in " ".join(seen[0])
