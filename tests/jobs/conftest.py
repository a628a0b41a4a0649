"""What the tests of the background's work share: comments that are owed a score, and a worker."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from discussion import comments as posting
from jobs.scoring import Scorer
from jobs.transactions import writing
from models import Account, AccountKind, Thread
from web.runtime import runtime_of

Owe = Callable[[str], int]


@pytest.fixture
def owe(app: Flask, thread: int) -> Owe:
    """Writes a comment that is not scored yet; answers its number."""

    def write(text: str) -> int:
        with app.app_context(), writing() as session:
            author = Account(kind=AccountKind.GUEST, name="Ada")
            session.add(author)
            session.flush()
            where = session.get_one(Thread, thread)
            return posting.post(
                session, where, author, posting.draft(text, 10_000), None, runtime_of(app).limits
            )[0].id

    return write


@pytest.fixture
def worker(app: Flask) -> Scorer:
    """A scorer whose model is loaded and whose rounds the test runs itself."""
    runtime = runtime_of(app)
    runtime.classifier.start()
    assert runtime.classifier.wait_ready(10)
    return runtime.scorer
