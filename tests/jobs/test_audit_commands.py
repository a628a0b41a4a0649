"""`flask audit`: it finds every damage that somebody with the file can do, and writes all down."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from discussion import comments as posting
from discussion import votes
from jobs import audit_checks, batches
from jobs.transactions import writing
from models import Account, ActorKind, Comment, Report, ReportReason, Sanction, SanctionKind, Status
from moderation import audit, decisions, reports
from moderation import batches as deciding
from moderation.decisions import Actor
from moderation.filters import Filter
from tests.conftest import set_policy

SENA = Actor(ActorKind.STAFF, 7, "Sena")
SECRET = "tea for the harbour"


@pytest.fixture
def database(
    app: Flask, site: int, thread: int, make_comment: Callable[..., int], tmp_path: Path
) -> Path:
    """A discussion with everything in it that is counted or written down."""
    root = make_comment(f"Root, {SECRET}.")
    reply = make_comment("Reply.", parent=root)
    make_comment("Below.", parent=reply)
    rude = make_comment("You idiot.")
    with app.app_context(), writing() as session:
        reader = Account(name="Rita")
        session.add(reader)
        session.flush()
        first, held = session.get_one(Comment, root), session.get_one(Comment, rude)
        votes.cast(session, first, reader, 1)
        reports.record(session, first, reader, ReportReason.SPAM, "")
        decisions.undo(session, decisions.decide(session, held, Status.REJECTED, SENA), SENA)
        posting.edit(session, held, held.author, posting.draft("Better.", 100), 15)
        sanction = Sanction(
            site_id=site, account_id=reader.id, kind=SanctionKind.MUTE, actor_kind=SENA.kind,
            actor_id=SENA.id, actor_name=SENA.name,
        )  # fmt: skip
        session.add(sanction)
        audit.record(session, "sanction imposed", sanction, SENA, site_id=site)
        batch_id = deciding.begin(
            session, site, [Status.PUBLISHED], Filter(words="below"), Status.REJECTED, SENA
        ).id
    set_policy(app, site, moderation="pre")
    with app.app_context():
        assert batches.run(batch_id)
        with writing() as session:
            settled = session.get_one(Comment, reply)
            reports.record(session, settled, session.get_one(Account, 1), ReportReason.SPAM, "")
            decisions.decide(session, settled, Status.PUBLISHED, SENA)
            assert session.query(Report).count() == 2
    return tmp_path / "parley.db"


def run(app: Flask, *words: str) -> Result:
    """A command as somebody types it."""
    return app.test_cli_runner().invoke(args=["audit", *words])


def damage(database: Path, *statements: str) -> None:
    """What somebody can do who has the file."""
    with closing(sqlite3.connect(database)) as rows, rows:
        for table in ("decision", "policy", "audit_entry"):
            for trigger in ("stays", "is_kept", "is_new"):
                rows.execute(f"DROP TRIGGER {table}_{trigger}")
        for statement in statements:
            rows.execute(statement)


def test_all_is_well(app: Flask, database: Path):
    answer = run(app, "verify")
    assert answer.exit_code == 0, answer.output
    assert "The record is whole: 4 comments replayed." in answer.output


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE comment SET status = 'rejected' WHERE id = 1", "comment 1: it is rejected"),
        ("UPDATE decision SET \"after\" = 'held' WHERE id = 1", "lead to held"),
        ("DELETE FROM decision WHERE id = 2", "comment 2: "),
        ("DELETE FROM decision WHERE id = 2", "1 numbers of decision rows are missing"),
        ("UPDATE comment SET up = 2 WHERE id = 1", "comment 1: up says 2, its rows say 1"),
        ("UPDATE comment SET down = 1 WHERE id = 1", "comment 1: down says 1"),
        ("UPDATE comment SET reply_count = 0 WHERE id = 1", "comment 1: reply_count says 0"),
        ("UPDATE comment SET descendant_count = 7 WHERE id = 2", "comment 2: descendant_count"),
        # The last one, which had left its comment as it was: no gap in the numbers tells of it.
        (
            "DELETE FROM decision WHERE id = (SELECT max(id) FROM decision)",
            "comment 2: decision_count says 2, its rows say 1",
        ),
        ("UPDATE comment SET open_reports = 0 WHERE id = 1", "comment 1: open_reports says 0"),
        ("UPDATE comment SET report_weight = 3 WHERE id = 1", "comment 1: report_weight says 3"),
        ("UPDATE thread SET comment_count = 9", "comment_count says 9"),
        ("UPDATE thread SET points = 9", "points says 9"),
        ("UPDATE site SET policy_version = 3 WHERE id = 1", "counts 3 versions"),
        ("DELETE FROM policy WHERE version = 2", "counts 2 versions"),
        ('UPDATE policy SET "values" = \'{"x": 1}\'', "version 1 cannot be read"),
        ("UPDATE report SET decision_id = 1 WHERE state = 'open'", "report 1 is open"),
        ("UPDATE report SET decision_id = 1 WHERE id = 2", "report 2 is dismissed"),
        ("DELETE FROM audit_entry WHERE subject_kind = 'sanction'", "sanction 1 is nowhere"),
        ("UPDATE sanction SET state = 'lifted'", "sanction 1 is lifted"),
        ("DELETE FROM sanction", "sanction 1 is in the audit log and is not there"),
        ("DELETE FROM audit_entry WHERE subject_kind = 'batch'", "batch 1: the audit log"),
        ("UPDATE batch SET state = 'undone'", "batch 1 is undone"),
        ("UPDATE batch SET decided = 5", "batch 1: decided says 5, its decisions say 1"),
        ("UPDATE batch SET \"after\" = 'held'", "are not what it asked for"),
        ("DELETE FROM batch", "is of a batch that is not there"),
    ],
)
def test_damage_is_found_and_nobody_quoted(app: Flask, database: Path, statement: str, found: str):
    damage(database, statement)
    answer = run(app, "verify")
    assert answer.exit_code == 1, answer.output
    assert found in answer.output
    assert SECRET not in answer.output


def test_it_works_in_pieces(app: Flask, database: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit_checks, "PIECE", 1)
    assert run(app, "verify").exit_code == 0
    damage(database, "UPDATE comment SET descendant_count = 7 WHERE id = 3")
    assert "comment 3: descendant_count says 7, its rows say 0" in run(app, "verify").output


def test_the_record_is_written_out(app: Flask, database: Path, other_site: int, tmp_path: Path):
    file = tmp_path / "record.jsonl"
    assert run(app, "export", "--site", "news", str(file)).exit_code == 0
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    kinds = [entry["kind"] for entry in entries]
    with closing(sqlite3.connect(database)) as rows:
        for kind, table in (("decision", "decision"), ("audit", "audit_entry")):
            assert kinds.count(kind) == rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    assert kinds.count("policy") == 2
    assert [entry["at"] for entry in entries] == sorted((e["at"] for e in entries), reverse=True)
    assert {entry["site"] for entry in entries} == {"news"}
    assert SECRET not in file.read_text()
    later = run(app, "export", "--since", "2200-01-01", str(file))
    assert (later.exit_code, file.read_text()) == (0, "")
