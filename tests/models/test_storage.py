"""How things are stored: UTC, enums, foreign keys, one write at a time, safe on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import DateTime, event, insert, select, text, update
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from jobs.transactions import reading, writing
from models import Account, Comment, Status, Thread, Vote, db
from models.base import FOREVER, UtcDateTime, sqlite_fault


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 1, 2, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))),
        datetime(2026, 3, 1, 2, 0, 7, 3, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(204, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        FOREVER,
    ],
)
def test_sqlite_gets_the_text_that_sqlalchemy_itself_would_write(at: datetime):
    dialect = sqlite_dialect()
    ours = UtcDateTime().bind_processor(dialect)
    theirs = DateTime().dialect_impl(dialect).bind_processor(dialect)
    assert ours is not None
    assert theirs is not None
    assert ours(at) == theirs(at.astimezone(UTC).replace(tzinfo=None))
    assert ours(None) is None
    with pytest.raises(ValueError, match="needs its zone"):
        ours(at.replace(tzinfo=None))


def test_a_moment_is_stored_as_utc_and_read_back_with_its_zone(
    app: Flask, session: Session, thread: int, tmp_path: Path
):
    there = timezone(timedelta(hours=5, minutes=30))
    with writing() as writer:
        writer.execute(update(Thread).values(created_at=datetime(2026, 3, 1, 2, 0, tzinfo=there)))
    with closing(sqlite3.connect(tmp_path / "parley.db")) as rows:
        (stored,) = rows.execute("SELECT created_at FROM thread").fetchone()
    assert stored.startswith("2026-02-28 20:30:00")
    read = session.get_one(Thread, thread).created_at
    assert read == datetime(2026, 2, 28, 20, 30, tzinfo=UTC)
    assert read.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(app: Flask, context: None, thread: int):
    with pytest.raises(StatementError, match="zone"), writing() as writer:
        writer.execute(update(Thread).values(created_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_every_moment_column_is_of_that_kind():
    for table in db.metadata.tables.values():
        for column in table.columns:
            if column.name.endswith("_at"):
                assert type(column.type).__name__ == "UtcDateTime", column


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE comment SET status = 'approved'",
        "UPDATE comment SET status = ''",
        "UPDATE comment SET status = NULL",
        "UPDATE thread SET state = 'ajar'",
        "UPDATE account SET standing = 'fine'",
        "UPDATE job SET state = 'lost'",
        'UPDATE decision SET "after" = \'approved\'',
        "INSERT INTO vote VALUES (1, 1, 2, '2026-01-01')",
        "INSERT INTO vote VALUES (1, 99, 1, '2026-01-01')",
        "INSERT INTO vote VALUES (99, 1, 1, '2026-01-01')",
        "UPDATE comment SET parent_id = 99",
        "UPDATE comment SET thread_id = 99",
        "DELETE FROM account",
        "DELETE FROM thread",
        "DELETE FROM comment",
    ],
)  # fmt: skip
def test_the_database_itself_refuses_what_makes_no_sense(
    app: Flask, context: None, make_comment: Callable[..., int], statement: str
):
    make_comment()
    with pytest.raises(IntegrityError), writing() as session:
        session.execute(text(statement))


def test_an_enum_is_stored_by_its_value(
    app: Flask, context: None, make_comment: Callable[..., int], tmp_path: Path
):
    make_comment()
    with closing(sqlite3.connect(tmp_path / "parley.db")) as rows:
        assert rows.execute("SELECT status FROM comment").fetchone() == ("published",)
        assert rows.execute("SELECT actor_kind FROM decision").fetchone() == ("system",)


def test_one_reader_has_one_vote_by_the_primary_key(
    app: Flask, context: None, make_comment: Callable[..., int]
):
    comment = make_comment()
    row = {"comment_id": comment, "account_id": 1, "value": 1}
    with pytest.raises(IntegrityError), writing() as session:
        session.execute(insert(Vote), [row, row])


def test_every_connection_is_durable_and_checks_its_references(app: Flask, context: None):
    with reading() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 5_000,
    }


@pytest.fixture
def begun(app: Flask, context: None) -> list[str]:
    """The statements with which transactions begin."""
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    return seen


def test_a_reading_transaction_takes_no_lock_and_a_writing_one_takes_it_at_once(
    begun: list[str], tmp_path: Path
):
    with reading() as session:
        session.execute(select(Account.id)).all()
    with writing() as session:
        assert begun == ["BEGIN", "BEGIN IMMEDIATE"]
        # Before its first statement, nobody else can write any more.
        with closing(sqlite3.connect(tmp_path / "parley.db", timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            assert other.execute("SELECT count(*) FROM account").fetchone() == (0,)


def test_what_was_only_read_before_is_read_anew_when_writing(
    app: Flask, context: None, make_comment: Callable[..., int], tmp_path: Path
):
    number = make_comment()
    with reading() as session:
        assert session.get_one(Comment, number).up == 0
        with closing(sqlite3.connect(tmp_path / "parley.db")) as other, other:
            other.execute("UPDATE comment SET up = 7")
        with writing() as writer:
            assert writer.get_one(Comment, number).up == 7


def test_an_exception_leaves_nothing_behind(
    app: Flask, context: None, make_comment: Callable[..., int]
):
    number = make_comment()

    def change_and_break(fault: type[BaseException]) -> None:
        with writing() as session:
            session.get_one(Comment, number).text = "changed"
            session.flush()
            raise fault

    for fault in (ZeroDivisionError, KeyboardInterrupt):
        with pytest.raises(fault):
            change_and_break(fault)
    with reading() as session:
        assert session.get_one(Comment, number).text == "A fine day."


class TestLocked:
    """A database that somebody else is writing to."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        """A short wait."""
        return {"PARLEY_BUSY_SECONDS": "0.05"}

    def test_a_writing_transaction_that_gets_no_lock_gives_its_connection_back(
        self, app: Flask, context: None, tmp_path: Path
    ):
        with closing(sqlite3.connect(tmp_path / "parley.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(20):
                with pytest.raises(OperationalError, match="locked"), writing():
                    pytest.fail("the lock was given twice")
                db.session.remove()
            other.execute("ROLLBACK")
        with writing() as session:
            session.add(Account(name="Ada"))


def test_of_two_who_change_one_row_the_second_is_told(
    app: Flask, context: None, make_comment: Callable[..., int]
):
    number = make_comment()
    with writing() as session:
        comment = session.get_one(Comment, number)
        session.execute(
            text("UPDATE comment SET version = version + 1 WHERE id = :id"), {"id": number}
        )
        comment.text = "late"
        with pytest.raises(StaleDataError):
            session.flush()
        session.rollback()


def test_a_comment_begins_unscored_whatever_its_maker_forgot(
    app: Flask, context: None, thread: int, site: int
):
    with writing() as session:
        author = Account(name="Ada")
        session.add(author)
        session.flush()
        comment = Comment(
            site_id=site,
            thread_id=thread,
            author_id=author.id,
            author_name="Ada",
            text="x",
            html="<p>x</p>",
        )
        session.add(comment)
        session.flush()
        assert (comment.status, comment.revision, comment.version) == (Status.UNSCORED, 1, 1)


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 44, 9), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 0), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
        ((4, 0, 0), False),
    ],
)
def test_a_sqlite_with_the_known_fault_is_named(version: tuple[int, ...], faulty: bool):
    assert bool(sqlite_fault(version)) is faulty
