"""Where work is committed: the beginning and the end of every transaction of jobs and web."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from models import db
from models.base import WRITES

Answer = TypeVar("Answer")

# SQLite lets one write at a time, and has the others look again after pauses that grow: some are
# passed over for seconds. Those of one process wait in line for each other instead, though no
# longer than this; what another process does, SQLite knows.
_IN_LINE = threading.RLock()
_IN_LINE_SECONDS = 5.0


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction that writes: commits at the end, rolls back on any exception.

    It takes SQLite's write lock at its beginning. A transaction that only read before is ended
    first; objects that were read in it are loaded again when they are next looked at.
    """
    session: Session = db.session()
    session.rollback()
    with _turn(session):
        session.connection(execution_options={WRITES: True})
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def _turn(session: Session) -> Iterator[None]:
    is_taken = session.get_bind().dialect.name == "sqlite" and _IN_LINE.acquire(
        timeout=_IN_LINE_SECONDS
    )
    try:
        yield
    finally:
        if is_taken:
            _IN_LINE.release()


@contextmanager
def reading() -> Iterator[Session]:
    """A transaction that only reads, and is ended at the end so that it holds nothing up."""
    session: Session = db.session()
    try:
        yield session
    finally:
        session.rollback()


def written(work: Callable[[Session], Answer]) -> Answer:
    """Do some work in a writing transaction; once more if another one got in between.

    Two requests that insert the same row at the same moment, where the database lets both try,
    end with one of them finding what the other wrote.
    """
    try:
        with writing() as session:
            return work(session)
    except (IntegrityError, StaleDataError):
        with writing() as session:
            return work(session)
