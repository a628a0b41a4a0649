"""Several processes send to one webhook, one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from flask import Flask
from sqlalchemy import update

from jobs.hooks import delivering, owed
from jobs.hooks.delivering import Hooks
from jobs.transactions import writing
from models import (
    DeliveryState,
    Webhook,
    utcnow,
)
from tests.jobs.hooks.conftest import Hook, hook_of, log
from tests.receiving import Got, Receiver, answer

AddHook = Callable[..., Hook]
MakeComment = Callable[..., int]


class _Interrupted(Exception):
    """A transaction does not come to its end."""


def test_one_process_at_a_time_sends_to_a_webhook(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    hook = add_hook(receiver.url)
    numbers = [make_comment(f"Number {one}.") for one in range(6)]
    others = [
        Hooks(app, hooks.seal, private_hosts=hooks.private_hosts, public_url="") for _ in range(3)
    ]

    def slowly(handler: BaseHTTPRequestHandler, got: Got) -> None:
        time.sleep(0.05)
        answer(200)(handler, got)

    receiver.does = slowly
    threads = [threading.Thread(target=one.run_once) for one in (hooks, *others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while hooks.run_once():
        pass
    assert [got.told["comment"]["id"] for got in receiver.got] == numbers
    assert hook_of(app, hook.id).lease == ""
    for one in others:
        one.stop()


def test_who_lost_the_lease_writes_nothing(
    app: Flask, add_hook: AddHook, make_comment: MakeComment
):
    hook = add_hook("https://a.example/")
    make_comment()
    (row,) = log(app)
    good = owed.Tried(owed.Answer(200))
    with app.app_context():
        with writing() as session:
            first = owed.take(session, hook.id, 30)
        with writing() as session:
            assert owed.take(session, hook.id, 30) == ""
            session.execute(update(Webhook).values(leased_until=utcnow()))
        with writing() as session:
            second = owed.take(session, hook.id, 30)
        assert first
        assert second
        with writing() as session:
            assert not owed.note(session, hook.id, first, row.id, good)
            owed.give_back(session, hook.id, first)
        assert log(app)[0].state is DeliveryState.DUE
        with writing() as session:
            assert owed.note(session, hook.id, second, row.id, good)
        with writing() as session:
            assert not owed.note(session, hook.id, second, row.id, good)


def test_what_a_process_left_behind_is_due_when_its_lease_ends(
    app: Flask,
    hooks: Hooks,
    receiver: Receiver,
    add_hook: AddHook,
    make_comment: MakeComment,
    monkeypatch: pytest.MonkeyPatch,
):
    add_hook(receiver.url)
    make_comment()

    def die(*_: object) -> bool:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(owed, "note", die)
        dying.setattr(delivering, "LEASE_SECONDS", 1)
        with app.app_context(), pytest.raises(SystemExit):
            hooks.serve(log(app)[0].webhook_id)
    assert hooks.run_once() == 0
    time.sleep(1.1)
    assert hooks.run_once() == 1
    assert len(receiver.got) == 2
    assert receiver.got[0].event_id == receiver.got[1].event_id
