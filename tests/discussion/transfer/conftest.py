"""A site with everything on it, its export, and an empty database that takes it in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from models import db
from tests.discussion.transfer import everything as happening
from tests.discussion.transfer.parley_files import empty, exported


@pytest.fixture
def everything(app: Flask, site: int, thread: int, make_comment: Callable[..., int]) -> None:
    """All that can be exported has happened."""
    happening.build(app, site, thread, make_comment)


_WRITTEN: list[bytes] = []


@pytest.fixture
def first(request: pytest.FixtureRequest, tmp_path: Path) -> bytes:
    """The export of a site on which everything happened, made once, in first.jsonl."""
    if not _WRITTEN:
        request.getfixturevalue("everything")
        _WRITTEN.append(exported(request.getfixturevalue("app"), tmp_path / "made.jsonl"))
    (tmp_path / "first.jsonl").write_bytes(_WRITTEN[0])
    return _WRITTEN[0]


@pytest.fixture
def there(migrated: Path, tmp_path: Path) -> Iterator[Flask]:
    """Parley on another machine, with an empty database."""
    made = empty(tmp_path / "there", migrated)
    yield made
    with made.app_context():
        db.engine.dispose()
