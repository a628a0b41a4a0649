"""Migrations: they make what the tables say, carry data, go back, and survive a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import check, current, downgrade, upgrade

import app as application
from jobs.transactions import writing
from models import (
    ActorKind,
    Advice,
    ApiKey,
    Comment,
    KeyPurpose,
    Moderation,
    Status,
    db,
    wording,
)
from models.base import FOREVER
from moderation import decisions, keys, policies
from moderation.decisions import Actor
from moderation.signals.facts import Thresholds
from moderation.signals.rules import Rule
from tests.flows.invariants import broken_promises

ROOT = Path(__file__).resolve().parents[2]

# Migrates the instance folder it is given and dies when it comes to making the named table.
_KILLED = """
import os, signal, sys
from flask_migrate import upgrade
from sqlalchemy import event
import app
made = app.create_app({"PARLEY_INSTANCE": sys.argv[1]})
with made.app_context():
    @event.listens_for(app.db.engine, "before_cursor_execute")
    def die(conn, cursor, statement, *rest):
        if f"CREATE TABLE {sys.argv[2]} (" in statement:
            os.kill(os.getpid(), signal.SIGKILL)
    upgrade()
"""


_TWO_EXPLANATIONS = """
INSERT INTO explanation
    (comment_id, revision, label, model_name, model_version, spans, created_at)
VALUES (1, 1, 'insult', 'words', '1', '[[4, 9, 1.0]]', '2026-11-22 12:00:00'),
       (1, 2, 'insult', 'words', '1', '[]', '2026-11-22 12:00:00');
"""


def rows_of(database: Path, table: str) -> list[dict[str, object]]:
    """Every row of a table, by column."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]


def schema(database: Path) -> list[tuple[str, str]]:
    """Every table and index as the database describes it, whatever order a rebuilding left."""
    with closing(sqlite3.connect(database)) as rows:
        return sorted(
            (name, "\n".join(sorted(line.strip(" ,)\t") for line in sql.splitlines())))
            for name, sql in rows.execute("SELECT name, sql FROM sqlite_master")
            if sql and name != "alembic_version"
        )


def made_at(folder: Path) -> Flask:
    """An application with an instance folder of its own."""
    return application.create_app({"PARLEY_INSTANCE": str(folder)})


def close(app: Flask) -> None:
    """Let go of the file."""
    db.session.remove()
    db.engine.dispose()


def test_the_migrations_make_exactly_what_the_tables_say(app: Flask):
    with app.app_context():
        check()  # exits with an error when a migration is missing
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "compare_type": True,
                    "compare_server_default": True,
                    "include_name": lambda name, kind, _: not _is_of_words(name, kind),
                },
            )
            assert compare_metadata(context, db.metadata) == []
            tables = set(db.metadata.tables) | {"alembic_version"}
            there = db.inspect(connection).get_table_names()
            assert tables == {name for name in there if not _is_of_words(name)}


def _is_of_words(name: str | None, kind: str = "table") -> bool:
    # FTS5 makes the tables of its index itself.
    return kind == "table" and (name or "").startswith(wording.TABLE)


def test_the_checks_of_the_tables_are_in_the_database(app: Flask):
    # Autogenerate does not compare CHECK constraints, on which the enums rest.
    with app.app_context(), db.engine.connect() as connection:
        for name, table in db.metadata.tables.items():
            wanted = {
                str(rule.name)
                for rule in table.constraints
                if type(rule).__name__ == "CheckConstraint"
            }
            there = {
                str(rule["name"]) for rule in db.inspect(connection).get_check_constraints(name)
            }
            assert len(wanted) == len(there), name


def test_upgrading_again_changes_nothing_and_keeps_the_data(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    root = make_comment("Root.")
    make_comment("Reply.", parent=root)
    before = schema(tmp_path / "parley.db")
    with app.app_context():
        upgrade()
        current()
    assert schema(tmp_path / "parley.db") == before
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_down_to_nothing_and_up_again(app: Flask, make_comment: Callable[..., int], tmp_path: Path):
    make_comment("Root.")
    before = schema(tmp_path / "parley.db")
    with app.app_context():
        downgrade(revision="base")
        assert schema(tmp_path / "parley.db") == []
        upgrade()
    assert schema(tmp_path / "parley.db") == before


@pytest.mark.parametrize("table", ["comment", "vote"])
def test_killed_half_way_the_database_is_as_before_and_the_next_try_succeeds(
    tmp_path: Path, migrated: Path, table: str
):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path), table],
        cwd=ROOT,
        env=environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert schema(tmp_path / "parley.db") == []
    app = made_at(tmp_path)
    with app.app_context():
        upgrade()
        close(app)
    assert schema(tmp_path / "parley.db") == schema(migrated)


