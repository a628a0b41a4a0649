"""A PostgreSQL of the tests' own: a cluster in a temporary folder, a database to each test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from flask_migrate import upgrade

import app as application
from models import db
from tests.conftest import skip_loudly

# Debian's folders, for PostgreSQL's own programs are on nobody's path.
_PLACES = "/usr/lib/postgresql/*/bin"
_PRETEND = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "listen_addresses=")


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL that only listens on a socket in its own folder."""

    programs: Path
    folder: Path

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://parley@/{database}?host={self.folder}"

    def sql(self, statement: str) -> None:
        """Run one statement as its owner."""
        where = ["-h", str(self.folder), "-U", "parley", "-d", "postgres"]
        _run([str(self.programs / "psql"), *where, "-qc", statement])


def _programs() -> Path:
    found = sorted(Path("/").glob(_PLACES.lstrip("/")), key=lambda one: one.parent.name)
    on_path = shutil.which("initdb")
    if not found and not on_path:
        skip_loudly("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return found[-1] if found else Path(str(on_path)).parent


def _run(command: list[str], as_user: list[str] | None = None) -> None:
    done = subprocess.run(
        [*(as_user or []), *command], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{command[0]}: {done.stderr or done.stdout}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster of this run; it is stopped and its folder removed at the end."""
    programs = _programs()
    # A socket's path may have a hundred characters, and pytest's folders are deep.
    folder = Path(tempfile.mkdtemp(prefix="parley-pg-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # which PostgreSQL refuses to run as
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_user = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}"]
        as_user.append("--clear-groups")
    data, control = folder / "data", str(programs / "pg_ctl")
    settings = " ".join([*_PRETEND, "-k", str(folder)])
    try:
        init = [str(programs / "initdb"), "-D", str(data), "-U", "parley", "-A", "trust"]
        _run([*init, "-E", "UTF8", "--locale=C", "--no-sync"], as_user)
        start = [control, "-D", str(data), "-w", "-l", str(folder / "log"), "-o", settings]
        # Its output goes to the log: a server that keeps the test's pipe would never let it end.
        subprocess.run(
            [*as_user, *start, "start"], stdout=subprocess.DEVNULL, timeout=120, check=True
        )
        yield Cluster(programs, folder)
    finally:
        if data.exists():
            subprocess.run(
                [*as_user, control, "-D", str(data), "-m", "immediate", "stop"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False,
            )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database as the migrations leave it, which each test gets a copy of."""
    cluster.sql("CREATE DATABASE migrated")
    made = application.create_app(
        {
            "PARLEY_INSTANCE": str(tmp_path_factory.mktemp("postgresql")),
            "PARLEY_DATABASE_URL": cluster.url("migrated"),
        }
    )
    with made.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return "migrated"


@pytest.fixture
def environ(cluster: Cluster, template: str) -> Iterator[dict[str, str]]:
    """Settings that point the application of a test at its own database."""
    name = f"test_{uuid4().hex[:12]}"
    cluster.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield {"PARLEY_DATABASE_URL": cluster.url(name)}
    cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")
