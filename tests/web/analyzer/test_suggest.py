"""What moderators elsewhere say: kept without the text, and told apart at the desk."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.transactions import reading
from models import OutsideDecision, Role
from tests.conftest import WordClassifier
from tests.web.analyzer.conftest import Program, saying
from tests.web.analyzer.test_analyze import rows
from tests.web.conftest import Caller

TEXT = "You idiot, Secretword."


def kept(app: Flask) -> list[OutsideDecision]:
    """All that was said."""
    with app.app_context(), reading() as session:
        found = list(session.scalars(select(OutsideDecision).order_by(OutsideDecision.id)))
        session.expunge_all()
        return found


def test_what_coral_sends_is_kept_beside_the_models_own_score(
    program: Program, app: Flask, site: int
) -> None:
    entry = {"text": '{"url": "https://news.example/a", "Coral_comment_id": "1"}'}
    answer = program.suggest(
        saying(
            1,
            TEXT,
            context={"entries": [entry]},
            languages=["en"],
            communityId="Coral:https://coral.example",
            clientToken="comment:1",
        )
    )
    assert answer.status_code == 200
    assert answer.json == {
        "clientToken": "comment:1",
        "requestedLanguages": ["en"],
        "detectedLanguages": [],
    }
    (one,) = kept(app)
    assert (one.site_id, one.key_id, one.label, one.said) == (site, 1, "toxicity", 1.0)
    # On the model's own scale, whatever programs are told.
    assert (one.score, one.model_name, one.model_version) == (0.95, "words", "1")


def test_neither_the_text_nor_what_came_with_it_is_stored(
    program: Program, tmp_path: Any, site: int
) -> None:
    program.suggest(saying(1, TEXT, clientToken="Secretword", communityId="Secretword"))
    stored = str(rows(tmp_path / "parley.db"))
    assert "Secretword" not in stored
    assert program.key not in stored


@pytest.mark.parametrize("name", ["doNotStore", "do_not_store"])
def test_nothing_is_kept_where_nothing_may_be(program: Program, app: Flask, name: str) -> None:
    assert program.suggest(saying(1, TEXT, **{name: True})).status_code == 200
    assert kept(app) == []
    program.suggest(saying(1, TEXT, **{name: False}))
    assert len(kept(app)) == 1


def test_the_last_word_on_a_text_stands(
    program: Program, app: Flask, site: int, make_program: Callable[..., Program]
) -> None:
    program.suggest(saying(1, TEXT))
    make_program(site).suggest(saying(0.0, TEXT))
    program.suggest(saying(0.5, TEXT + " Another."))
    assert [(one.key_id, one.said) for one in kept(app)] == [(2, 0.0), (1, 0.5)]


def test_each_site_and_each_label_has_its_own(
    program: Program, app: Flask, other_site: int, make_program: Callable[..., Program]
) -> None:
    scores = {
        "INSULT": {"summaryScore": {"value": 0.9, "type": "PROBABILITY"}},
        "PROFANITY": {"summaryScore": {"value": 0}, "spanScores": [{"begin": 0, "end": 3}]},
    }
    program.suggest(saying(1, TEXT) | {"attributeScores": scores})
    make_program(other_site).suggest(saying(0, TEXT))
    assert sorted((one.site_id, one.label, one.said) for one in kept(app)) == [
        (1, "insult", 0.9),
        (1, "obscene", 0.0),
        (2, "toxicity", 0.0),
    ]


def test_the_digest_cannot_be_found_by_trying_texts_without_the_secret(
    program: Program, app: Flask
) -> None:
    import hashlib

    program.suggest(saying(1, "Yes."))
    app.secret_key = "another"
    program.suggest(saying(1, "Yes."))
    one, other = (row.digest for row in kept(app))
    assert one != other
    assert hashlib.sha256(b"Yes.").hexdigest() not in (one, other)


@pytest.fixture
def told(program: Program, classifier: WordClassifier) -> Program:
    """Thirty rude texts that were rejected elsewhere, and ten that were approved."""
    for number in range(40):
        answer = program.suggest(saying(float(number < 30), f"You idiot, number {number}."))
        assert answer.status_code == 200
    return program


def test_the_desk_shows_them_apart_and_can_leave_them_out(
    told: Program, site: int, sign_in: Callable[..., Caller]
) -> None:
    caller = sign_in("ada@example.org", Role.ADMIN, site)

    def page(query: str = "") -> str:
        answer = caller.client.get(f"/console/calibration?site=news&label=toxicity{query}")
        assert answer.status_code == 200
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())

    with_them = page()
    assert "40 texts were judged by moderators elsewhere" in with_them
    assert "They count in the precision" in with_them
    assert "30 of 40 held cases" in with_them
    without = page("&outside=no")
    assert "40 texts were judged by moderators elsewhere" in without
    assert "They are left out." in without
    assert "30 of 40" not in without
    assert "elsewhere" in page("&of=reject")


def test_the_api_counts_them_apart(
    told: Program, site: int, make_key: Callable[[int, str], dict[str, str]]
) -> None:
    headers = make_key(site, "pk_ours")

    def asked(more: str = "") -> dict[str, Any]:
        path = f"/api/v1/moderation/calibration?site=news&label=toxicity&at=0.6{more}"
        answer = told.client.get(path, headers=headers)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json
        return found

    found = asked()
    assert (found["decided"], found["outside"], found["outside_counts"]) == (0, 40, True)
    assert (found["at"]["precision"]["hits"], found["at"]["precision"]["of"]) == (30, 40)
    found = asked("&outside=false")
    assert (found["decided"], found["outside"], found["outside_counts"]) == (0, 40, False)
    assert found["at"]["precision"]["missing"] == "few"
