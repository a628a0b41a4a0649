"""The address in OpenAI's shape: categories that the model knows, and errors that clients read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from models import KeyPurpose, utcnow
from tests.conftest import WordClassifier, set_policy
from tests.web.analyzer.conftest import Program
from tests.web.analyzer.test_refusals import SevenLabels

PATH = "/v1/moderations"
RUDE, KIND = "You idiot.", "A fine day."


def ask(program: Program, given: Any, **more: Any) -> TestResponse:
    """One request with the key as a bearer token."""
    headers = {"Authorization": f"Bearer {program.key}"}
    return program.client.post(PATH, json={"input": given} | more, headers=headers)


def test_a_text_has_one_result_with_what_the_model_knows(program: Program) -> None:
    answer = ask(program, RUDE, model="omni-moderation-latest")
    assert answer.status_code == 200
    assert answer.json["model"] == "words-1"
    assert answer.json["id"].startswith("modr-")
    assert answer.json["results"] == [
        {
            "flagged": True,
            "categories": {"harassment": True, "harassment/threatening": False, "hate": False},
            "category_scores": {"harassment": 0.95, "harassment/threatening": 0.01, "hate": 0.01},
            "category_applied_input_types": {
                "harassment": ["text"], "harassment/threatening": ["text"], "hate": ["text"]
            },
        }
    ]  # fmt: skip


def test_several_texts_have_several_results_and_parts_have_one(program: Program) -> None:
    found = ask(program, [KIND, RUDE, KIND]).json["results"]
    assert [one["flagged"] for one in found] == [False, True, False]
    parts = [{"type": "text", "text": KIND}, {"type": "text", "text": RUDE}]
    (one,) = ask(program, parts).json["results"]
    assert (one["flagged"], one["category_scores"]["harassment"]) == (True, 0.95)


def test_flagged_is_what_the_site_would_hold(app: Flask, site: int, program: Program) -> None:
    never = {"toxicity": [0.96, 1.0], "insult": [0.96, 1.0]}
    set_policy(app, site, thresholds=never)
    assert not ask(program, RUDE).json["results"][0]["flagged"]


class TestWithSevenLabels:
    @pytest.fixture
    def classifier(self) -> WordClassifier:
        """A model that knows one more."""
        return SevenLabels()

    def test_what_it_knows_is_there(self, program: Program) -> None:
        (one,) = ask(program, KIND).json["results"]
        assert one["category_scores"]["sexual"] == 0.4


@pytest.mark.parametrize(
    "given",
    [None, 3, [], [3], [KIND, 3], [{"type": "image_url", "image_url": {"url": "x"}}], {"text": "a"},
     [{"type": "text"}], [{"type": "text", "text": 3}], ["a"] * 33, "a" * 20_481],
)  # fmt: skip
def test_what_cannot_be_read(program: Program, given: Any) -> None:
    answer = ask(program, given)
    assert answer.status_code == 400
    assert answer.json["error"]["type"] == "invalid_request_error"
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("sent", [b"", b"{", b"[]", b"\xff", b"[" * 50_000])
def test_what_is_no_json_object(program: Program, sent: bytes) -> None:
    headers = {"Authorization": f"Bearer {program.key}"}
    answer = program.client.post(PATH, data=sent, headers=headers)
    assert (answer.status_code, set(answer.json)) == (400, {"error"})


def test_a_language_that_the_model_does_not_read(program: Program) -> None:
    answer = ask(program, "Ты идиот и ничего не понимаешь в этом деле")
    assert answer.status_code == 400
    assert "language" in answer.json["error"]["message"]


def test_keys(program: Program, site: int, make_program: Callable[..., Program]) -> None:
    moderates, few = make_program(site, KeyPurpose.MODERATION), make_program(site, per_minute=1)
    for key in ("", "sk-wrong", moderates.key):
        answer = ask(Program(program.client, key), KIND)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "invalid_api_key")
    # Only as a bearer token: this shape knows no other place.
    assert program.client.post(f"{PATH}?key={program.key}", json={"input": KIND}).status_code == 401
    begun = utcnow().replace(second=10, microsecond=0) + timedelta(minutes=2)
    with time_machine.travel(begun, tick=False):
        first, second = ask(few, KIND), ask(few, KIND)
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.json["error"]["code"] == "rate_limit_exceeded"
    assert 1 <= int(second.headers["Retry-After"]) <= 60


class TestSlow:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        """The usual deadline."""
        return {}

    def test_a_slow_model(self, program: Program, classifier: WordClassifier) -> None:
        classifier.hook = lambda texts: time.sleep(4)
        begun = time.monotonic()
        answer = ask(program, KIND)
        assert time.monotonic() - begun < 2
        classifier.hook = lambda texts: None
        assert (answer.status_code, answer.json["error"]["type"]) == (503, "server_error")
        assert int(answer.headers["Retry-After"]) > 0


def test_other_methods_and_addresses(program: Program) -> None:
    for answer in (program.client.get(PATH), program.client.post("/v1/chat/completions")):
        assert answer.status_code in (404, 405)
        assert json.loads(answer.text)["error"]["type"] == "invalid_request_error"
