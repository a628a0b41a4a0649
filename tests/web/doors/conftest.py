"""The house whose doors are tried: two sites with everything in them, and all who knock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import writing
from models import Account, ActorKind, Comment, Role, Sanction, SanctionKind, Status
from moderation import decisions
from tests.web.conftest import Caller

WORDS = {"text": "Good day.", "author_name": "Ada"}
VOTE = {"value": 1}
FLAG = {"reason": "spam"}


@dataclass
class House:
    """Two sites, everyone who could knock, and a way to put a fresh comment behind each door."""

    callers: dict[str, Caller]
    author: int
    fill: Callable[[], dict[str, int]]


@pytest.fixture
def house(
    app: Flask,
    client: FlaskClient,
    site: int,
    other_site: int,
    thread: int,
    make_comment: Callable[..., int],
    make_reader: Callable[..., int],
    make_key: Callable[..., dict[str, str]],
    token_of: Callable[[int], str],
    sign_in: Callable[..., Caller],
) -> House:
    """The house."""
    author = make_reader("Author")
    callers = {
        "nobody": Caller(client),
        "bad token": Caller(client, {"Authorization": "Bearer WzEsMCwiYSJd.bad"}),
        "reader": Caller(client, {"Authorization": f"Bearer {token_of(make_reader())}"}),
        "author": Caller(client, {"Authorization": f"Bearer {token_of(author)}"}),
        "other key": Caller(client, make_key(other_site, "pk_other")),
        "key": Caller(client, make_key(site, "pk_ours")),
        "other staff": sign_in("other@example.org", Role.ADMIN, other_site),
        "moderator": sign_in("moderator@example.org", Role.MODERATOR, site),
        "read-only": sign_in("intern@example.org", Role.READ_ONLY, site),
    }

    def fill() -> dict[str, int]:
        published, held, approved, rejected = (
            make_comment("All is well."),
            make_comment("You idiot."),
            make_comment("You idiot, approved."),
            make_comment("You idiot, rejected."),
        )
        with app.app_context(), writing() as session:
            for number in (published, held, approved, rejected):
                session.get_one(Comment, number).author_id = author
            staff = session.get_one(Account, author)
            decision = decisions.decide(
                session,
                session.get_one(Comment, approved),
                Status.PUBLISHED,
                decisions.Actor.staff(staff),
            )
            decisions.decide(
                session,
                session.get_one(Comment, rejected),
                Status.REJECTED,
                decisions.Actor.staff(staff),
            )
            session.flush()
            version = session.get_one(Comment, held).version
            hold = Sanction(
                site_id=site,
                account_id=author,
                kind=SanctionKind.HOLD,
                told="We look first.",
                actor_kind=ActorKind.STAFF,
                actor_name="Mo",
            )
            session.add(hold)
            session.flush()
            return {
                "thread": thread,
                "published": published,
                "held": held,
                "rejected": rejected,
                "decision": decision.id,
                "version": version,
                "author": author,
                "sanction": hold.id,
            }

    return House(callers, author, fill)
