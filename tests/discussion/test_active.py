"""The order "active": by the latest published comment of a branch, as comments come and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from discussion import reading
from discussion.reading import Sort
from jobs.transactions import writing
from models import Comment, Status, db
from models.comment import lock
from models.decision import ActorKind
from moderation import decisions
from moderation.decisions import Actor
from tests.discussion.test_reading import counted

MakeComment = Callable[..., int]
_MO = Actor(ActorKind.STAFF, 1, "Mo")


def order(app: Flask, thread: int, limit: int = 50) -> list[int]:
    """The first level in the order, page by page."""
    found: list[int] = []
    cursor: str | None = ""
    with app.app_context():
        while cursor is not None:
            page = reading.page(db.session(), thread, Sort.ACTIVE, cursor, limit)
            found += [one.id for one in page.comments]
            cursor = page.next
    return found


def decide(app: Flask, comment_id: int, after: Status) -> None:
    """Publish or remove a comment."""
    with app.app_context(), writing() as session:
        decisions.decide(session, lock(session, comment_id), after, _MO)


def stirred(app: Flask) -> dict[int, datetime]:
    """What is kept of each comment."""
    with app.app_context():
        return dict(db.session.execute(select(Comment.id, Comment.stirred_at)).all())


def written(app: Flask) -> dict[int, datetime]:
    """When each comment was written."""
    with app.app_context():
        return dict(db.session.execute(select(Comment.id, Comment.created_at)).all())


@pytest.mark.parametrize("limit", [1, 50])
def test_a_reply_anywhere_below_brings_its_branch_to_the_top(
    app: Flask, make_comment: MakeComment, thread: int, limit: int
):
    first, second, third = (make_comment(name) for name in ("One", "Two", "Three"))
    assert order(app, thread, limit) == [third, second, first]
    reply = make_comment("Reply", parent=first)
    make_comment("Reply to it", parent=reply)
    assert order(app, thread, limit) == [first, third, second]
    make_comment("Another", parent=second)
    assert order(app, thread, limit) == [second, first, third]


def test_what_is_held_stirs_nothing_until_it_is_published(
    app: Flask, make_comment: MakeComment, thread: int
):
    first, second = make_comment("One"), make_comment("Two")
    rude = make_comment("You idiot", parent=first)
    assert order(app, thread) == [second, first]
    decide(app, rude, Status.PUBLISHED)
    assert order(app, thread) == [first, second]


def test_what_is_removed_stirs_no_longer(app: Flask, make_comment: MakeComment, thread: int):
    first = make_comment("One")
    reply = make_comment("Reply", parent=first)
    second = make_comment("Two")
    deep = make_comment("Deep", parent=reply)
    times = written(app)
    decide(app, deep, Status.REJECTED)
    assert order(app, thread) == [second, first]
    assert stirred(app)[first] == stirred(app)[reply] == times[reply]
    decide(app, reply, Status.REJECTED)
    assert stirred(app)[first] == times[first]
    decide(app, deep, Status.PUBLISHED)
    assert stirred(app)[first] == stirred(app)[reply] == times[deep]
    assert order(app, thread) == [first, second]
    # What is removed in the middle of a branch leaves what is below it.
    decide(app, reply, Status.PUBLISHED)
    decide(app, reply, Status.REJECTED)
    assert stirred(app)[first] == times[deep]


def test_removing_what_was_not_the_latest_asks_for_one_row(
    app: Flask, make_comment: MakeComment, thread: int
):
    above = make_comment("One")
    line = [above := make_comment(f"Level {level}", parent=above) for level in range(8)]
    old = make_comment("Old", parent=line[-1])
    make_comment("Latest", parent=line[-1])
    with app.app_context(), writing() as session:
        comment = lock(session, old)
        with counted() as statements:
            decisions.decide(session, comment, Status.REJECTED, _MO)
    assert sum("stirred_at" in one and one.startswith("SELECT") for one in statements) <= 3
    assert datetime.now(UTC) > stirred(app)[line[0]]
