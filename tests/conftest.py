"""What the tests share: an application on a real, migrated SQLite database, and its people."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from flask_security.utils import hash_password
from sqlalchemy.orm import Session

import app as application
from discussion import comments as posting
from discussion import threads
from jobs.transactions import writing
from models import (
    Account,
    AccountKind,
    Comment,
    Role,
    Site,
    SiteOrigin,
    SiteRole,
    Thread,
    db,
)
from moderation import policies, screening, staff_sessions
from moderation.classifier.scores import Scores
from moderation.decisions import SYSTEM
from moderation.signals.facts import Thresholds
from moderation.values import Values
from web.console.signed_in import IN_COOKIE
from web.runtime import runtime_of

ORIGIN = "https://news.example"
OTHER_ORIGIN = "https://other.example"
PAGE = f"{ORIGIN}/story"
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
PASSWORD = "a-long-test-password"


def skip_loudly(why: str) -> None:
    """Skip a test that cannot run here; where nothing may be missing, fail instead."""
    if os.environ.get("TESTS_SKIP_NOTHING"):
        pytest.fail(f"MISSING: {why}")
    pytest.skip(f"SKIPPED, because something is missing: {why}")


class WordClassifier:
    """A classifier whose answers a test can foresee: "insult…" words score high."""

    name = "words"
    version = "1"
    labels = LABELS

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.hook: Callable[[Sequence[str]], None] = lambda texts: None

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """0.95 for toxicity and insult where the text says "idiot", 0.01 elsewhere."""
        self.batches.append(len(texts))
        self.hook(texts)
        return [self._score(text) for text in texts]

    def _score(self, text: str) -> Scores:
        rude = 0.95 if "idiot" in text.lower() else 0.01
        values = dict.fromkeys(LABELS, 0.01) | {"toxicity": rude, "insult": rude}
        return Scores(values, self.name, self.version)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations leave it, copied for each test."""
    folder = tmp_path_factory.mktemp("migrated")
    made = application.create_app({"PARLEY_INSTANCE": str(folder)})
    with made.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return folder / "parley.db"


@pytest.fixture
def classifier() -> WordClassifier:
    """What the application of this test scores with."""
    return WordClassifier()


@pytest.fixture
def environ() -> dict[str, str]:
    """Settings that a test module changes by overriding this fixture."""
    return {}


@pytest.fixture
def app(
    tmp_path: Path,
    migrated: Path,
    classifier: WordClassifier,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flask]:
    """The application on a database of its own, scoring with `classifier`."""
    shutil.copy(migrated, tmp_path / "parley.db")
    monkeypatch.setattr(application, "load", lambda model, cache: classifier)
    generous = {
        f"PARLEY_{name}_RATE": "100000 per minute"
        for name in ("READ", "WRITE", "VOTE", "PREVIEW", "NEWCOMER", "SIGN_IN")
    }
    made = application.create_app({"PARLEY_INSTANCE": str(tmp_path)} | generous | environ)
    made.config["TESTING"] = True
    yield made
    runtime_of(made).scorer.stop()
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def scoring(app: Flask) -> Flask:
    """The application with its scorer at work."""
    runtime = runtime_of(app)
    runtime.scorer.start()
    assert runtime.classifier.wait_ready(10)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader's browser, without cookies of its own."""
    return app.test_client()


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An application context for tests below HTTP."""
    with app.app_context():
        yield


@pytest.fixture
def session(context: None) -> Session:
    """The session of that context."""
    return db.session()


@pytest.fixture
def site(app: Flask) -> int:
    """A site at ORIGIN; its number."""
    return _site(app, "news", ORIGIN)


@pytest.fixture
def other_site(app: Flask) -> int:
    """Another site at OTHER_ORIGIN; its number."""
    return _site(app, "other", OTHER_ORIGIN)


def _site(app: Flask, slug: str, origin: str) -> int:
    with app.app_context(), writing() as session:
        made = Site(slug=slug, name=slug)
        session.add(made)
        session.flush()
        session.add(SiteOrigin(site_id=made.id, origin=origin))
        limits = {label: Thresholds(0.6) for label in LABELS}
        policies.begin(session, made, Values(thresholds=limits), SYSTEM)
        return made.id


def set_policy(app: Flask, site_id: int, thread_id: int = 0, **changes: object) -> None:
    """Change what a site, or one of its threads, decides for itself."""
    with app.app_context(), writing() as session:
        row = session.get_one(Site, site_id)
        policies.change(session, row, changes, SYSTEM, thread_id=thread_id)


@pytest.fixture
def thread(app: Flask, site: int) -> int:
    """The thread of PAGE; its number."""
    with app.app_context(), writing() as session:
        return _thread(session, PAGE).id


def _thread(session: Session, url: str) -> Thread:
    return threads.find_or_begin(session, threads.locate(session, url))[0]


@pytest.fixture
def make_staff(app: Flask) -> Callable[..., int]:
    """Makes a member of staff with a role on some sites; answers the number."""

    def make(email: str, role: Role, *site_ids: int) -> int:
        with app.app_context(), writing() as session:
            account = Account(
                kind=AccountKind.STAFF,
                email=email,
                name=email.split("@")[0],
                password=hash_password(PASSWORD),
                site_roles=[SiteRole(site_id=one, role=role) for one in site_ids],
            )
            session.add(account)
            session.flush()
            return account.id

    return make


@pytest.fixture
def make_comment(app: Flask, thread: int, classifier: WordClassifier) -> Callable[..., int]:
    """Posts a comment through the real doors and has it scored; answers its number."""

    def make(text: str = "A fine day.", name: str = "Ada", parent: int | None = None) -> int:
        with app.app_context(), writing() as session:
            author = Account(kind=AccountKind.GUEST, name=name)
            session.add(author)
            session.flush()
            where = session.get_one(Thread, thread)
            limits = runtime_of(app).limits
            comment, job = posting.post(
                session, where, author, posting.draft(text, limits.text), parent, limits
            )
            job.state = type(job.state).DONE
            screening.screen(session, comment, classifier.score([text])[0], 1)
            return comment.id

    return make


def browser_of(app: Flask, account_id: int, agent: str = "Firefox on Linux") -> dict[str, str]:
    """What the cookie of a browser carries that is signed in as a member of staff."""
    secret = staff_sessions.new_secret()
    with app.app_context(), writing() as session:
        staff_sessions.begin(session, account_id, secret, agent)
        mark = session.get_one(Account, account_id).fs_uniquifier
    return {"_user_id": mark, "_fresh": "1", IN_COOKIE: secret}


def status_of(app: Flask, comment_id: int) -> str:
    """Where a comment stands."""
    with app.app_context():
        return db.session().get_one(Comment, comment_id).status.value


def site_of(app: Flask, site_id: int) -> Site:
    """A site's row, detached."""
    with app.app_context():
        return db.session().get_one(Site, site_id)
