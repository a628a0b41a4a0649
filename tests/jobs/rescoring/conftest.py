"""What the tests of rescoring share: a newer model, older comments, and the command."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.transactions import reading
from models import (
    Decision,
    Score,
)
from moderation.classifier.scores import Scores
from tests.conftest import LABELS, WordClassifier

MakeComment = Callable[..., int]
FINE, RUDE = "A fine day.", "You idiot."


class NewClassifier(WordClassifier):
    """The model of tomorrow: "fine" is an insult to it, and "idiot" is none."""

    version = "2"

    def _score(self, text: str) -> Scores:
        rude = 0.9 if "fine" in text.lower() else 0.02
        return Scores(dict.fromkeys(LABELS, 0.02) | {"insult": rude}, self.name, self.version)


@pytest.fixture(autouse=True)
def as_nice_as_before(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The tests' own process keeps its rank."""
    asked: list[int] = []
    monkeypatch.setattr(os, "nice", asked.append)
    return asked


@pytest.fixture
def classifier() -> NewClassifier:
    """What `flask rescore` scores with."""
    return NewClassifier()


@pytest.fixture
def make_old(
    make_comment: MakeComment, classifier: NewClassifier, monkeypatch: pytest.MonkeyPatch
) -> MakeComment:
    """Posts a comment that was judged by the model of yesterday."""

    def make(text: str) -> int:
        with monkeypatch.context() as yesterday:
            yesterday.setattr(classifier, "score", WordClassifier().score)
            return make_comment(text)

    return make


def rescore(app: Flask, *words: str, answer: str = "") -> str:
    """What the command says; it must not fail."""
    done = app.test_cli_runner().invoke(args=["rescore", *words], input=answer)
    assert done.exit_code == 0, done.output
    return done.output


def versions(app: Flask, number: int) -> set[str]:
    """The versions of the model by which a comment's present text was scored."""
    with app.app_context(), reading() as session:
        query = select(Score.model_version).where(Score.comment_id == number)
        return set(session.scalars(query))


def newest(app: Flask, number: int) -> Decision:
    """The newest decision on a comment."""
    with app.app_context(), reading() as session:
        query = select(Decision).where(Decision.comment_id == number).order_by(Decision.id.desc())
        found = session.scalars(query).first()
        assert found is not None
        session.expunge(found)
        return found
