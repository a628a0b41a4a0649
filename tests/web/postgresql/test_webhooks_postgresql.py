"""Webhooks on a real PostgreSQL, where transactions end in another order than their numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.hooks import owed
from jobs.hooks.delivering import Hooks
from jobs.transactions import reading, writing
from models import (
    ActorKind,
    Comment,
    Delivery,
    DeliveryState,
    HookEvent,
    HookFormat,
    Site,
    Status,
    db,
)
from moderation import decisions, webhooks
from moderation.decisions import SYSTEM, Actor
from moderation.webhooks import Wanted
from tests.receiving import Receiver, receiving
from web.runtime import runtime_of

SENA = Actor(ActorKind.STAFF, 7, "Sena")
MakeComment = Callable[..., int]


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    """The receiver is on this machine."""
    return environ | {"PARLEY_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who takes what is sent."""
    with receiving() as made:
        yield made


def add_hook(app: Flask, site: int, url: str) -> int:
    """A webhook that hears of decisions; its number."""
    hooks = runtime_of(app).hooks
    wanted = Wanted(url, frozenset({HookEvent.DECIDED}), HookFormat.JSON, hooks.private_hosts)
    with app.app_context(), writing() as session:
        assert db.engine.dialect.name == "postgresql"
        return webhooks.add(session, session.get_one(Site, site), wanted, SYSTEM, hooks.seal)[0].id


def reject(session: Session, number: int) -> int:
    """A moderator's decision that is not committed yet; its number."""
    comment = session.get_one(Comment, number)
    return decisions.decide(session, comment, Status.REJECTED, SENA).id


def test_a_decision_that_is_committed_after_a_later_one_is_told_too(
    app: Flask, site: int, receiver: Receiver, make_comment: MakeComment
):
    early, late = make_comment("The first."), make_comment("You idiot.")
    add_hook(app, site, receiver.url)
    hooks = runtime_of(app).hooks
    with app.app_context():
        # A second connection, whose transaction is begun first and ends last.
        slow = Session(db.engine)
        first = reject(slow, late)
        with writing() as session:
            second = reject(session, early)
        assert first < second
        assert hooks.run_once() == 1
        assert [got.told["decision"]["id"] for got in receiver.got] == [second]
        slow.commit()
        slow.close()
        assert hooks.run_once() == 1
        assert [got.told["decision"]["id"] for got in receiver.got] == [second, first]
        assert hooks.run_once() == 0


def test_many_who_decide_at_once_while_it_is_sent(
    app: Flask, site: int, receiver: Receiver, make_comment: MakeComment
):
    numbers = [make_comment(f"Number {one}.") for one in range(24)]
    add_hook(app, site, receiver.url)
    hooks = runtime_of(app).hooks
    others = [
        Hooks(app, hooks.seal, private_hosts=hooks.private_hosts, public_url="") for _ in range(2)
    ]
    for sender in (hooks, *others):
        sender.start()

    def work(mine: list[int]) -> None:
        for number in mine:
            with app.app_context(), writing() as session:
                reject(session, number)

    threads = [threading.Thread(target=work, args=(numbers[one::4],)) for one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    receiver.wait_for(24)
    for sender in (hooks, *others):
        sender.stop()
    assert sorted(got.told["comment"]["id"] for got in receiver.got) == sorted(numbers)
    with app.app_context(), reading() as session:
        log = session.scalars(select(Delivery)).all()
        assert len(log) == 24
        assert {row.state for row in log} == {DeliveryState.DELIVERED}


def test_a_webhook_is_taken_by_one_and_removed_while_somebody_decides(
    app: Flask, site: int, make_comment: MakeComment
):
    number = make_comment()
    hook = add_hook(app, site, "https://hooks.example/")
    with app.app_context():
        leases: list[str] = []

        def take() -> None:
            with app.app_context(), writing() as session:
                leases.append(owed.take(session, hook, 30))

        threads = [threading.Thread(target=take) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len([one for one in leases if one]) == 1
        slow = Session(db.engine)
        reject(slow, number)
        with writing() as session:
            webhooks.remove(session, site, hook, SYSTEM)
        slow.commit()
        slow.close()
        with reading() as session:
            assert session.get_one(Comment, number).status is Status.REJECTED
        assert runtime_of(app).hooks.run_once() == 0
