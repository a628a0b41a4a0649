"""The invariants themselves can fail: each is broken once by hand and must be noticed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from tests.flows.invariants import broken_promises


@pytest.fixture
def database(app: Flask, make_comment: Callable[..., int], tmp_path: Path) -> Path:
    """A small discussion in which all is well."""
    root = make_comment("Root.")
    make_comment("Reply.", parent=root)
    make_comment("You idiot.", parent=root)
    assert broken_promises(tmp_path / "parley.db", drained=True) == []
    return tmp_path / "parley.db"


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        ("UPDATE comment SET status = 'published' WHERE status = 'held'", "decisions say held"),
        ("DELETE FROM decision WHERE comment_id = 2", "decisions say None"),
        ("UPDATE comment SET status = 'unscored' WHERE id = 3", "nothing will score it"),
        ("UPDATE job SET state = 'taken' WHERE id = 1", "still taken"),
        ("UPDATE comment SET up = 1 WHERE id = 1", "up says 1"),
        ("UPDATE comment SET descendant_count = 2 WHERE id = 1", "descendant_count says 2"),
        ("UPDATE comment SET decision_count = 2 WHERE id = 1", "decision_count says 2"),
        ("UPDATE comment SET stirred_at = '2020-01-01 00:00:00' WHERE id = 1", "stirred_at says 2"),
        ("UPDATE comment SET reply_count = 0 WHERE id = 1", "reply_count says 0"),
        ("UPDATE comment SET open_reports = 1 WHERE id = 1", "open_reports says 1"),
        ("UPDATE thread SET comment_count = 3", "comment_count says 3"),
        ("UPDATE thread SET points = 3", "points says 3"),
        ("UPDATE comment SET revision = 2 WHERE id = 1", "stands on revision 2"),
        ("DELETE FROM score WHERE comment_id = 1", "published without a score"),
        ("UPDATE decision SET comment_id = 1 WHERE comment_id = 3", "was judged 2 times"),
        ("UPDATE comment SET parent_id = 99 WHERE id = 2", "not there"),
    ],
)
def test_damage_is_noticed(database: Path, damage: str, noticed: str):
    with closing(sqlite3.connect(database)) as rows, rows:
        # Whoever has the file can do this; who only has Parley cannot.
        for trigger in ("decision_stays", "decision_is_kept"):
            rows.execute(f"DROP TRIGGER {trigger}")
        rows.execute(damage)
    assert noticed in "; ".join(broken_promises(database, drained=True))
