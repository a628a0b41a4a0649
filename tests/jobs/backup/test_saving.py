"""`flask backup`: one moment of a database in use, checked, and only the newest kept."""

from __future__ import annotations

import json
import sqlite3
import stat
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from jobs.backup import archive
from jobs.transactions import writing
from models import AuditEntry, Decision
from moderation import audit
from tests.jobs.backup.conftest import SENA, run, saved
from tests.jobs.test_audit_commands import damage


def test_all_of_it_is_in_one_file_that_nobody_else_reads(
    app: Flask, discussion: list[int], tmp_path: Path
):
    answer = run(app, "backup", str(tmp_path / "kept"))

    assert answer.exit_code == 0, answer.output
    assert "3 comments, 4 decisions" in answer.output
    assert "The secret key is not in it" in answer.output
    (path,) = (tmp_path / "kept").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["manifest.json", "parley.db"]
        said = json.loads(packed.read("manifest.json"))
        packed.extract("parley.db", tmp_path / "out")
    assert said["rows"]["comment"] == 3
    assert said["record"]["decision"]["rows"] == 4
    with closing(sqlite3.connect(tmp_path / "out/parley.db")) as rows:
        assert [text for (text,) in rows.execute("SELECT text FROM comment ORDER BY id")] == [
            "Tea for the harbour.",
            "And for the mill.",
            "You idiot.",
        ]


def test_the_secret_key_is_in_it_only_where_somebody_asked(
    app: Flask, discussion: list[int], tmp_path: Path
):
    key = app.config["SECRET_KEY"]
    plain, whole = saved(app, tmp_path / "a"), saved(app, tmp_path / "b", "--with-key")
    assert archive.key_in(whole) == key
    assert archive.key_in(plain) == ""
    for path in (plain, whole):
        with zipfile.ZipFile(path) as packed:
            assert key.encode() not in packed.read("manifest.json") + packed.read("parley.db")


def test_what_is_saved_while_many_write_is_one_moment(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    """Every comment in the copy has its decision, every act its entry: replaying finds no fault."""
    ended = threading.Event()
    trouble: list[BaseException] = []

    def write() -> None:
        try:
            while not ended.is_set():
                make_comment("Written meanwhile.")
                with app.app_context(), writing() as session:
                    subject = session.get_one(Decision, 1)
                    audit.record(session, "thing done", subject, SENA, site_id=1)
        except BaseException as error:
            trouble.append(error)

    make_comment("First.")
    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    counted = []
    try:
        for _ in range(4):
            time.sleep(0.2)
            path = saved(app, tmp_path / "kept")
            counted.append(archive.read(path).rows["comment"])
            assert run(app, "restore", "--check", str(path)).exit_code == 0
    finally:
        ended.set()
        for writer in writers:
            writer.join()
    assert not trouble
    assert counted == sorted(set(counted)), "every backup is of a later moment"


def test_only_the_newest_are_kept_and_nothing_else_is_touched(
    app: Flask, discussion: list[int], tmp_path: Path
):
    folder = tmp_path / "kept"
    folder.mkdir()
    for name in ("parley.db", "parley-2020.zip", "holiday.zip", "parley-20200101T000000Z.zip.old"):
        (folder / name).write_text("mine")
    old = folder / "parley-20200101T000000Z.zip"
    old.write_text("an old one")
    first, second = saved(app, folder), saved(app, folder)
    answer = run(app, "backup", str(folder), "--keep", "2")

    assert answer.exit_code == 0
    assert f"Removed {old.name}." in answer.output
    assert f"Removed {first.name}." in answer.output
    left = archive.there(folder)
    assert len(left) == 2
    assert left[0] == second
    assert len(list(folder.iterdir())) == 6


def test_within_a_second_and_after_ten_they_are_in_order(tmp_path: Path):
    for ending in ("", "-2", "-10", "-9"):
        (tmp_path / f"parley-20260101T000000Z{ending}.zip").touch()
    (tmp_path / "parley-20251231T235959Z.zip").touch()
    assert [path.name[23:] for path in archive.there(tmp_path)] == [
        ".zip", ".zip", "-2.zip", "-9.zip", "-10.zip",
    ]  # fmt: skip


def test_nothing_is_removed_when_nothing_was_saved(app: Flask, tmp_path: Path):
    folder = tmp_path / "kept"
    folder.mkdir()
    old = folder / "parley-20200101T000000Z.zip"
    old.write_text("an old one")
    with (tmp_path / "parley.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    answer = run(app, "backup", str(folder), "--keep", "1")
    assert answer.exit_code == 1
    assert "damaged" in answer.output
    assert [path.name for path in folder.iterdir()] == [old.name]


def test_where_the_folder_cannot_be_written(app: Flask, tmp_path: Path):
    (tmp_path / "file").write_text("")
    answer = run(app, "backup", str(tmp_path / "file" / "below"))
    assert answer.exit_code == 1
    assert "Nothing was saved" in answer.output


def test_a_record_that_is_not_whole_is_saved_and_told(
    app: Flask, discussion: list[int], tmp_path: Path
):
    good = saved(app, tmp_path / "kept")
    damage(tmp_path / "parley.db", "UPDATE comment SET status = 'published' WHERE id = 3")
    answer = run(app, "backup", str(tmp_path / "kept"), "--keep", "1")
    assert answer.exit_code == 2
    assert "comment 3: it is published" in answer.output
    assert "No older backup was removed." in answer.output
    kept, path = archive.there(tmp_path / "kept")
    assert kept == good
    assert archive.read(path).faults > 0


@pytest.mark.parametrize("age", [10, 25 * 3600])
def test_what_a_killed_backup_left_goes_after_a_day(
    app: Flask, discussion: list[int], tmp_path: Path, age: int
):
    import os

    left = tmp_path / "kept" / ".parley-work-abc"
    left.mkdir(parents=True)
    os.utime(left, (time.time() - age,) * 2)
    saved(app, tmp_path / "kept")
    assert left.exists() == (age < 24 * 3600)


def test_the_audit_log_is_part_of_the_record(app: Flask, discussion: list[int], tmp_path: Path):
    with app.app_context(), writing() as session:
        audit.record(session, "thing done", session.get_one(Decision, 1), SENA, site_id=1)
        assert session.query(AuditEntry).count() == 1
    manifest = archive.read(saved(app, tmp_path / "kept"))
    assert manifest.record["audit_entry"].rows == 1
    assert manifest.record["audit_entry"].newest
