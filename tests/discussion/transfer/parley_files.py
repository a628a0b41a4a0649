"""Exports of Parley's own, written and taken in by the commands' own functions."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask

from discussion.transfer.parley.taken import Taken
from jobs import importing_parley
from tests.jobs.backup.conftest import elsewhere, run


def exported(app: Flask, file: Path, *words: str) -> bytes:
    """What `flask export` writes."""
    answer = run(app, "export", str(file), *words)
    assert answer.exit_code == 0, answer.output + repr(answer.exception)
    return file.read_bytes()


def taken(app: Flask, file: Path, into: str = "", *, dry_run: bool = False) -> Taken:
    """What `flask import parley` does."""
    with app.app_context():
        return importing_parley.take(file, into, dry_run=dry_run, told=lambda *_: None)


def empty(folder: Path, migrated: Path) -> Flask:
    """The same at a place of its own."""
    folder.mkdir()
    shutil.copy(migrated, folder / "parley.db")
    with closing(sqlite3.connect(folder / "parley.db")) as rows, rows:
        rows.execute("UPDATE database_mark SET mark = ?", [secrets.token_hex(5)])
    return elsewhere(folder)


def changed(file: Path, kind: str, **changes: object) -> None:
    """Somebody changes the first line of a kind."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    next(line for line in lines if line["type"] == kind).update(changes)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
