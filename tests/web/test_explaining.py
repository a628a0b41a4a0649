"""Opening a case: its scores are explained once, and nothing that goes wrong there breaks it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from jobs.transactions import writing
from models import Comment, Explanation, Role, db
from moderation import screening
from moderation.classifier.explaining import Span, explain
from moderation.errors import ScoringTimeout
from tests.conftest import WordClassifier
from tests.web.conftest import Caller
from tests.web.console.desk_forms import counted
from web import explaining

RUDE = "😀 So, you idiot, think?"
IDIOT = {"start": 10, "end": 15, "weight": 1.0}

MakeComment = Callable[..., int]


@pytest.fixture
def key(site: int, make_key: Callable[[int, str], dict[str, str]]) -> dict[str, str]:
    """The headers of a program that moderates the site."""
    return make_key(site, "pk_of_this_test")


def case_of(client: FlaskClient, number: int, key: dict[str, str]) -> dict[str, Any]:
    """The case as the API answers it."""
    answer = client.get(f"/api/v1/moderation/cases/{number}", headers=key)
    assert answer.status_code == 200, answer.text
    case: dict[str, Any] = answer.json["case"] if answer.json else {}
    return case


def spans_of(case: dict[str, Any]) -> dict[str, Any]:
    """The spans of each label that is explained."""
    return {one["label"]: one["spans"] for one in case["scores"] if one["is_explained"]}


def rows(app: Flask) -> int:
    """How many explanations are kept."""
    with app.app_context():
        return db.session().scalar(select(func.count()).select_from(Explanation)) or 0


def test_the_case_names_the_words_in_code_points(
    scoring: Flask, client: FlaskClient, key: dict[str, str], make_comment: MakeComment
) -> None:
    case = case_of(client, make_comment(RUDE), key)
    assert spans_of(case) == {"toxicity": [IDIOT], "insult": [IDIOT]}
    assert case["text"][10:15] == "idiot"
    threat = next(one for one in case["scores"] if one["label"] == "threat")
    assert (threat["spans"], threat["is_explained"]) == ([], False)


def test_it_is_found_out_once(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    classifier: WordClassifier,
) -> None:
    held = make_comment(RUDE)
    first = case_of(client, held, key)
    asked = len(classifier.batches)
    assert spans_of(case_of(client, held, key)) == spans_of(first)
    assert len(classifier.batches) == asked
    listed = client.get("/api/v1/moderation/queue", headers=key).json["cases"][0]
    assert spans_of(listed) == spans_of(first)


def test_a_case_that_is_explained_writes_nothing_and_costs_few_queries(
    scoring: Flask, client: FlaskClient, key: dict[str, str], make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    case_of(client, held, key)
    with counted(scoring) as statements:
        case_of(client, held, key)
    assert not [one for one in statements if one.split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert len(statements) <= 24, statements


def test_the_queue_asks_for_nothing(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    classifier: WordClassifier,
) -> None:
    make_comment(RUDE)
    asked = len(classifier.batches)
    listed = client.get("/api/v1/moderation/queue", headers=key).json["cases"][0]
    assert spans_of(listed) == {}
    assert len(classifier.batches) == asked


def test_an_edited_text_is_explained_anew(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    classifier: WordClassifier,
) -> None:
    held = make_comment(RUDE)
    case_of(client, held, key)
    with scoring.app_context(), writing() as session:
        comment = session.get_one(Comment, held)
        comment.text, comment.revision = "idiot!", 2
        screening.screen(session, comment, classifier.score([comment.text])[0], 2)
    spans = spans_of(case_of(client, held, key))
    assert spans["insult"] == [{"start": 0, "end": 5, "weight": 1.0}]


def test_without_a_model_the_case_is_there_and_bare(
    app: Flask, client: FlaskClient, key: dict[str, str], make_comment: MakeComment
) -> None:
    assert spans_of(case_of(client, make_comment(RUDE), key)) == {}


def test_a_model_that_fails_breaks_nothing(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    classifier: WordClassifier,
) -> None:
    held = make_comment(RUDE)

    def fail(texts: Sequence[str]) -> None:
        raise RuntimeError("out of memory")

    classifier.hook = fail
    assert spans_of(case_of(client, held, key)) == {}
    classifier.hook = lambda texts: None


def test_a_slow_model_is_not_waited_for(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    classifier: WordClassifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = make_comment(RUDE)
    monkeypatch.setattr(explaining, "_SECONDS", 0.05)
    let_go = threading.Event()
    classifier.hook = lambda texts: (let_go.wait(60), None)[1]
    began = time.monotonic()
    assert spans_of(case_of(client, held, key)) == {}
    assert time.monotonic() - began < 30
    assert rows(scoring) == 0
    let_go.set()


def test_what_took_too_long_is_not_waited_for_at_every_opening(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    classifier: WordClassifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, other = make_comment(RUDE), make_comment(RUDE)
    with monkeypatch.context() as hurried:
        hurried.setattr(explaining, "_SECONDS", 0.0)
        assert spans_of(case_of(client, held, key)) == {}
    asked = len(classifier.batches)
    assert spans_of(case_of(client, held, key)) == {}
    assert len(classifier.batches) == asked
    # Another one is asked about, and this one again when the pause is over.
    assert spans_of(case_of(client, other, key))
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 4)
    monkeypatch.setattr(explaining, "time", later)
    assert spans_of(case_of(client, held, key)) == {"toxicity": [IDIOT], "insult": [IDIOT]}


def test_what_takes_too_long_again_and_again_is_asked_ever_more_rarely(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held, now = make_comment(RUDE), 1000.0
    asked: list[float] = []

    def slow(*question: Any) -> dict[str, tuple[Span, ...]]:
        asked.append(now)
        raise ScoringTimeout("There was not the time.")

    monkeypatch.setattr(explaining, "explain", slow)
    monkeypatch.setattr(explaining, "time", SimpleNamespace(monotonic=lambda: now))
    while now < 2200:
        case_of(client, held, key)
        now += 1
    pauses = [after - before for before, after in itertools.pairwise(asked)]
    assert pauses == [3, 6, 12, 24, 48, 96, 192, 300, 300]


def test_the_model_runs_outside_any_transaction(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = make_comment(RUDE)
    open_then = []

    def watched(*asked: Any) -> dict[str, tuple[Span, ...]]:
        open_then.append(db.session().in_transaction())
        return explain(*asked)

    monkeypatch.setattr(explaining, "explain", watched)
    assert spans_of(case_of(client, held, key))
    assert open_then == [False]


def test_new_comments_come_in_between(
    scoring: Flask,
    client: FlaskClient,
    key: dict[str, str],
    make_comment: MakeComment,
    classifier: WordClassifier,
) -> None:
    words = [first + second + "ber" for first in "abcdefghijklmnop" for second in "aeiou"]
    held = make_comment(" ".join(10 * words) + " idiot")
    del classifier.batches[:]
    assert spans_of(case_of(client, held, key))["insult"]
    assert max(classifier.batches) <= 16
    assert sum(classifier.batches) < 300


def test_two_who_open_it_at_once_are_both_answered(
    scoring: Flask,
    key: dict[str, str],
    make_comment: MakeComment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = make_comment(RUDE)
    both = threading.Barrier(2, timeout=20)

    def together(*asked: Any) -> dict[str, tuple[Span, ...]]:
        found = explain(*asked)
        both.wait()
        return found

    monkeypatch.setattr(explaining, "explain", together)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(case_of, scoring.test_client(), held, key) for _ in range(2)]
        answers = [spans_of(one.result()) for one in asked]
    assert answers[0] == answers[1] == {"toxicity": [IDIOT], "insult": [IDIOT]}
    assert rows(scoring) == 2


def test_who_may_not_read_it_makes_nothing_run(
    scoring: Flask,
    other_site: int,
    make_comment: MakeComment,
    sign_in: Callable[..., Caller],
    classifier: WordClassifier,
) -> None:
    held = make_comment(RUDE)
    asked = len(classifier.batches)
    far = sign_in("far@example.org", Role.ADMIN, other_site)
    for path in (f"/console/cases/{held}", f"/api/v1/moderation/cases/{held}"):
        assert far.client.get(path, headers=far.headers).status_code == 404
    assert len(classifier.batches) == asked


@pytest.fixture(autouse=True)
def stopped(classifier: WordClassifier) -> Iterator[None]:
    """Let no hook of a test outlive it."""
    yield
    classifier.hook = lambda texts: None
