"""`flask backup` and `flask restore`, killed at every write: nothing is ever half there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from jobs.backup import archive
from models import db
from tests.conftest import skip_loudly
from tests.flows.server import REPOSITORY

# What makes a file, gives it a name, takes one away, or has it on the disk.
_CALLS = "fsync,fdatasync,rename,link,linkat,unlink"
_MOST = 60


def killed_at(instance: Path, number: int, *words: str) -> bool:
    """Run a command that is killed at its so-manieth such call; False if it got to its end."""
    if not shutil.which("strace"):
        skip_loudly("strace is not installed (Debian: apt-get install strace)")
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("PARLEY_")}
    done = subprocess.run(
        [
            "strace", "-f", "-qq", "-o", "/dev/null",
            "-e", f"trace={_CALLS}",
            "-e", f"inject={_CALLS}:signal=KILL:when={number}",
            sys.executable, "-m", "flask", "--app", "app:create_app", *words,
        ],
        cwd=REPOSITORY,
        env=inherited | {"PARLEY_INSTANCE": str(instance), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return False
    assert done.returncode in (-9, 137), done.stderr + done.stdout
    return True


def comments_in(file: Path) -> int:
    """How many comments a database has, which is whole."""
    with closing(sqlite3.connect(file)) as rows:
        assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(rows.execute("SELECT count(*) FROM comment").fetchone()[0])


@pytest.fixture
def saved(app: Flask, make_comment: Callable[..., int], tmp_path: Path) -> Path:
    """A backup with one comment, of a database that has two by now and is not in use."""
    make_comment("The first.")
    answer = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "first")])
    assert answer.exit_code == 0, answer.output
    make_comment("The second.")
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return archive.there(tmp_path / "first")[0]


def test_a_killed_backup_leaves_the_database_and_the_older_backups(saved: Path, tmp_path: Path):
    for number in range(1, _MOST):
        was_killed = killed_at(tmp_path, number, "backup", str(saved.parent), "--keep", "1")
        there = archive.there(saved.parent)
        assert there, "the old one went before the new one was there"
        for path in there:
            archive.unpack(path, archive.read(path), tmp_path / "unpacked.db")
            assert comments_in(tmp_path / "unpacked.db") == (1 if path == saved else 2)
        assert comments_in(tmp_path / "parley.db") == 2
        if not was_killed:
            break
    else:
        pytest.fail("it was killed every time")
    assert number > 3, "it was hardly ever killed"
    assert saved not in there


def test_a_killed_restore_leaves_the_old_database_or_the_new(saved: Path, tmp_path: Path):
    found = set()
    for number in range(1, _MOST):
        instance = tmp_path / f"at-{number}"
        instance.mkdir()
        shutil.copy(tmp_path / "parley.db", instance / "parley.db")
        (instance / "secret_key").write_text("k" * 40)
        was_killed = killed_at(instance, number, "restore", str(saved), "--replace")
        there = comments_in(instance / "parley.db")
        found.add(there)
        aside = list(instance.glob("parley-replaced-*"))
        assert there == 2 or [comments_in(file) for file in aside] == [2], "the old one is lost"
        shutil.rmtree(instance)
        if not was_killed:
            break
    else:
        pytest.fail("it was killed every time")
    assert number > 3, "it was hardly ever killed"
    assert found == {1, 2}
