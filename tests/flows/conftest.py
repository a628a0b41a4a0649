"""A server that is not started yet, for tests that kill or starve it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import app as application
from discussion import threads
from jobs.site_commands import make_site
from jobs.transactions import writing
from models import Moderation, SiteOrigin, db
from tests.conftest import ORIGIN, PAGE
from tests.flows.places import SETTINGS, Place
from tests.flows.server import Server


@pytest.fixture
def place(tmp_path: Path, migrated: Path) -> Iterator[Place]:
    """A server that is not started yet, with one site and one thread."""
    shutil.copy(migrated, tmp_path / "parley.db")
    made = application.create_app({"PARLEY_INSTANCE": str(tmp_path)})
    with made.app_context():
        with writing() as session:
            site = make_site(session, "news", "News", Moderation.POST)
            session.add(SiteOrigin(site_id=site.id, origin=ORIGIN))
            session.flush()
            thread = threads.find_or_begin(session, threads.locate(session, PAGE))[0].id
        db.session.remove()
        db.engine.dispose()
    server = Server(tmp_path, SETTINGS)
    yield Place(server, thread, tmp_path / "parley.db")
    server.kill()
