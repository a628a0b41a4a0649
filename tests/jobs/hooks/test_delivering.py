"""What is owed is sent in order, tried again, and given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from flask import Flask
from sqlalchemy import update

from jobs.hooks import owed
from jobs.hooks.delivering import Hooks
from jobs.hooks.owed import ORDERED_TRIES, PAUSES
from jobs.transactions import reading, writing
from models import (
    Delivery,
    DeliveryState,
    HookState,
    Status,
    Webhook,
    db,
    utcnow,
)
from moderation import webhooks
from moderation.decisions import SYSTEM
from moderation.errors import Refused
from moderation.sealing import Seal
from tests.jobs.hooks.conftest import Hook, decide, hook_of, hurry, is_on, log
from tests.receiving import Got, Receiver, answer, is_signed, receiving

AddHook = Callable[..., Hook]
MakeComment = Callable[..., int]


class _Interrupted(Exception):
    """A transaction does not come to its end."""


def test_it_arrives_signed_and_once(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    hook = add_hook(receiver.url)
    number = make_comment("A fine day.")
    assert hooks.run_once() == 1
    assert hooks.run_once() == 0
    (got,) = receiver.got
    assert is_signed(got, hook.secret)
    assert not is_signed(got, "another secret")
    assert not is_signed(Got(got.path, got.headers, got.body + b" "), hook.secret)
    assert got.event == "comment.published"
    assert got.event_id == got.told["id"] == log(app)[0].event_id
    assert got.headers["Content-Type"] == "application/json"
    assert got.told["comment"]["id"] == number
    (row,) = log(app)
    assert (row.state, row.attempts, row.status_code) == (DeliveryState.DELIVERED, 1, 204)
    assert row.finished_at is not None


def test_they_arrive_in_order(
    hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    add_hook(receiver.url)
    numbers = [make_comment(f"Number {one}.") for one in range(8)]
    hooks.run_once()
    assert [got.told["comment"]["id"] for got in receiver.got] == numbers


def test_one_that_fails_keeps_its_place_three_times_and_then_lets_others_by(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    add_hook(receiver.url)
    first, second = make_comment("The poison."), make_comment("The second.")
    receiver.does = lambda handler, got: answer(500 if b"poison" in got.body else 200)(handler, got)
    for _ in range(ORDERED_TRIES - 1):
        assert hooks.run_once() == 1
        assert hooks.run_once() == 0
        hurry(app)
    assert hooks.run_once() == 2
    told = [got.told["comment"]["id"] for got in receiver.got]
    assert told == [first] * ORDERED_TRIES + [second]
    assert len({got.event_id for got in receiver.got}) == 2
    assert [row.state for row in log(app)] == [DeliveryState.DUE, DeliveryState.DELIVERED]


def test_pauses_grow_until_it_is_given_up_and_the_webhook_with_it(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    hook = add_hook(receiver.url)
    make_comment()
    receiver.does = answer(500)
    for tries, pause in enumerate(PAUSES, 1):
        before = utcnow()
        assert hooks.run_once() == 1
        (row,) = log(app)
        assert (row.state, row.attempts, row.status_code) == (DeliveryState.DUE, tries, 500)
        assert row.error == "It answered 500."
        assert 0 <= (row.due_at - before).total_seconds() - pause < 30
        assert is_on(app, hook.id)
        hurry(app)
    assert hooks.run_once() == 1
    (row,) = log(app)
    assert (row.state, row.attempts) == (DeliveryState.GIVEN_UP, len(PAUSES) + 1)
    assert timedelta(days=2.5) < timedelta(seconds=sum(PAUSES)) < timedelta(days=3.5)
    assert hook_of(app, hook.id).state is HookState.FAILED
    assert "three days" in hook_of(app, hook.id).fault
    assert len(receiver.got) == len(PAUSES) + 1


def test_one_poisoned_event_does_not_end_a_webhook_that_takes_the_others(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    hook = add_hook(receiver.url)
    make_comment("The poison.")
    make_comment("The second.")
    receiver.does = lambda handler, got: answer(500 if b"poison" in got.body else 200)(handler, got)
    for _ in PAUSES:
        hooks.run_once()
        hurry(app)
    assert hooks.run_once() == 1
    assert [row.state for row in log(app)] == [DeliveryState.GIVEN_UP, DeliveryState.DELIVERED]
    assert is_on(app, hook.id)


def test_the_receiver_says_when_to_come_back_within_a_day(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    add_hook(receiver.url)
    make_comment()
    for said, seconds in (("600", 600), ("99999999", 86_400), ("1", PAUSES[2])):
        receiver.does = answer(503, Retry_After=said)
        before = utcnow()
        assert hooks.run_once() == 1
        assert 0 <= (log(app)[0].due_at - before).total_seconds() - seconds < 30
        hurry(app)


def test_gone_for_good_switches_it_off(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    hook = add_hook(receiver.url)
    make_comment("The first.")
    make_comment("The second.")
    receiver.does = answer(410)
    assert hooks.run_once() == 1
    assert hooks.run_once() == 0
    assert hook_of(app, hook.id).state is HookState.FAILED
    assert [row.state for row in log(app)] == [DeliveryState.GIVEN_UP, DeliveryState.DUE]
    assert make_comment("The third.")
    assert len(log(app)) == 2


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 503])
def test_anything_but_success_is_tried_again(
    app: Flask,
    hooks: Hooks,
    receiver: Receiver,
    add_hook: AddHook,
    make_comment: MakeComment,
    status: int,
):
    add_hook(receiver.url)
    make_comment()
    receiver.does = answer(status, Location="http://169.254.169.254/latest/meta-data/")
    hooks.run_once()
    receiver.does = answer(201)
    hurry(app)
    hooks.run_once()
    assert [row.state for row in log(app)] == [DeliveryState.DELIVERED]
    assert log(app)[0].error == ""
    assert receiver.got[0].event_id == receiver.got[1].event_id


def test_a_closed_port_costs_a_try_and_holds_up_nobody(
    app: Flask, hooks: Hooks, add_hook: AddHook, make_comment: MakeComment
):
    with receiving() as closed:
        url = closed.url
    add_hook(url)
    number = make_comment("A fine day.")
    assert hooks.run_once() == 1
    assert log(app)[0].error.startswith("No connection")
    decide(app, number, Status.REJECTED)
    assert [row.event for row in log(app)] == ["comment.published", "comment.decided"]


def test_a_slow_receiver_holds_up_no_other(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    let_go = threading.Event()
    with receiving() as slow:
        slow.does = lambda handler, got: let_go.wait(4) and None
        add_hook(slow.url)
        add_hook(receiver.url)
        make_comment()
        hooks.start()
        began = time.monotonic()
        receiver.wait_for(1)
        slow.wait_for(1)
        make_comment()
        receiver.wait_for(2)
        assert len(slow.got) == 1
        assert time.monotonic() - began < 4
        let_go.set()


def test_the_database_is_free_while_a_receiver_takes_its_time(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    add_hook(receiver.url)
    make_comment()
    wrote: list[int] = []

    def write(handler: BaseHTTPRequestHandler, got: Got) -> None:
        if not wrote:
            wrote.append(make_comment("Written meanwhile."))
        answer(200)(handler, got)

    receiver.does = write
    began = time.monotonic()
    assert hooks.run_once() == 2
    assert time.monotonic() - began < 4
    assert len(receiver.got) == 2


def test_a_delivery_is_sent_again_under_its_name(
    app: Flask,
    site: int,
    hooks: Hooks,
    receiver: Receiver,
    add_hook: AddHook,
    make_comment: MakeComment,
):
    hook = add_hook(receiver.url)
    make_comment()
    hooks.run_once()
    (row,) = log(app)
    with app.app_context():
        with writing() as session:
            webhooks.send_again(session, site, hook.id, row.id)
        with writing() as session, pytest.raises(Refused, match="under way"):
            webhooks.send_again(session, site, hook.id, row.id)
    hooks.run_once()
    assert [got.event_id for got in receiver.got] == [row.event_id] * 2
    assert len(log(app)) == 1


def test_a_webhook_that_is_removed_while_it_is_sent_to(
    app: Flask,
    site: int,
    hooks: Hooks,
    receiver: Receiver,
    add_hook: AddHook,
    make_comment: MakeComment,
):
    hook = add_hook(receiver.url)
    make_comment("The first.")
    make_comment("The second.")

    def remove(handler: BaseHTTPRequestHandler, got: Got) -> None:
        with app.app_context(), writing() as session:
            webhooks.remove(session, site, hook.id, SYSTEM)
        answer(200)(handler, got)

    receiver.does = remove
    hooks.run_once()
    assert len(receiver.got) == 1
    assert log(app) == []


def test_too_much_that_waits_switches_it_off(
    app: Flask, add_hook: AddHook, make_comment: MakeComment, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(owed, "MOST_WAITING", 2)
    hook = add_hook("https://a.example/")
    for enough in (True, True, False):
        make_comment()
        with app.app_context(), writing() as session:
            owed.bound(session)
        assert is_on(app, hook.id) is enough
    make_comment()
    assert len(log(app)) == 3


def test_another_secret_key_is_told_in_the_log(
    app: Flask, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    add_hook(receiver.url)
    make_comment()
    other = Hooks(app, Seal("another key", webhooks.PURPOSE), private_hosts=["127.0.0.1"],
                  public_url="")  # fmt: skip
    assert other.run_once() == 1
    assert receiver.got == []
    assert "Make a new secret" in log(app)[0].error
    other.stop()


def test_a_private_address_is_refused_at_the_time_of_sending(
    app: Flask, receiver: Receiver, hooks: Hooks, add_hook: AddHook, make_comment: MakeComment
):
    hook = add_hook("https://hooks.example/")
    with app.app_context(), writing() as session:
        url = f"http://localhost:{receiver.port}/"
        session.execute(update(Webhook).where(Webhook.id == hook.id).values(url=url))
    make_comment()
    assert hooks.run_once() == 1
    assert receiver.got == []
    assert "PARLEY_WEBHOOK_PRIVATE_HOSTS" in log(app)[0].error


def test_the_secret_is_not_in_the_database(app: Flask, add_hook: AddHook):
    hook = add_hook("https://a.example/")
    with app.app_context(), db.engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT * FROM webhook").mappings().one()
    assert all(hook.secret not in str(value) for value in row.values())


def test_looking_for_what_is_due_writes_nothing(
    app: Flask, add_hook: AddHook, make_comment: MakeComment, hooks: Hooks, receiver: Receiver
):
    add_hook(receiver.url)
    receiver.does = answer(500)
    make_comment()
    hooks.run_once()
    make_comment()
    before = hook_of(app, log(app)[0].webhook_id).leased_until
    assert hooks.run_once() == 0
    assert hook_of(app, log(app)[0].webhook_id).leased_until == before
    with app.app_context(), reading() as session:
        assert session.query(Delivery).count() == 2
