"""Everything that is asked of the record, one check after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click
from sqlalchemy.orm import Session

from jobs import audit_checks, audit_links
from jobs.audit_checks import Told

_TOLD_EVERY = 10.0  # seconds


def faults(session: Session, told: Told) -> Iterator[str]:
    """What is wrong with the record, in sentences that name rows by their numbers and quote nobody.

    `told` hears how many comments were replayed. The session has to see one moment throughout.
    """
    yield from audit_checks.comments(session, told)
    yield from audit_checks.threads(session)
    yield from audit_checks.policies(session)
    yield from audit_links.numbers(session)
    yield from audit_links.answers(session)
    yield from audit_links.sanctions(session)
    yield from audit_links.batches(session)


def freeze(session: Session) -> None:
    """Look at one moment from the first query to the last, as SQLite does by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


class Progress:
    """Says now and then how far the replaying is."""

    def __init__(self) -> None:
        self.done = 0
        self._told = time.monotonic()

    def tell(self, done: int) -> None:
        """So many comments are done."""
        self.done = done
        if time.monotonic() - self._told >= _TOLD_EVERY:
            self._told = time.monotonic()
            click.echo(f"{done:,} comments replayed …", err=True)
