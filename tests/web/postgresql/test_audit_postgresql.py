"""`flask audit verify` on a real PostgreSQL, which leaves numbers out: what is gone is missed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from jobs.transactions import writing
from models import ActorKind, Comment, Status, db
from moderation import decisions
from moderation.decisions import Actor

SENA = Actor(ActorKind.STAFF, 7, "Sena")
MakeComment = Callable[..., int]


def verify(app: Flask) -> tuple[int, str]:
    """Its exit status and what it says."""
    with app.app_context():
        assert db.engine.dialect.name == "postgresql"
    done = app.test_cli_runner().invoke(args=["audit", "verify"])
    return done.exit_code, done.output


def remove(app: Flask, numbers: list[int]) -> None:
    """What the owner of the database can do."""
    with app.app_context(), writing() as session:
        session.execute(text("DROP TRIGGER decision_stays ON decision"))
        session.execute(text("DELETE FROM decision WHERE id = ANY(:numbers)"), {"numbers": numbers})


def kept(app: Flask, comment_id: int) -> list[int]:
    """A decision that leaves a published comment as it was, twice; the numbers."""
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, comment_id)
        made = [decisions.decide(session, comment, Status.PUBLISHED, SENA) for _ in range(2)]
        return [one.id for one in made]


def taken_back(app: Flask, comment_id: int) -> list[int]:
    """A rejection and its taking back, which together leave it as it was; the numbers."""
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, comment_id)
        rejected = decisions.decide(session, comment, Status.REJECTED, SENA)
        return [rejected.id, decisions.undo(session, rejected, SENA).id]


@pytest.mark.parametrize("decide", [kept, taken_back])
@pytest.mark.parametrize("removed", [slice(0, 2), slice(1, 2)])
def test_decisions_that_changed_nothing_are_missed(
    app: Flask,
    make_comment: MakeComment,
    decide: Callable[[Flask, int], list[int]],
    removed: slice,
):
    number = make_comment()
    make_comment("Another one.")
    numbers = decide(app, number)
    assert verify(app)[0] == 0
    gone = numbers[removed]
    remove(app, gone)
    status, said = verify(app)
    assert status == 1
    assert f"comment {number}: decision_count says 3, its rows say {3 - len(gone)}" in said


def test_what_was_there_before_is_counted(app: Flask, make_comment: MakeComment):
    number = make_comment()
    numbers = kept(app, number)
    with app.app_context():
        downgrade(revision="0006")
        upgrade()
    assert verify(app)[0] == 0
    remove(app, numbers[:1])
    assert f"comment {number}: decision_count says 3, its rows say 2" in verify(app)[1]
