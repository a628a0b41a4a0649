"""Measures what is written at the desk and into its queues: a comment posted and judged, a case
decided."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from discussion import comments as posting
from jobs.transactions import writing
from models import Account, AccountKind, Comment, Status, Thread
from moderation import decisions, queue, screening
from moderation.classifier.scores import Scores
from moderation.decisions import Actor
from web.runtime import runtime_of

_TEXT = "The council wants to build a new bridge over the river, and nobody was asked. {}"


def print_times(app: Flask, rounds: int) -> None:
    """Print a Markdown table; what is written is taken back by nothing and stays in the file."""
    print("\n| written | median ms | 95th % ms |\n|---|---:|---:|")
    with app.app_context():
        written: list[int] = []
        for name, write in (
            ("a comment is posted", lambda place: written.append(_post(app, place))),
            ("it is judged, without the model", lambda place: _judge(written[place])),
            ("a case is decided", lambda place: _decide(written[place])),
        ):
            times = sorted(_took(write, place) for place in range(rounds))
            late = times[int(0.95 * len(times))]
            print(f"| {name} | {statistics.median(times):.1f} | {late:.1f} |", flush=True)


def _took(write: Callable[[int], object], place: int) -> float:
    began = time.perf_counter()
    write(place)
    return 1000 * (time.perf_counter() - began)


def _post(app: Flask, place: int) -> int:
    limits = runtime_of(app).limits
    words = posting.draft(_TEXT.format(place), limits.text)
    with writing() as session:
        author = session.scalars(
            select(Account).where(Account.kind == AccountKind.GUEST, Account.id == 100 + place)
        ).one()
        thread = session.get_one(Thread, 1)
        return posting.post(session, thread, author, words, None, limits)[0].id


def _judge(comment_id: int) -> None:
    scores = Scores({"toxicity": 0.9, "insult": 0.7, "threat": 0.01}, "parley-small", "1.2.0")
    with writing() as session:
        screening.screen(session, session.get_one(Comment, comment_id), scores, 1)


def _decide(comment_id: int) -> None:
    with writing() as session:
        comment = queue.comment(session, comment_id, to_decide=True)
        by = Actor(decisions.PEOPLE[0], 1, "Mo")
        decisions.decide(session, comment, Status.REJECTED, by, ["insult"], version=comment.version)
