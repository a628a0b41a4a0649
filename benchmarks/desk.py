"""Measures the desk's pages over a large SQLite database: milliseconds and queries for each.

Run `python -m benchmarks.desk`; makes 1,000,000 comments in a few minutes (`--comments` for another
number), asks for every page several times through the application and prints median and 95th
percentile. What is above the target is marked. The database is removed at the end.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event

import app as application
from benchmarks import desk_rows
from models import db

TARGET = 100.0
_DESK = "/console/?state="
PAGES = {
    **{
        f"{state}, {order}": f"{_DESK}{state}&order={order}"
        for state in ("held", "reported", "published", "all")
        for order in ("oldest", "newest", "riskiest", "uncertain", "reported")
    },
    "for a senior": f"{_DESK}escalated",
    "appealed": f"{_DESK}appealed",
    "being scored": f"{_DESK}unscored",
    "rejected": f"{_DESK}rejected",
    "held, one site": f"{_DESK}held&site=site1",
    "held, section": f"{_DESK}held&section=sport",
    "held, thread": f"{_DESK}held&thread=77",
    "held, author": f"{_DESK}held&author=5",
    "all, busiest author": f"{_DESK}all&author=3",
    "all, author": f"{_DESK}all&author=4321",
    "all, busiest thread": f"{_DESK}all&thread=1",
    "held, insult 0.6 to 0.7": f"{_DESK}held&label=insult&least=0.6&most=0.7",
    "held, threat over 0.99 (nearly none)": f"{_DESK}held&label=threat&least=0.999",
    "published, any label over 0.9": f"{_DESK}published&least=0.9",
    "held, signal": f"{_DESK}held&signal=links",
    "published, signal that none has": f"{_DESK}published&signal=capitals",
    "held, language": f"{_DESK}held&language=fr",
    "published, language that none has": f"{_DESK}published&language=tlh",
    "held, last week": f"{_DESK}held&age=week",
    "published, older than a week": f"{_DESK}published&age=over-week",
    "search: a rare word": f"{_DESK}all&words=zanzibar",
    "search: a common word": f"{_DESK}all&words=the",
    "search: a common word, riskiest": f"{_DESK}all&words=the&order=riskiest",
    "search: two common words": f"{_DESK}all&words=the+water",
    "search: an absent word": f"{_DESK}all&words=xylophonist",
    "search: a beginning": f"{_DESK}all&words=wat*",
    "search: a word but not another": f"{_DESK}all&words=water+-the",
    "held: a rare word": f"{_DESK}held&words=zanzibar",
    "held: a common word": f"{_DESK}held&words=the",
    "held: a common and an absent word": f"{_DESK}held&words=the+xylophonist",
    "held: all filters": f"{_DESK}held&words=the&label=insult&least=0.3&section=sport&language=en",
    "api: held": "/api/v1/moderation/queue?limit=20",
    "api: published by score": "/api/v1/moderation/queue?state=published&label=insult&least=0.8",
}


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the body sends, without those that begin and end a transaction."""
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.split()[0] not in ("BEGIN", "PRAGMA"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def measured(app: Flask, client: FlaskClient, path: str, rounds: int) -> tuple[list[float], int]:
    """Milliseconds of each request, sorted, and the queries of the last one."""
    times = []
    for _ in range(rounds + 1):
        with app.app_context(), counted() as statements:
            began = time.perf_counter()
            answer = client.get(path)
            times.append(1000 * (time.perf_counter() - began))
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
    # The first one fills the caches.
    return sorted(times[1:]), len(statements)


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="", help="only pages whose name has this in it")
    parser.add_argument("--at", default="", help="a folder to keep the database in, and find it")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(given.at or made)
        app = application.create_app({"PARLEY_INSTANCE": str(folder)})
        if not (folder / "made").exists():
            with app.app_context():
                upgrade()
                desk_rows.open_sites()
                db.session.remove()
                db.engine.dispose()
            began = time.perf_counter()
            desk_rows.make(folder / "parley.db", given.comments)
            (folder / "made").touch()
            print(f"{given.comments:,} comments made in {time.perf_counter() - began:.0f} s\n")
        _print(app, given.rounds, given.only)
        with app.app_context():
            db.engine.dispose()


def _print(app: Flask, rounds: int, only: str) -> None:
    print("| page | median ms | 95th % ms | queries | |\n|---|---:|---:|---:|---|")
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update(_user_id=desk_rows.STAFF, _fresh=True)
    for name, path in PAGES.items():
        if only not in name:
            continue
        times, queries = measured(app, client, path, rounds)
        median, late = statistics.median(times), times[int(0.95 * (len(times) - 1))]
        mark = "above" if median > TARGET else ""
        print(f"| {name} | {median:.0f} | {late:.0f} | {queries} | {mark} |", flush=True)


if __name__ == "__main__":
    main()
