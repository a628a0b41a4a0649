"""The figures: who may read them, what they count, and that nobody's words are in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

import settings
from tests.conftest import WordClassifier
from tests.jobs.scoring.conftest import wait_until
from web import metrics
from web.runtime import runtime_of

TOKEN = "a-token-nobody-guesses"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


class TestWithoutAToken:
    """Nobody has been given access: there is no such page, from whichever address."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {}

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, WITH_TOKEN])
    def test_there_is_no_such_page(self, client: FlaskClient, headers: dict[str, str]):
        assert client.get("/metrics", headers=headers).status_code == 404


@pytest.fixture
def environ() -> dict[str, str]:
    """Whoever runs this has given Prometheus a token."""
    return {"PARLEY_METRICS_TOKEN": TOKEN}


@pytest.mark.parametrize(
    "sent",
    [
        "", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN,
        f"Basic {TOKEN}", f"bearer  {TOKEN}", "Bearer tökén",
    ],
)  # fmt: skip
def test_a_wrong_token_opens_nothing(client: FlaskClient, sent: str):
    headers = {"Authorization": sent} if sent else {}
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 404
    assert "parley_" not in answer.text


def figures(client: FlaskClient) -> dict[str, float]:
    """Every line of the page as Prometheus itself reads it: name and labels to value."""
    answer = client.get("/metrics", headers=WITH_TOKEN)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type.startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
            name = f"{sample.name}{{{labels}}}" if labels else sample.name
            assert name not in found, "a line stands there twice"
            found[name] = sample.value
    return found


def test_before_anything_happened_every_line_is_there(client: FlaskClient, site: int):
    found = figures(client)
    for outcome in ("published", "held", "rejected", "unscorable", "overtaken"):
        assert found[f"parley_comments_judged_total{{outcome={outcome}}}"] == 0
    for kind in ("text", "timeout", "model", "loading", "database"):
        assert found[f"parley_scoring_failures_total{{kind={kind}}}"] == 0
    assert found["parley_model_loaded"] == 0
    assert found["parley_scoring_up"] == 0
    assert found["parley_database_up"] == 1
    assert found["parley_comments_unscored"] == found["parley_comments_held"] == 0


def test_what_happens_is_counted(
    scoring: Flask, client: FlaskClient, thread: int, classifier: WordClassifier
):
    def crash(texts: Sequence[str]) -> None:
        if any("poison" in text for text in texts):
            raise RuntimeError("no")

    classifier.hook = crash
    for text in ("A fine day.", "Another.", "You idiot.", "poison"):
        sent = {"text": text, "author_name": "Ada Lovelace"}
        assert client.post(f"/api/v1/threads/{thread}/comments", json=sent).status_code == 201
    wait_until(lambda: figures(client)["parley_scoring_failures_total{kind=text}"] >= 1)
    found = figures(client)
    assert found["parley_comments_judged_total{outcome=published}"] == 2
    assert found["parley_comments_judged_total{outcome=held}"] == 1
    assert found["parley_comments_unscored"] == 1
    assert found["parley_comments_held"] == 1
    assert found["parley_model_loaded"] == found["parley_scoring_up"] == 1
    assert found["parley_model_info{name=words,version=1}"] == 1
    assert found["parley_scoring_seconds_count"] == found["parley_scoring_batch_texts_count"]
    assert found["parley_scoring_batch_texts_sum"] >= 4
    page = client.get("/metrics", headers=WITH_TOKEN).text
    for word in ("idiot", "poison", "Ada", "fine", "news", "example"):
        assert word not in page


def test_a_database_that_is_away_is_no_empty_queue(
    client: FlaskClient, site: int, monkeypatch: pytest.MonkeyPatch
):
    def away(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(metrics, "waiting", away)
    found = figures(client)
    assert found["parley_database_up"] == 0
    assert "parley_comments_unscored" not in found


def test_two_applications_count_apart(app: Flask, client: FlaskClient):
    runtime_of(app).scorer.figures.judged("held")
    assert figures(client)["parley_comments_judged_total{outcome=held}"] == 1


def test_a_token_that_can_be_guessed_stops_the_start():
    with pytest.raises(SystemExit, match="PARLEY_METRICS_TOKEN"):
        settings.load({"PARLEY_METRICS_TOKEN": "short"})


def test_readiness_says_how_many_wait_and_for_how_long(
    app: Flask, client: FlaskClient, thread: int, make_comment: Callable[..., int]
):
    make_comment("Nice.")
    sent = {"text": "Waits.", "author_name": "Ada"}
    client.post(f"/api/v1/threads/{thread}/comments", json=sent)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json["unscored"], answer.json["model"]) == (1, "")
    assert answer.json["oldest_unscored_seconds"] >= 0
    assert set(answer.json["reasons"]) == set(answer.json["since"]) == {"model", "scorer"}
