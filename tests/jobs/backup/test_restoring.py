"""`flask restore`: only what is good is put in place, and nothing that was there is lost."""

from __future__ import annotations

import random
import shutil
import sqlite3
import stat
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade

from jobs.backup import archive
from models import db
from tests.jobs.backup.conftest import elsewhere, reject, run, saved
from tests.jobs.test_audit_commands import damage


def rows_of(file: Path, query: str = "SELECT id, text, status FROM comment ORDER BY id") -> list:
    """What a database holds."""
    with closing(sqlite3.connect(file)) as rows:
        return rows.execute(query).fetchall()


def stopped(app: Flask) -> None:
    """As after the server has been stopped."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_on_another_machine_all_is_as_it_was(app: Flask, discussion: list[int], tmp_path: Path):
    path = saved(app, tmp_path / "kept")
    there = elsewhere(tmp_path / "there")
    answer = run(there, "restore", str(path))

    assert answer.exit_code == 0, answer.output
    assert "Restored." in answer.output
    assert "The secret key is not the one" in answer.output
    for table in ("comment", "decision", "score", "signal", "account", "thread", "policy", "job"):
        query = f"SELECT * FROM {table} ORDER BY 1"
        assert rows_of(tmp_path / "there/parley.db", query) == rows_of(
            tmp_path / "parley.db", query
        )
    assert run(there, "audit", "verify").exit_code == 0


def test_with_its_key_the_other_machine_is_this_one(
    app: Flask, discussion: list[int], tmp_path: Path
):
    path = saved(app, tmp_path / "kept", "--with-key")
    there = elsewhere(tmp_path / "there")
    own = there.config["SECRET_KEY"]
    answer = run(there, "restore", str(path))

    assert answer.exit_code == 0, answer.output
    assert "The secret key is not the one" not in answer.output
    key = tmp_path / "there/secret_key"
    assert key.read_text() == app.config["SECRET_KEY"]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    (old,) = (tmp_path / "there").glob("secret_key.replaced-*")
    assert old.read_text() == own


def test_a_key_from_the_environment_stays(app: Flask, discussion: list[int], tmp_path: Path):
    path = saved(app, tmp_path / "kept", "--with-key")
    there = elsewhere(tmp_path / "there", PARLEY_SECRET_KEY="k" * 40)
    answer = run(there, "restore", str(path))
    assert "The secret key is not the one" in answer.output
    assert not (tmp_path / "there/secret_key").exists()


def test_what_is_there_is_replaced_only_when_told_and_kept(
    app: Flask, discussion: list[int], make_comment: Callable[..., int], tmp_path: Path
):
    path = saved(app, tmp_path / "kept")
    make_comment("Younger than the backup.")
    reject(app, discussion[0])
    before = rows_of(tmp_path / "parley.db")
    stopped(app)

    refused = run(app, "restore", str(path))
    assert refused.exit_code == 1
    assert "2 decision rows here are younger than the backup" in refused.output
    assert "--replace" in refused.output
    assert rows_of(tmp_path / "parley.db") == before

    done = run(app, "restore", str(path), "--replace")
    assert done.exit_code == 0, done.output
    assert len(rows_of(tmp_path / "parley.db")) == 3
    (aside,) = tmp_path.glob("parley-replaced-*.db")
    assert rows_of(aside) == before
    assert str(aside) in done.output
    assert run(app, "audit", "verify").exit_code == 0


def test_another_history_is_told(app: Flask, discussion: list[int], tmp_path: Path):
    path = saved(app, tmp_path / "kept")
    damage(tmp_path / "parley.db", "UPDATE decision SET actor_name = 'Somebody' WHERE id = 1")
    stopped(app)
    answer = run(app, "restore", str(path))
    assert "decision rows here are not a later state of those in the backup" in answer.output


def test_a_database_in_use_is_left_alone(app: Flask, discussion: list[int], tmp_path: Path):
    path = saved(app, tmp_path / "kept")
    stopped(app)
    with closing(sqlite3.connect(tmp_path / "parley.db")) as server:
        server.execute("SELECT count(*) FROM comment").fetchall()
        answer = run(app, "restore", str(path), "--replace")
    assert answer.exit_code == 1
    assert "stop the server" in answer.output
    assert not list(tmp_path.glob("parley-replaced-*"))
    assert len(rows_of(tmp_path / "parley.db")) == 3


def test_a_lost_database_comes_back(app: Flask, discussion: list[int], tmp_path: Path):
    """The file is no database any more: that is what backups are for."""
    path, before = saved(app, tmp_path / "kept"), rows_of(tmp_path / "parley.db")
    stopped(app)
    for left in tmp_path.glob("parley.db*"):
        left.unlink()
    (tmp_path / "parley.db").write_bytes(b"not a database at all" * 500)
    answer = run(app, "restore", str(path), "--replace")
    assert answer.exit_code == 0, answer.output
    assert rows_of(tmp_path / "parley.db") == before


@pytest.mark.parametrize("is_there", [True, False])
def test_the_log_of_a_damaged_database_is_not_written_into_the_one_that_comes(
    app: Flask,
    discussion: list[int],
    make_comment: Callable[..., int],
    tmp_path: Path,
    is_there: bool,
):
    """The server was killed, and its log lies there, with the database damaged or taken away."""
    path, before = saved(app, tmp_path / "kept"), rows_of(tmp_path / "parley.db")
    make_comment("Only in the log.")
    here = tmp_path / "crashed"
    here.mkdir()
    for name in ("parley.db", "parley.db-wal", "parley.db-shm"):
        shutil.copy(tmp_path / name, here / name)
    assert (here / "parley.db-wal").stat().st_size
    if is_there:
        with (here / "parley.db").open("r+b") as file:
            file.write(b"damaged!" * 512)
    else:
        (here / "parley.db").unlink()
    there = elsewhere(here, PARLEY_SECRET_KEY=app.config["SECRET_KEY"])
    answer = run(there, "restore", str(path), "--replace")
    assert answer.exit_code == 0, answer.output
    assert rows_of(here / "parley.db") == before
    # What is left of the old one is kept together, under one name.
    aside = {file.name.partition(".db")[2] for file in here.glob("parley-replaced-*")}
    assert aside >= ({""} if is_there else {"-wal"})
    assert not (here / "parley.db-wal").exists() or not (here / "parley.db-wal").stat().st_size
    assert run(there, "audit", "verify").exit_code == 0


def inflated(packed_bytes: bytes) -> bytes:
    """What a member of a zip unpacks to; empty for what cannot be."""
    try:
        return zlib.decompressobj(-15).decompress(packed_bytes)
    except zlib.error:
        return b""


@pytest.mark.parametrize("seed", range(12))
def test_no_byte_of_a_backup_can_change_unnoticed(
    app: Flask, discussion: list[int], tmp_path: Path, seed: int
):
    path, before = saved(app, tmp_path / "kept"), rows_of(tmp_path / "parley.db")
    stopped(app)
    chance, content = random.Random(seed), bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as packed:
        member = packed.getinfo("parley.db")
    # Within the database: the manifest's own bytes have a checksum of the zip's.
    first = member.header_offset + 30 + len(member.filename)
    packed_bytes = bytes(content[first : first + member.compress_size])
    whole = inflated(packed_bytes)
    while True:
        place, bit = chance.randrange(member.compress_size), 1 << chance.randrange(8)
        changed = bytearray(packed_bytes)
        changed[place] ^= bit
        # Some bits mean nothing, such as the last ones that fill a byte.
        if inflated(bytes(changed)) != whole:
            break
    content[first : first + member.compress_size] = changed
    path.write_bytes(content)
    for words in (["--check"], ["--replace"]):
        answer = run(app, "restore", str(path), *words)
        assert answer.exit_code == 1, answer.output
        assert "not whole" in answer.output or "not the one" in answer.output
        assert not isinstance(answer.exception, (zipfile.BadZipFile, OSError))
    assert rows_of(tmp_path / "parley.db") == before


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.95, 0.999])
def test_half_a_backup_is_none(app: Flask, discussion: list[int], tmp_path: Path, share: float):
    path = saved(app, tmp_path / "kept")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    answer = run(elsewhere(tmp_path / "there"), "restore", str(path))
    assert answer.exit_code == 1
    assert "no backup of Parley's" in answer.output
    assert not (tmp_path / "there/parley.db").exists()


def test_a_database_that_is_not_what_the_manifest_says(
    app: Flask, discussion: list[int], tmp_path: Path
):
    """Somebody packed another database under the old manifest, checksum and all."""
    path = saved(app, tmp_path / "kept")
    with zipfile.ZipFile(path) as packed:
        packed.extractall(tmp_path / "out")
    other = tmp_path / "out/parley.db"
    damage(other, "UPDATE decision SET note = 'x' WHERE id = 1")
    manifest = archive.read(path)
    sha256, size = archive.measured(other)
    changed = type(manifest)(**(vars(manifest) | {"sha256": sha256, "size": size}))
    archive.write(path, changed, other)
    answer = run(app, "restore", "--check", str(path))
    assert answer.exit_code == 1
    assert "the rows of its decision are not those that it says" in answer.output


def test_what_was_wrong_when_it_was_saved_is_said_again(
    app: Flask, discussion: list[int], tmp_path: Path
):
    damage(tmp_path / "parley.db", "UPDATE comment SET status = 'published' WHERE id = 3")
    assert run(app, "backup", str(tmp_path / "kept")).exit_code == 2
    (path,) = archive.there(tmp_path / "kept")
    answer = run(elsewhere(tmp_path / "there"), "restore", str(path))
    assert answer.exit_code == 0, answer.output
    assert "comment 3: it is published" in answer.output
    assert "with what was wrong when it was made" in answer.output


def test_an_older_one_is_brought_up_to_date(app: Flask, discussion: list[int], tmp_path: Path):
    with app.app_context():
        downgrade(revision="-1")
    stopped(app)
    path = saved_of_old(app, tmp_path)
    there = elsewhere(tmp_path / "there")
    answer = run(there, "restore", str(path))
    assert answer.exit_code == 0, answer.output
    assert "now `flask db upgrade`" in answer.output
    with there.app_context():
        upgrade()
    assert run(there, "audit", "verify").exit_code == 0


def saved_of_old(app: Flask, tmp_path: Path) -> Path:
    """A backup as the version before made it, whose record could be replayed then."""
    from jobs.backup import dumping, record
    from jobs.backup.saving import mark_of

    file = tmp_path / "old.db"
    dumping.copy_sqlite(tmp_path / "parley.db", file)
    with dumping.opened(file) as rows:
        sha256, size = archive.measured(file)
        manifest = archive.Manifest(
            database="sqlite", schema=record.schema(rows), made_at="2026-01-01T00:00:00+00:00",
            sha256=sha256, size=size, rows=record.counts(rows),
            record={table: record.of(rows, table) for table in record.TABLES}, faults=0,
            key_mark=mark_of(app.config["SECRET_KEY"]),
        )  # fmt: skip
    path = tmp_path / "parley-20260101T000000Z.zip"
    archive.write(path, manifest, file)
    return path


def test_a_newer_one_is_refused(app: Flask, discussion: list[int], tmp_path: Path):
    path = saved(app, tmp_path / "kept")
    manifest = archive.read(path)
    archive.write(path, type(manifest)(**(vars(manifest) | {"schema": "9999"})), path)
    answer = run(elsewhere(tmp_path / "there"), "restore", str(path))
    assert answer.exit_code == 1
    assert "newer version of Parley" in answer.output


def test_a_file_that_is_something_else(app: Flask, tmp_path: Path):
    for content in (b"", b"hello", (tmp_path / "parley.db").read_bytes()):
        (tmp_path / "x.zip").write_bytes(content)
        answer = run(app, "restore", str(tmp_path / "x.zip"))
        assert answer.exit_code == 1
        assert "no backup of Parley's" in answer.output
