"""Batches: many comments decided as one, taken back as one, in pieces, sparing what changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import ActorKind, AuditEntry, Batch, BatchState, Comment, Decision, Status, utcnow
from moderation import batches, decisions
from moderation.decisions import Actor
from moderation.errors import Refused
from moderation.filters import Filter, filter_of

SENIOR = Actor(ActorKind.STAFF, 7, "Sena")
OTHER = Actor(ActorKind.STAFF, 8, "Otto")


def begin(app: Flask, site: int, wanted: Filter, after: Status = Status.REJECTED) -> int:
    """A batch over what is published."""
    with app.app_context(), writing() as session:
        return batches.begin(session, site, [Status.PUBLISHED], wanted, after, SENIOR, ["spam"]).id


def run(app: Flask, batch_id: int, *, back: bool = False, piece: int = 2) -> int:
    """Work off a batch, or its taking back, each piece in a transaction of its own."""
    pieces = 0
    while True:
        with app.app_context(), writing() as session:
            batch = session.get_one(Batch, batch_id)
            done = (
                batches.take_back(session, batch, OTHER, piece)
                if back
                else batches.work(session, batch, piece)
            )
        if not done:
            return pieces
        pieces += 1


def statuses(app: Flask) -> dict[str, str]:
    """Where every comment stands, by its text."""
    with app.app_context(), reading() as session:
        return {one.text: one.status.value for one in session.scalars(select(Comment))}


def test_all_that_fit_are_decided_in_pieces_and_taken_back_as_one(
    app: Flask, site: int, make_comment: Callable[..., int]
):
    for number in range(5):
        make_comment(f"Buy tea {number}")
    make_comment("Good morning")
    batch_id = begin(app, site, Filter(words="tea"))
    make_comment("Buy tea, too late for the batch")
    assert run(app, batch_id) == 3
    after = statuses(app)
    assert [after[f"Buy tea {number}"] for number in range(5)] == ["rejected"] * 5
    assert after["Good morning"] == after["Buy tea, too late for the batch"] == "published"
    with app.app_context(), reading() as session:
        batch = session.get_one(Batch, batch_id)
        assert (batch.decided, batch.state) == (5, BatchState.DONE)
        made = session.scalars(select(Decision).where(Decision.batch_id == batch_id)).all()
        assert {(one.actor_name, tuple(one.reasons)) for one in made} == {("Sena", ("spam",))}
    run(app, batch_id, back=True)
    assert set(statuses(app).values()) == {"published"}
    with app.app_context(), reading() as session:
        batch = session.get_one(Batch, batch_id)
        assert (batch.taken_back, batch.state) == (5, BatchState.UNDONE)
        acts = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert acts == ["batch begun", "batch taken back"]
        with pytest.raises(Refused):
            batches.take_back(session, batch, OTHER)


def test_what_somebody_decided_since_stays(app: Flask, site: int, make_comment: Callable[..., int]):
    one, two = make_comment("Buy tea"), make_comment("Buy more tea")
    batch_id = begin(app, site, Filter(words="tea"))
    run(app, batch_id)
    with app.app_context(), writing() as session:
        decisions.decide(session, session.get_one(Comment, one), Status.HELD, OTHER)
    run(app, batch_id, back=True)
    with app.app_context(), reading() as session:
        assert session.get_one(Comment, one).status is Status.HELD
        assert session.get_one(Comment, two).status is Status.PUBLISHED
        assert session.get_one(Batch, batch_id).taken_back == 1


def test_a_filter_is_read_back_as_it_was_written(app: Flask):
    whole = Filter("sport", 3, 4, "threat", 0.2, 0.8, "links", "fr", utcnow(), utcnow(), "tea")
    assert filter_of(whole.as_record()) == whole
    assert filter_of(Filter().as_record()) == Filter()
