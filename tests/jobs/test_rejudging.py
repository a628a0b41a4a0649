"""What a site decides anew counts for comments that carry the scores of today's model already."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from flask import Flask

from models import Advice, StoredSignal
from moderation import rescreening
from moderation.classifier.worst_reading import WorstReading
from moderation.signals import Facts
from tests.conftest import WordClassifier, status_of
from tests.jobs.rescoring.conftest import newest, rescore

FRENCH = "Je ne suis pas du tout d'accord avec vous."
NOTHING = "no decision of the system would be different"

MakeComment = Callable[..., int]


@pytest.fixture(autouse=True)
def as_nice_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own process keeps its rank."""
    monkeypatch.setattr(os, "nice", lambda rank: None)


@pytest.fixture
def classifier() -> WorstReading:
    """Every reading is asked about, as the application does it."""
    return WorstReading(WordClassifier())


def sites(app: Flask, *words: str) -> None:
    """What an operator types."""
    done = app.test_cli_runner().invoke(args=["sites", *words])
    assert done.exit_code == 0, done.output


def compared(app: Flask, *words: str) -> str:
    """What would be different, with nothing scored anew."""
    said = rescore(app, *words)
    assert "0 comments scored" in said
    return said


def test_disguises_are_judged_by_the_threshold_of_today(
    app: Flask, site: int, make_comment: MakeComment
):
    for label in ("toxicity", "insult"):
        sites(app, "threshold", "news", label, "1")
    number = make_comment("What an i.d.1.0.t you are.")
    assert status_of(app, number) == "published"
    assert NOTHING in compared(app)
    sites(app, "threshold", "news", "obfuscated", "0.3")
    assert "1 published would be held (obfuscated 1)" in compared(app, "--hold", "--yes")
    assert status_of(app, number) == "held"
    assert newest(app, number).reasons == ["obfuscated", "rescored"]
    sites(app, "threshold", "news", "obfuscated", "0.95")
    assert "1 held would be published (obfuscated 1" in compared(app)
    sites(app, "threshold", "news", "obfuscated", "0.3", "0.9")
    assert "1 held would be rejected (obfuscated 1" in compared(app)


@pytest.mark.parametrize("words", [["en", "fr"], ["--others", "note"]])
def test_languages_are_judged_by_what_the_site_says_today(
    app: Flask, site: int, make_comment: MakeComment, words: list[str]
):
    number = make_comment(FRENCH)
    assert NOTHING in compared(app)
    sites(app, "languages", "news", *words)
    assert "1 held would be published (language:fr 1)" in compared(app)
    sites(app, "languages", "news", "de", "--others", "hold")
    assert NOTHING in compared(app)
    assert status_of(app, number) == "held"


def test_a_note_becomes_a_reason_to_hold(app: Flask, site: int, make_comment: MakeComment):
    sites(app, "languages", "news", "--others", "note")
    number = make_comment(FRENCH)
    assert status_of(app, number) == "published"
    assert NOTHING in compared(app)
    sites(app, "languages", "news", "--others", "hold")
    assert "1 published would be held (language:fr 1)" in compared(app, "--hold", "--yes")
    assert status_of(app, number) == "held"


class TestAModelOfTheOperator:
    """What the operator says that the model reads counts where a site says nothing."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        """It reads French as well."""
        return {"PARLEY_MODEL_LANGUAGES": "en fr"}

    def test_it_counts_for_what_is_scored_already(
        self, app: Flask, site: int, make_comment: MakeComment
    ):
        # Judged before the operator said so.
        number = make_comment(FRENCH)
        assert status_of(app, number) == "held"
        assert "1 held would be published (language:fr 1)" in compared(app)
        sites(app, "languages", "news", "en")
        assert NOTHING in compared(app)


@pytest.mark.parametrize(
    ("code", "reads", "stays"),
    [
        ("fr", ("en",), True),
        ("fr", ("en", "fr"), False),
        ("zh", ("en", "ja"), True),
        ("zh", ("zh",), False),
        # Known by its letters alone: once they are read, nothing is certain any more.
        ("und-Cyrl", ("en",), True),
        ("und-Cyrl", ("en", "ru"), False),
        ("und-Arab", ("en", "ru"), True),
        # In none of the languages that were read then, and nobody knows in which.
        ("und", ("en", "fr"), True),
    ],
)
def test_what_a_stored_language_says_by_what_is_read_today(
    code: str, reads: tuple[str, ...], stays: bool
):
    stored = StoredSignal(
        kind="language", advice=Advice.NOTE, subject=code, value=0.9, threshold=0.0, evidence={}
    )
    found = rescreening._judged_now(stored, Facts("", {}, {}, reads=reads))
    assert [(one.reason, one.advice) for one in found] == (
        [(f"language:{code}", Advice.HOLD)] if stays else []
    )
