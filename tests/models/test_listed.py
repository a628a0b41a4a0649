"""Long lists come to a query whole and as they are."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from jobs.transactions import reading, writing
from models import Thread
from models.listed import numbers_listed, texts_listed

# With what JSON, SQL and people quote, and more than any database takes as parameters.
NAMES = [
    "id:it's",
    'id:"quoted"',
    "id:back\\slash",
    "id:\u00e4\U0001f642",
    "id:%_",
    "id:\x1f\n",
    "id:",
]


def test_texts_are_found_as_they_are(app: Flask, site: int):
    with app.app_context():
        with writing() as session:
            session.add_all(
                Thread(site_id=site, identity=name, url="https://x.example/") for name in NAMES
            )
        with reading() as session:
            wanted = [*NAMES, *(f"id:absent {n}" for n in range(40_000))]
            among = Thread.identity.in_(texts_listed(session, wanted))
            found = session.scalars(select(Thread.identity).where(among)).all()
            assert sorted(found) == sorted(NAMES)
            assert not session.scalars(
                select(Thread.id).where(Thread.identity.in_(texts_listed(session, [])))
            ).all()


def test_numbers_are_rows(app: Flask):
    with app.app_context(), reading() as session:
        for numbers in ([], [7, 3, 2**40], range(40_000)):
            rows = numbers_listed(session, numbers).subquery()
            said = session.execute(select(func.count(), func.sum(rows.c.id))).one()
            assert said == (len(numbers), sum(numbers) or None)
