"""Knows how to fill a fresh instance folder with discussions of given sizes for a load test."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from sqlalchemy import insert, text

import app as application
from jobs.transactions import writing
from models import Account, AccountKind, Comment, Site, SiteOrigin, Status, Thread, db
from moderation import policies
from moderation.decisions import SYSTEM
from moderation.signals.facts import Thresholds
from moderation.values import Values
from web.demo import discussion

ORIGIN = "http://127.0.0.1:9999"
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_ANSWERS = 0.7  # the share of comments that answer another one
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Filled:
    """The numbers of the threads by how many comments they have, and an empty one."""

    by_size: dict[int, int]
    empty: int


def fill(instance: Path, sizes: list[int]) -> Filled:
    """A migrated database with one site, a thread of each size, and one to write in."""
    made = application.create_app({"PARLEY_INSTANCE": str(instance)})
    with made.app_context():
        upgrade()
        with writing() as session:
            site = Site(slug="load", name="Load")
            session.add(site)
            session.flush()
            session.add(SiteOrigin(site_id=site.id, origin=ORIGIN))
            values = Values(thresholds={"toxicity": Thresholds(0.9)})
            policies.begin(session, site, values, SYSTEM)
            people = [Account(kind=AccountKind.GUEST, name=f"Reader {n}") for n in range(50)]
            threads = [
                Thread(site_id=site.id, identity=f"path:/{size}", url=f"{ORIGIN}/{size}",
                       title=f"A story with {size} comments", comment_count=size)
                for size in [*sizes, 0]
            ]  # fmt: skip
            session.add_all([*people, *threads])
            session.flush()
            first = 1
            for thread, size in zip(threads, sizes, strict=False):
                rows = _comments(site.id, thread.id, first, size, [one.id for one in people])
                for begin in range(0, size, _AT_ONCE):
                    session.execute(insert(Comment), rows[begin : begin + _AT_ONCE])
                first += size
            numbers = [one.id for one in threads]
        with db.engine.connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.commit()
        db.session.remove()
        db.engine.dispose()
    return Filled(dict(zip(sizes, numbers, strict=False)), numbers[-1])


def _comments(
    site: int, thread: int, first: int, size: int, people: list[int]
) -> list[dict[str, Any]]:
    chance = random.Random(size)
    texts = [record["text"].strip() for record in discussion()["comments"]]
    rows: list[dict[str, Any]] = []
    for place in range(size):
        above = None
        if place and chance.random() < _ANSWERS:
            # Most answer what is new; a tree that only grows at its root would be no discussion.
            above = rows[chance.randrange(max(0, place - 200), place)]
            above = above if above["depth"] < 8 else None
        said = chance.choice(texts)
        at = _BEGAN + timedelta(seconds=first + place)
        author = chance.choice(people)
        rows.append(
            {
                "id": first + place, "site_id": site, "thread_id": thread,
                "parent_id": above["id"] if above else None,
                "depth": above["depth"] + 1 if above else 0, "author_id": author,
                "author_name": f"Reader {author}", "text": said, "html": f"<p>{said}</p>",
                "status": Status.PUBLISHED, "version": 1, "created_at": at, "stirred_at": at,
                "reply_count": 0, "descendant_count": 0,
            }
        )  # fmt: skip
        if above:
            above["reply_count"] += 1
        while above:
            above["descendant_count"] += 1
            above["stirred_at"] = at
            above = rows[above["parent_id"] - first] if above["parent_id"] else None
    return rows
