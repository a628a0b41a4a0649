"""Measures the desk over a large SQLite database: milliseconds and queries of each of its pages.

Run `python -m benchmarks.desk --at FOLDER`: makes 1,000,000 comments in the folder in some minutes
(`--comments` for another number) or takes those that an earlier run left there, asks for every page
several times through the application, and prints median and 95th percentile, and median and least
of the processor's time: on a machine that others use too, that alone says how quick the page is.
Where its median is above the target the page is marked. Without `--at` the database is removed at
the end. `--explain 20` prints every statement that takes 20 ms or more, with the plan for it.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import event, select

import app as application
from benchmarks import desk_pages, desk_rows, desk_writing
from jobs.transactions import writing
from models import Account, db
from moderation import staff_sessions
from web.console.signed_in import IN_COOKIE

TARGET = 100.0
# Nobody moderates so fast; a page is asked for again at once here.
_UNLIMITED = {f"PARLEY_{name}_RATE": "1000000 per minute" for name in ("READ", "WRITE", "SIGN_IN")}


Sent = tuple[str, Any]  # a statement and its parameters


@contextmanager
def noted() -> Iterator[list[Sent]]:
    """The statements that the body sends, without those that begin and end a transaction."""
    seen: list[Sent] = []

    def note(conn: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.split()[0] not in ("BEGIN", "PRAGMA"):
            seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def replayed(sent: Sent) -> float:
    """Milliseconds of the processor that a statement takes with all its rows; the best of three."""
    took = []
    with db.engine.connect() as connection:
        for _ in range(3):
            began = time.process_time()
            connection.exec_driver_sql(*sent).all()
            took.append(1000 * (time.process_time() - began))
    return min(took)


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each request by the clock and by the processor, both sorted; the statements
    of the last one with the milliseconds that each takes by itself; the length of its answer."""

    times: list[float]
    worked: list[float]
    sent: list[tuple[Sent, float]]
    size: int

    @property
    def row(self) -> str:
        """The columns of the table after the name."""
        median, late = statistics.median(self.times), self.times[int(0.95 * len(self.times))]
        worked, asked = statistics.median(self.worked), sum(took for _, took in self.sent)
        mark = "above" if worked > TARGET else ""
        return (
            f"{median:.0f} | {late:.0f} | {worked:.0f} | {self.worked[0]:.0f} | {asked:.0f} |"
            f" {len(self.sent)} | {self.size // 1024} | {mark}"
        )


def measured(app: Flask, client: FlaskClient, path: str, rounds: int) -> Measured:
    """Ask for a page; the first request fills the caches and is not counted."""
    times, worked = [], []
    for _ in range(rounds + 1):
        with app.app_context(), noted() as sent:
            began, began_work = time.perf_counter(), time.process_time()
            answer = client.get(path)
            times.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - began_work))
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
    with app.app_context():
        alone = [(one, replayed(one)) for one in sent]
    return Measured(sorted(times[1:]), sorted(worked[1:]), alone, len(answer.data))


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="", help="only pages whose name has this in it")
    parser.add_argument("--at", default="", help="a folder to keep the database in, and find it")
    parser.add_argument("--explain", type=float, default=0.0, help="milliseconds")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(given.at or made)
        app = application.create_app({"PARLEY_INSTANCE": str(folder), **_UNLIMITED})
        if not (folder / "made").exists():
            _make(app, folder, given.comments)
        _print_pages(app, given.rounds, given.only, given.explain)
        if not given.only:
            desk_writing.print_times(app, given.rounds)
        with app.app_context():
            db.engine.dispose()


def _make(app: Flask, folder: Path, comments: int) -> None:
    with app.app_context():
        upgrade()
        desk_rows.open_sites()
        db.session.remove()
        db.engine.dispose()
    began = time.perf_counter()
    desk_rows.make(folder / "parley.db", comments)
    (folder / "made").touch()
    print(f"{comments:,} comments made in {time.perf_counter() - began:.0f} s\n")


def signed_in(app: Flask) -> FlaskClient:
    """The browser of the member of staff that reads every site."""
    secret = staff_sessions.new_secret()
    with app.app_context(), writing() as session:
        number = session.scalars(
            select(Account.id).where(Account.fs_uniquifier == desk_rows.STAFF)
        ).one()
        staff_sessions.begin(session, number, secret, "Benchmark")
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update({"_user_id": desk_rows.STAFF, "_fresh": True, IN_COOKIE: secret})
    return client


def _print_pages(app: Flask, rounds: int, only: str, explain: float) -> None:
    print("| page | median ms | 95th % ms | processor ms | least | SQL | queries | kB | |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|")
    client = signed_in(app)
    with app.app_context():
        pages = desk_pages.pages()
    for name, path in pages.items():
        if only not in name:
            continue
        found = measured(app, client, path, rounds)
        print(f"| {name} | {found.row} |", flush=True)
        for sent, took in found.sent:
            if explain and took >= explain:
                _explain(app, sent, took)


def _explain(app: Flask, sent: Sent, took: float) -> None:
    statement, parameters = sent
    print(f"\n{took:.0f} ms: {statement}\n{parameters!r:.500}")
    with app.app_context(), db.engine.connect() as connection:
        depths = {0: -1}
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        for number, parent, _, step in plan:
            depths[number] = depths.get(parent, 0) + 1
            print("    " + "  " * depths[number] + step)
    print()


if __name__ == "__main__":
    main()
