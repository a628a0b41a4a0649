"""Programs with keys, and requests for scores."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.stdlib import ProcessorFormatter
from werkzeug.test import TestResponse

from jobs.transactions import writing
from models import KeyPurpose
from moderation import keys

ANALYZE, SUGGEST = "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"


def asking(text: str = "You idiot.", **more: Any) -> dict[str, Any]:
    """A request for the toxicity of a text."""
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}} | more


def saying(value: float, text: str = "You idiot.", **more: Any) -> dict[str, Any]:
    """What a moderator elsewhere says of a text's toxicity."""
    scores = {"TOXICITY": {"summaryScore": {"value": value}}}
    return {"comment": {"text": text}, "attributeScores": scores} | more


def error_of(answer: TestResponse) -> dict[str, Any]:
    """The error of an answer, whose code is that of the answer."""
    assert answer.mimetype == "application/json"
    body: dict[str, Any] = answer.json
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert error["code"] == answer.status_code
    return error


def type_of(answer: TestResponse) -> str:
    """The analyzer's own name for what went wrong."""
    return next(
        str(one["errorType"])
        for one in error_of(answer)["details"]
        if one["@type"] == "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
    )


@dataclass
class Program:
    """A client that sends its key in the address."""

    client: FlaskClient
    key: str
    headers: dict[str, str] = field(default_factory=dict)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        """One request, as JSON unless `data` is given."""
        sent = more if "data" in more else {"json": body} | more
        return self.client.post(f"{path}?key={self.key}", headers=self.headers, **sent)

    def analyze(self, body: Any = None, **more: Any) -> TestResponse:
        """Ask for scores."""
        return self.post(ANALYZE, body, **more)

    def suggest(self, body: Any = None, **more: Any) -> TestResponse:
        """Say what a moderator said."""
        return self.post(SUGGEST, body, **more)


@pytest.fixture
def environ() -> dict[str, str]:
    """Time enough on a busy machine; what the deadline does is tried where a model is slow."""
    return {"PARLEY_ANALYZER_DEADLINE": "20"}


@pytest.fixture
def make_program(app: Flask, client: FlaskClient) -> Callable[..., Program]:
    """Makes a key of a site and answers a program that has it."""

    def make(
        site_id: int, purpose: KeyPurpose = KeyPurpose.LABELS, per_minute: int = 100_000
    ) -> Program:
        with app.app_context(), writing() as session:
            key = keys.make(session, site_id, purpose.value, purpose, per_minute)
        return Program(client, key)

    return make


@pytest.fixture
def program(scoring: Flask, site: int, make_program: Callable[..., Program]) -> Program:
    """A program of the site, with the model at work."""
    return make_program(site)


@pytest.fixture
def log(app: Flask) -> Iterator[StringIO]:
    """What the application logs from now on, every line as it would be written."""
    written, found = StringIO(), None
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, ProcessorFormatter):
            found = handler
    assert isinstance(found, logging.StreamHandler)
    before = found.setStream(written)
    yield written
    found.setStream(before)
