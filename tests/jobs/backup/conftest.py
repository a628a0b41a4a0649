"""A discussion worth saving, and the two commands as somebody types them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

import app as application
from jobs.backup import archive
from jobs.transactions import writing
from models import ActorKind, Comment, Status
from moderation import decisions
from moderation.decisions import Actor

SENA = Actor(ActorKind.STAFF, 7, "Sena")


@pytest.fixture
def discussion(app: Flask, make_comment: Callable[..., int]) -> list[int]:
    """Three comments, one of them rejected by a person; their numbers."""
    made = [make_comment("Tea for the harbour."), make_comment("And for the mill.")]
    made.append(make_comment("You idiot."))
    reject(app, made[2])
    return made


def reject(app: Flask, number: int) -> None:
    """What a moderator does."""
    with app.app_context(), writing() as session:
        decisions.decide(session, session.get_one(Comment, number), Status.REJECTED, SENA)


def run(app: Flask, *words: str) -> Result:
    """A command as somebody types it."""
    return app.test_cli_runner().invoke(args=[*words])


def saved(app: Flask, folder: Path, *words: str) -> Path:
    """A backup made now."""
    answer = run(app, "backup", str(folder), *words)
    assert answer.exit_code == 0, answer.output
    return archive.there(folder)[-1]


def elsewhere(folder: Path, **settings: str) -> Flask:
    """Parley on another machine, where nothing is yet."""
    return application.create_app({"PARLEY_INSTANCE": str(folder)} | settings)