def test_explanations_come_and_go_without_touching_a_comment(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    make_comment("You idiot.")
    database = tmp_path / "parley.db"
    kept = {name: rows_of(database, name) for name in ("comment", "score", "signal", "decision")}
    assert all(kept.values())
    with app.app_context():
        downgrade(revision="0001")
        assert "explanation" not in db.inspect(db.engine).get_table_names()
        upgrade()
        assert "explanation" in db.inspect(db.engine).get_table_names()
    for name, before in kept.items():
        # What came later than 0001 is lost on the way down.
        later = {
            *("language", "doubt", "report_weight", "escalated", "batch_id"),
            *("by_staff", "email_domain", "trapped"),
        }
        shared = [column for column in before[0] if column not in later]
        assert [[row[one] for one in shared] for row in rows_of(database, name)] == [
            [row[one] for one in shared] for row in before
        ]
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(_TWO_EXPLANATIONS)
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            connection.executescript(_TWO_EXPLANATIONS)


_BEFORE_POLICIES = """
INSERT INTO site (id, slug, name, moderation, hold_at_reports, model_languages,
                  holds_other_languages, policy_version, created_at)
VALUES (7, 'gazette', 'The Gazette', 'pre', 0, 'en fr', 0, 4, '2026-11-20 12:00:00'),
       (8, 'leaf', 'Leaf', 'post', 3, '', 1, 1, '2026-11-20 12:00:00');
INSERT INTO label_threshold (site_id, label, hold, reject) VALUES (7, 'insult', 0.4, 0.9);
INSERT INTO thread (id, site_id, identity, url, title, state, moderation, comment_count, points,
                    version, created_at)
VALUES (3, 7, 'path:/a', 'https://a.example/a', '', 'open', 'post', 0, 0, 1, '2026-11-20 12:00:00'),
       (4, 7, 'path:/b', 'https://a.example/b', '', 'open', 'site', 0, 0, 1, '2026-11-20 12:00:00');
"""


def test_what_a_site_had_decided_becomes_the_first_version_and_goes_back(tmp_path: Path):
    app, database = made_at(tmp_path), tmp_path / "parley.db"
    with app.app_context():
        upgrade(revision="0003")
        with closing(sqlite3.connect(database)) as rows, rows:
            rows.executescript(_BEFORE_POLICIES)
        before = {name: rows_of(database, name) for name in ("site", "label_threshold", "thread")}
        upgrade()
        gazette = policies.standing(db.session(), 7)
        assert gazette.moderation is Moderation.PRE
        assert gazette.thresholds == {"insult": Thresholds(0.4, 0.9)}
        assert (gazette.languages, gazette.rule("language").advice) == ("en fr", Advice.NOTE)
        assert gazette.rule("reports").advice is Advice.NOTE
        assert policies.standing(db.session(), 8).rule("reports") == Rule(Advice.HOLD, 3)
        assert policies.moderation(db.session(), 7, 3) is Moderation.POST
        assert policies.moderation(db.session(), 7, 4) is Moderation.PRE
        # The thread's own word was one version more.
        versions = [version.number for version in policies.changes(db.session(), 7)]
        assert versions == [5, 4]
        db.session.remove()
        downgrade(revision="0003")
        after = {name: rows_of(database, name) for name in before}
        before["site"][0]["policy_version"] = 5
        assert after == before
        close(app)


def test_the_decisions_that_are_there_are_counted(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    quiet, busy = make_comment(), make_comment("You idiot.")
    with app.app_context():
        with writing() as session:
            comment = session.get_one(Comment, busy)
            decisions.decide(session, comment, Status.REJECTED, Actor(ActorKind.STAFF, 7, "Sena"))
        downgrade(revision="0006")
        upgrade()
    rows = rows_of(tmp_path / "parley.db", "comment")
    assert {row["id"]: row["decision_count"] for row in rows} == {quiet: 1, busy: 2}


def test_a_migration_that_breaks_a_reference_is_rolled_back(tmp_path: Path):
    app, database = made_at(tmp_path), tmp_path / "parley.db"
    with app.app_context():
        upgrade(revision="0003")
        with closing(sqlite3.connect(database)) as rows, rows:
            rows.executescript(_BEFORE_POLICIES)
            rows.execute("UPDATE thread SET site_id = 99 WHERE id = 4")
        with pytest.raises(SystemExit):
            upgrade()
        close(app)
    assert "label_threshold" in {name for name, _ in schema(database)}
    assert "policy" not in {name for name, _ in schema(database)}


def test_branches_of_old_comments_know_their_latest(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    root = make_comment("Root")
    reply = make_comment("Reply", parent=root)
    deep = make_comment("Deep", parent=reply)
    make_comment("You idiot", parent=deep)
    alone = make_comment("Alone")
    with app.app_context():
        before = rows_of(tmp_path / "parley.db", "comment")
        downgrade(revision="0006")
        assert "stirred_at" not in rows_of(tmp_path / "parley.db", "comment")[0]
        upgrade()
        assert rows_of(tmp_path / "parley.db", "comment") == before
    latest = {row["id"]: row["stirred_at"] for row in before}
    written = {row["id"]: row["created_at"] for row in before}
    assert latest[root] == latest[reply] == latest[deep] == written[deep]
    assert latest[alone] == written[alone]
    assert broken_promises(tmp_path / "parley.db") == []


_KEYS_OF_BEFORE = """
INSERT INTO site (id, slug, name, policy_version, asks_second_factor, created_at)
VALUES (7, 'gazette', 'The Gazette', 1, 0, '2026-11-20 12:00:00');
INSERT INTO api_key (id, site_id, name, digest, created_at, active)
VALUES (1, 7, 'robot', 'aa', '2026-11-20 12:00:00', 1),
       (2, 7, 'gone', 'bb', '2026-11-20 12:00:00', 0);
"""


def test_keys_of_before_moderate_and_no_other_key_begins_to_on_the_way_down(tmp_path: Path):
    app, database = made_at(tmp_path), tmp_path / "parley.db"
    with app.app_context():
        upgrade(revision="0009")
        with closing(sqlite3.connect(database)) as rows, rows:
            rows.executescript(_KEYS_OF_BEFORE)
        before = rows_of(database, "api_key")
        upgrade()
        kept = [db.session().get_one(ApiKey, number) for number in (1, 2)]
        assert [(one.purpose, one.active, one.prefix) for one in kept] == [
            (KeyPurpose.MODERATION, True, ""),
            (KeyPurpose.MODERATION, False, ""),
        ]
        assert kept[0].revoked_at == FOREVER
        with writing() as session:
            for purpose in (KeyPurpose.LABELS, KeyPurpose.SCORES):
                keys.make(session, 7, purpose.value, purpose, 60)
        db.session.remove()
        downgrade(revision="0009")
        after = rows_of(database, "api_key")
        assert after[:2] == before
        assert [row["active"] for row in after] == [1, 0, 0, 0]
        close(app)


_A_HOOK = """
INSERT INTO webhook (id, site_id, url, sealed_secret, events, format, state, fault, lease,
                     leased_until, created_at)
VALUES (5, 1, 'https://a.example/', 'sealed', '["comment.held"]', 'json', 'on', '', '',
        '2026-11-26 12:00:00', '2026-11-26 12:00:00');
"""
_OWED = """
INSERT INTO webhook_delivery (webhook_id, event_id, event, comment_id, decision_id, report_id,
                              state, attempts, status_code, error, due_at, created_at)
VALUES (5, '{name}', '{event}', 1, {decision}, {report}, 'due', 0, 0, '',
        '2026-11-26 12:00:00', '2026-11-26 12:00:00');
"""


def test_webhooks_come_and_go_and_owe_each_event_once(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    make_comment("You idiot.")
    database = tmp_path / "parley.db"
    kept = {name: rows_of(database, name) for name in ("site", "comment", "decision")}
    assert all(kept.values())
    with app.app_context():
        downgrade(revision="0009")
        assert not {"webhook", "webhook_delivery"} & set(db.inspect(db.engine).get_table_names())
        upgrade()
    assert {name: rows_of(database, name) for name in kept} == kept

    def owe(name: str, event: str, decision: int, report: int) -> None:
        words = _OWED.format(name=name, event=event, decision=decision, report=report)
        with closing(sqlite3.connect(database)) as rows, rows:
            rows.execute(words)

    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute(_A_HOOK)
    owe("a", "comment.held", 1, 0)
    owe("b", "comment.decided", 1, 0)
    owe("c", "comment.reported", 0, 1)
    # Tests are about nothing, and as many as are wanted.
    owe("d", "webhook.test", 0, 0)
    owe("e", "webhook.test", 0, 0)
    for again in (("f", "comment.held", 1, 0), ("g", "comment.reported", 0, 1),
                  ("a", "webhook.test", 0, 0)):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
            owe(*again)
    assert len(rows_of(database, "webhook_delivery")) == 5


def test_votes_of_which_only_totals_are_known_come_and_go(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    database = tmp_path / "parley.db"
    number = make_comment()
    with closing(sqlite3.connect(database)) as rows, rows:
        rows.execute("UPDATE comment SET up = 5, imported_up = 5, down = 1, imported_down = 1")
        rows.execute("INSERT INTO comment_source VALUES (?, 1, 'disqus', '7')", (number,))
        rows.execute("INSERT INTO author_source VALUES (1, 'k', 1)")
        rows.execute(
            "INSERT INTO job (kind, comment_id, revision, state, attempts, due_at, lease, error,"
            " created_at) VALUES ('rescore', ?, 1, 'ready', 0, '2026-11-26', '', '', '2026-11-26')",
            (number,),
        )
    jobs = rows_of(database, "job")
    with app.app_context():
        downgrade(revision="0009")
        assert (rows_of(database, "comment")[0]["up"], len(rows_of(database, "job"))) == (0, 1)
        with closing(sqlite3.connect(database)) as rows, pytest.raises(sqlite3.IntegrityError):
            rows.execute("UPDATE job SET kind = 'rescore'")
        upgrade()
    comment = rows_of(database, "comment")[0]
    assert (comment["up"], comment["down"], comment["imported_up"]) == (0, 0, 0)
    assert rows_of(database, "job") == jobs[:1]
    assert broken_promises(database) == []
