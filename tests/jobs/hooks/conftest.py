"""What the tests of webhooks share: a receiver, a webhook that leads to it, and who sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select, update

from jobs.hooks.delivering import Hooks
from jobs.transactions import reading, writing
from models import (
    ActorKind,
    Comment,
    Delivery,
    DeliveryState,
    HookEvent,
    HookFormat,
    HookState,
    Site,
    Status,
    Webhook,
    utcnow,
)
from moderation import decisions, webhooks
from moderation.decisions import SYSTEM, Actor
from moderation.webhooks import Wanted
from tests.receiving import Receiver, receiving
from web.runtime import runtime_of

SENA = Actor(ActorKind.STAFF, 7, "Sena")


@pytest.fixture
def environ() -> dict[str, str]:
    """The receivers of the tests are on this machine, which is allowed by its number."""
    return {"PARLEY_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who takes what is sent."""
    with receiving() as made:
        yield made


@dataclass(frozen=True)
class Hook:
    """A webhook and its secret."""

    id: int
    secret: str


@pytest.fixture
def hooks(app: Flask) -> Iterator[Hooks]:
    """Who sends, at the test's word."""
    sender = runtime_of(app).hooks
    yield sender
    sender.stop()


@pytest.fixture
def add_hook(app: Flask, site: int) -> Callable[..., Hook]:
    """Adds a webhook to the site."""

    def add(
        url: str,
        events: Sequence[HookEvent] = tuple(HookEvent),
        form: HookFormat = HookFormat.JSON,
    ) -> Hook:
        sender = runtime_of(app).hooks
        wanted = Wanted(url, frozenset(events), form, sender.private_hosts)
        with app.app_context(), writing() as session:
            row = session.get_one(Site, site)
            hook, secret = webhooks.add(session, row, wanted, SYSTEM, sender.seal)
            return Hook(hook.id, secret)

    return add


def log(app: Flask) -> list[Delivery]:
    """Every delivery, oldest first."""
    with app.app_context(), reading() as session:
        found = list(session.scalars(select(Delivery).order_by(Delivery.id)))
        session.expunge_all()
        return found


def hook_of(app: Flask, number: int) -> Webhook:
    """A webhook as it stands."""
    with app.app_context(), reading() as session:
        hook = session.get_one(Webhook, number)
        session.expunge(hook)
        return hook


def decide(app: Flask, comment_id: int, after: Status, *reasons: str) -> int:
    """A moderator's decision; its number."""
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, comment_id)
        return decisions.decide(session, comment, after, SENA, reasons).id


def hurry(app: Flask) -> None:
    """Let whatever waits be due now, as if its pause were over."""
    with app.app_context(), writing() as session:
        waiting = update(Delivery).where(Delivery.state == DeliveryState.DUE)
        session.execute(waiting.values(due_at=utcnow()))


def is_on(app: Flask, number: int) -> bool:
    """Whether a webhook is told anything."""
    return hook_of(app, number).state is HookState.ON
