"""The record is append-only in the database itself, whatever program tries to change it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask_migrate import downgrade
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from jobs.transactions import reading, writing
from models import AuditEntry, Comment, Decision, Policy, Site, Status, db
from moderation import audit, decisions
from moderation.decisions import SYSTEM

TABLES = ("decision", "policy", "audit_entry")
_EMPTIED = {
    "decision": {"note", "actor_name"},
    "policy": {"note", "actor_name"},
    "audit_entry": {"actor_name"},
}


@pytest.fixture
def number(app: Flask, site: int, make_comment: Callable[..., int]) -> int:
    """A comment with one row in each table of the record."""
    made = make_comment()
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, made)
        decisions.decide(session, comment, Status.HELD, SYSTEM, ["reports"], note="Look here.")
        audit.record(session, "case opened", session.get_one(Site, site), SYSTEM, site_id=site)
    return made


def changes() -> list[tuple[str, str]]:
    """Every column of the record but those that may be emptied."""
    found = []
    for table in TABLES:
        for column in db.metadata.tables[table].columns:
            if column.name not in _EMPTIED[table]:
                found.append((table, column.name))
    return found


@pytest.mark.parametrize(("table", "column"), changes())
def test_no_column_changes(app: Flask, number: int, table: str, column: str):
    whole = column.endswith("_id") or column in ("id", "revision", "version", "undoes")
    value = f'"{column}" + 1' if whole or column == "policy_version" else f"'x' || \"{column}\""
    with app.app_context(), pytest.raises(IntegrityError), writing() as session:
        session.execute(text(f'UPDATE {table} SET "{column}" = {value}'))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "UPDATE {} SET actor_name = 'Somebody else'",
        "INSERT OR REPLACE INTO {0} SELECT * FROM {0}",
    ],
)
def test_nothing_is_cut_forged_or_replaced(app: Flask, number: int, table: str, statement: str):
    with app.app_context():
        with pytest.raises(IntegrityError, match="stays"), writing() as session:
            session.execute(text(statement.format(table)))
        with reading() as session:
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar()


def test_names_and_notes_can_be_emptied_for_whom_has_to_be_forgotten(app: Flask, number: int):
    with app.app_context():
        with writing() as session:
            session.execute(text("UPDATE decision SET note = '', actor_name = ''"))
            session.execute(text("UPDATE policy SET note = '', actor_name = ''"))
            session.execute(text("UPDATE audit_entry SET actor_name = ''"))
        with reading() as session:
            for table in (Decision, Policy, AuditEntry):
                assert set(session.scalars(select(table.actor_name))) == {""}
        with pytest.raises(IntegrityError), writing() as session:
            session.execute(text("UPDATE decision SET note = 'Written later.'"))


def test_the_way_back_takes_the_seal_along(app: Flask, number: int):
    with app.app_context():
        downgrade(revision="0005")
        with writing() as session:
            session.execute(text("DELETE FROM decision"))
