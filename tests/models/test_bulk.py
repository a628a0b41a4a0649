"""Storing many rows at once comes to the same as storing each by way of SQLAlchemy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import insert, literal_column, select
from sqlalchemy.exc import IntegrityError

from jobs.transactions import reading, writing
from models import Account, AccountKind, Decision, Site, Status, Thread
from models.bulk import insert_many

AT = datetime(2020, 2, 3, 4, 5, 6, 789, tzinfo=timezone(timedelta(hours=2)))


def test_values_are_stored_as_ever(app: Flask, site: int):
    rows = [{"id": 7_000 + n, "kind": AccountKind.GUEST, "name": f"Änne {n}", "created_at": AT,
             "preferences": {"order": ["new", n]}} for n in range(3)]  # fmt: skip
    with app.app_context():
        with writing() as session:
            insert_many(session, insert(Account.__table__), rows)
            alike = [row | {"id": row["id"] + 100} for row in rows]
            session.execute(insert(Account.__table__), alike)
        with reading() as session:
            columns = [
                one for one in Account.__table__.c if one.name not in ("id", "fs_uniquifier")
            ]
            found = session.execute(
                select(*columns).where(Account.id >= 7_000).order_by("id")
            ).all()
            assert found[:3] == found[3:]
            assert found[0].created_at == datetime(2020, 2, 3, 2, 5, 6, 789, tzinfo=UTC)
            # What a function makes is made for each.
            made = session.scalars(select(Account.fs_uniquifier).where(Account.id >= 7_000)).all()
            assert len(set(made)) == 6


def test_what_all_have_alike_is_said_once(app: Flask, site: int):
    with app.app_context():
        with writing() as session:
            store = insert(Thread.__table__).values(title="One", site_id=literal_column(str(site)))
            rows = [{"identity": f"id:{n}", "url": f"https://x.example/{n}"} for n in range(2)]
            insert_many(session, store, rows)
        with reading() as session:
            found = session.scalars(select(Thread).order_by(Thread.identity)).all()
            assert [(one.title, one.identity, one.site_id) for one in found] == [
                ("One", "id:0", site), ("One", "id:1", site)
            ]  # fmt: skip
            assert {one.created_at.tzinfo for one in found} == {UTC}


def test_no_rows_are_no_statement(app: Flask):
    with app.app_context(), writing() as session:
        insert_many(session, insert(Site.__table__), [])


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ("somewhere", "CHECK constraint failed"),
        (datetime(2020, 1, 1), "needs its zone"),  # noqa: DTZ001
        (None, "^$"),
    ],
)
def test_what_no_column_takes_is_refused(
    app: Flask, site: int, make_comment: Callable[..., int], wrong: object, refused: str
):
    comment_id = make_comment("Words.")
    row = {"comment_id": comment_id, "site_id": site, "revision": 1, "before": Status.UNSCORED,
           "after": wrong if isinstance(wrong, str) else Status.HELD, "actor_kind": "system",
           "actor_name": "x", "reasons": [], "policy_version": 1,
           "created_at": wrong if isinstance(wrong, datetime) else AT}  # fmt: skip
    said = ""
    with app.app_context():
        try:
            with writing() as session:
                insert_many(session, insert(Decision.__table__), [row])
        except (IntegrityError, ValueError) as error:
            said = str(error)
    assert re.search(refused, said)
