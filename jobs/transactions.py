"""Where work is committed: the beginning and the end of every transaction of jobs and web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from models import db
from models.base import WRITES


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction that writes: commits at the end, rolls back on any exception.

    It takes SQLite's write lock at its beginning. A transaction that only read before is ended
    first; objects that were read in it are loaded again when they are next looked at.
    """
    session: Session = db.session()
    session.rollback()
    session.connection(execution_options={WRITES: True})
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


@contextmanager
def reading() -> Iterator[Session]:
    """A transaction that only reads, and is ended at the end so that it holds nothing up."""
    session: Session = db.session()
    try:
        yield session
    finally:
        session.rollback()
