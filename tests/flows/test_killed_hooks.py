"""A server killed while it sends to a webhook: started again, it has told of everything."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler

import pytest

import app as application
from jobs.transactions import writing
from models import HookEvent, HookFormat, Site, db
from moderation import webhooks
from moderation.decisions import SYSTEM
from moderation.webhooks import Wanted
from tests.flows.places import PATIENCE, Place
from tests.receiving import Got, Receiver, answer, is_signed, receiving
from web.runtime import runtime_of

ALLOWED = {"PARLEY_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1", "HOOK_LEASE": "2"}
# At which delivery the server is killed: before it is answered, and after.
KILLED_AT = {1: "before", 3: "after", 6: "before"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who takes what is sent."""
    with receiving() as made:
        yield made


def add_hook(place: Place, url: str) -> str:
    """A webhook of the site; its secret."""
    folder = str(place.database.parent)
    made = application.create_app({"PARLEY_INSTANCE": folder, **dict([*ALLOWED.items()][:1])})
    with made.app_context():
        hooks = runtime_of(made).hooks
        wanted = Wanted(url, frozenset({HookEvent.PUBLISHED}), HookFormat.JSON, hooks.private_hosts)
        with writing() as session:
            site = session.query(Site).one()
            secret = webhooks.add(session, site, wanted, SYSTEM, hooks.seal)[1]
        db.session.remove()
        db.engine.dispose()
    return secret


def rows(place: Place) -> list[tuple[int, str, str]]:
    """The log: of which comment, its name, how far."""
    with closing(sqlite3.connect(place.database)) as connection:
        asked = "SELECT comment_id, event_id, state FROM webhook_delivery ORDER BY id"
        return connection.execute(asked).fetchall()


def test_killed_while_sending_everything_is_told_and_written_down_once(
    place: Place, receiver: Receiver
):
    secret = add_hook(place, receiver.url)
    kills = dict(KILLED_AT)

    def kill(handler: BaseHTTPRequestHandler, got: Got) -> None:
        when = kills.pop(len(receiver.got), "")
        if when == "before":
            place.server.kill()
        answer(204)(handler, got)
        if when == "after":
            place.server.kill()

    receiver.does = kill
    place.server.start(**ALLOWED)
    posted: list[int] = []
    for number in range(6):
        status, made = place.server.call(
            "POST", place.comments, {"text": f"Number {number}.", "author_name": "Ada"}
        )
        assert status == 201
        posted.append(made["comment"]["id"])
        place.drain()
        until = time.monotonic() + PATIENCE
        while any(state == "due" for _, _, state in rows(place)) or not rows(place):
            assert time.monotonic() < until, f"{len(receiver.got)} came of {posted}"
            if not place.server.is_alive:
                place.server.start(**ALLOWED)
            time.sleep(0.05)
    assert not kills
    log = rows(place)
    assert [comment for comment, _, _ in log] == posted
    assert {state for _, _, state in log} == {"delivered"}
    assert len({event for _, event, _ in log}) == len(log)
    # What was on its way when the server was killed may come twice, by the same name.
    came = Counter(got.event_id for got in receiver.got)
    assert came.keys() == {event for _, event, _ in log}
    assert len(receiver.got) - len(log) <= len(KILLED_AT)
    assert max(came.values()) == 2
    assert all(is_signed(got, secret) for got in receiver.got)
