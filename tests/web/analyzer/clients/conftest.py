"""A really served Parley with the shipped model, for clients that know nothing of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import app as application
from jobs.site_commands import make_site
from jobs.transactions import writing
from models import KeyPurpose, Moderation, db
from moderation import keys
from tests.flows.server import Server

RUDE = "You are a stupid idiot and nobody likes you."
KIND = "Thank you for this lovely article!"


@dataclass(frozen=True)
class Served:
    """Where it stands, and a key of its site."""

    url: str
    key: str
    instance: Path

    @property
    def discovery(self) -> str:
        """The address of the discovery document."""
        return f"{self.url}/$discovery/rest?version=v1alpha1"

    @property
    def log(self) -> str:
        """All that it has logged."""
        return (self.instance / "server.log").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Served]:
    """The server as `make run` starts it, logging all it can."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(migrated, folder / "parley.db")
    made = application.create_app({"PARLEY_INSTANCE": str(folder)})
    with made.app_context():
        with writing() as session:
            site = make_site(session, "news", "News", Moderation.POST)
            key = keys.make(session, site.id, "client", KeyPurpose.LABELS, 100_000)
        db.session.remove()
        db.engine.dispose()
    server = Server(folder, {})
    url = f"http://127.0.0.1:{server.port}"
    # Clients are here for their form, and other work on the machine takes time.
    more = {"PARLEY_PUBLIC_URL": url, "PARLEY_LOG_LEVEL": "DEBUG", "PARLEY_ANALYZER_DEADLINE": "10"}
    server.begin("app:serve", **more)
    server._wait_ready()
    yield Served(url, key, folder)
    server.kill()
