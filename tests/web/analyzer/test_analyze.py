"""Scores at Perspective's address: numbers, spans, thresholds, languages, and no trace."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import WordClassifier, set_policy
from tests.discussion.hostile import OWN, UNSTORABLE, corpora
from tests.web.analyzer.conftest import Program, asking, error_of, type_of

ALL = {name: {} for name in (
    "TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"
)}  # fmt: skip


def spans_of(answer: Any, attribute: str = "TOXICITY") -> list[tuple[int, int, float]]:
    """The spans of one attribute: begin, end, value."""
    found = answer.json["attributeScores"][attribute]["spanScores"]
    assert all(one["score"]["type"] == "PROBABILITY" for one in found)
    return [(one["begin"], one["end"], one["score"]["value"]) for one in found]


def in_units(text: str, begin: int, end: int) -> str:
    """What a JavaScript client cuts out of a text."""
    return text.encode("utf-16-le")[2 * begin : 2 * end].decode("utf-16-le")


def test_an_answer_has_everything_that_perspective_gave(program: Program) -> None:
    answer = program.analyze(
        asking("You idiot.", clientToken="token 7", sessionId="s", communityId="c")
    )
    assert answer.status_code == 200
    assert answer.json == {
        "attributeScores": {
            "TOXICITY": {
                "summaryScore": {"value": 0.95, "type": "PROBABILITY"},
                "spanScores": [
                    {"begin": 0, "end": 10, "score": {"value": 0.95, "type": "PROBABILITY"}}
                ],
            }
        },
        "languages": ["en"],
        "detectedLanguages": [],
        "clientToken": "token 7",
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_every_attribute_is_the_label_that_it_should_be(
    program: Program, classifier: WordClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = dict(zip(classifier.labels, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6), strict=True))
    scores = classifier._score("x")
    monkeypatch.setattr(
        classifier, "score",
        lambda texts: [type(scores)(labels, "words", "1") for _ in texts],
    )  # fmt: skip
    found = program.analyze(asking(requestedAttributes=ALL)).json["attributeScores"]
    assert {name: one["summaryScore"]["value"] for name, one in found.items()} == {
        "TOXICITY": 0.1,
        "SEVERE_TOXICITY": 0.2,
        "PROFANITY": 0.3,
        "THREAT": 0.4,
        "INSULT": 0.5,
        "IDENTITY_ATTACK": 0.6,
    }


@pytest.mark.parametrize(
    ("threshold", "is_there"), [(0, True), (0.94, True), (0.95, True), (0.951, False), ("1", False)]
)
def test_a_score_below_the_threshold_is_left_out(
    program: Program, threshold: float, is_there: bool
) -> None:
    requested = {
        "TOXICITY": {"scoreType": "PROBABILITY", "scoreThreshold": threshold},
        "THREAT": {},
    }
    found = program.analyze(asking(requestedAttributes=requested)).json["attributeScores"]
    assert ("TOXICITY" in found) == is_there
    assert found["THREAT"]["summaryScore"]["value"] == 0.01


def test_spans_below_the_threshold_are_left_out(program: Program) -> None:
    requested = {"TOXICITY": {"scoreThreshold": 0.5}}
    answer = program.analyze(
        asking("All well. You idiot.", requestedAttributes=requested, spanAnnotations=True)
    )
    assert spans_of(answer) == [(10, 20, 0.95)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("You idiot. All is well here.", ["You idiot.", "All is well here."]),
        ("😀😀 You idiot 😀. All 👩‍👩‍👧 is well.", ["😀😀 You idiot 😀.", "All 👩‍👩‍👧 is well."]),
        (
            "Z\u0351\u036b\u0343 idiot. e\u0301t it is.",
            ["Z\u0351\u036b\u0343 idiot.", "e\u0301t it is."],
        ),
        ("𝓨𝓸𝓾. You idiot", ["𝓨𝓸𝓾.", "You idiot"]),
        ("idiot\n\nfine", ["idiot", "fine"]),
    ],
)
def test_spans_are_sentences_in_utf_16_units_with_an_open_end(
    program: Program, text: str, sentences: list[str]
) -> None:
    answer = program.analyze(asking(text, spanAnnotations=True, languages=["en"]))
    found = spans_of(answer)
    assert [in_units(text, begin, end) for begin, end, _ in found] == sentences
    rude = [value > 0.9 for _, _, value in found]
    assert rude == ["idiot" in one for one in sentences]
    whole = spans_of(program.analyze(asking(text, languages=["en"])))
    assert whole == [(0, len(text.encode("utf-16-le")) // 2, 0.95)]


def test_arabic_sentences_are_told_apart_where_the_site_reads_it(
    app: Flask, site: int, program: Program
) -> None:
    set_policy(app, site, languages="ar en")
    text = "هذا مقال جيد جدا. كيف حالك اليوم؟ شكرا"
    answer = program.analyze(asking(text, spanAnnotations=True))
    parts = [in_units(text, begin, end) for begin, end, _ in spans_of(answer)]
    assert parts == ["هذا مقال جيد جدا.", "كيف حالك اليوم؟", "شكرا"]
    assert answer.json["detectedLanguages"] == ["ar"]


def test_sentences_are_scored_in_the_same_batch_as_the_whole(
    program: Program, classifier: WordClassifier
) -> None:
    classifier.batches.clear()
    program.analyze(asking("One. Two. You idiot.", spanAnnotations=True))
    assert classifier.batches == [4]
    program.analyze(asking("Only one sentence, you idiot.", spanAnnotations=True))
    program.analyze(asking("One. Two. You idiot."))
    assert classifier.batches == [4, 1, 1]


def test_very_many_sentences_are_at_most_one_batch(
    program: Program, classifier: WordClassifier
) -> None:
    classifier.batches.clear()
    answer = program.analyze(asking("Go on. " * 300, spanAnnotations=True, languages=["en"]))
    assert len(spans_of(answer)) == 31
    assert classifier.batches == [32]


def test_html_is_scored_without_its_tags_and_spans_are_in_what_was_sent(program: Program) -> None:
    sent = "<p>All 😀 well.</p><p>You id<b>i</b>ot&#33;</p>"
    body = asking(spanAnnotations=True) | {"comment": {"text": sent, "type": "HTML"}}
    answer = program.analyze(body)
    found = spans_of(answer)
    assert [in_units(sent, a, b) for a, b, _ in found] == ["All 😀 well.", "You id<b>i</b>ot&#33;"]
    assert [value for _, _, value in found] == [0.01, 0.95]
    # As plain text the tags stand between the letters.
    plain = program.analyze(asking(sent, languages=["en"]))
    assert spans_of(plain)[0][:2] == (0, len(sent) + 1)


def test_html_without_words_is_empty(program: Program) -> None:
    body = asking() | {"comment": {"text": "<p><img src=x></p>&nbsp;", "type": "HTML"}}
    assert type_of(program.analyze(body)) == "COMMENT_EMPTY"


@pytest.mark.parametrize(
    "context",
    [
        {"entries": [{"text": "Before.", "type": "PLAIN_TEXT"}]},
        {"entries": []},
        {"articleAndParentComment": {"article": {"text": "A"}, "parentComment": {"text": "B"}}},
        {},
        None,
        {"entries": [{"text": "x"}], "articleAndParentComment": None},
    ],
)
def test_a_context_is_taken_and_changes_nothing(program: Program, context: Any) -> None:
    assert program.analyze(asking(context=context)).json == program.analyze(asking()).json


def test_names_with_underscores_are_read_as_googles_json_is(program: Program) -> None:
    body = {
        "comment": {"text": "One. You idiot."},
        "requested_attributes": {"TOXICITY": {"score_threshold": "0.5"}},
        "span_annotations": True,
        "do_not_store": True,
        "client_token": "t",
    }
    answer = program.analyze(body)
    assert (answer.status_code, answer.json["clientToken"]) == (200, "t")
    assert spans_of(answer) == [(5, 15, 0.95)]


def test_the_body_is_read_whatever_kind_it_is_said_to_be(program: Program) -> None:
    sent = json.dumps(asking())
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", ""):
        assert program.analyze(data=sent, content_type=kind).status_code == 200


# --- languages ---------------------------------------------------------------------------


ITALIAN = "Sei un idiota e non capisci niente di quello che dici, vergognati davvero."


def test_what_is_detected_in_another_language_is_refused(program: Program) -> None:
    answer = program.analyze(asking(ITALIAN))
    error = error_of(answer)
    assert answer.status_code == 400
    assert error["message"] == "Attribute TOXICITY does not support request languages: it"
    assert error["details"] == [
        {
            "@type": "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
            "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            "languageNotSupportedByAttributeError": {
                "attribute": "TOXICITY",
                "detectedLanguages": ["it"],
            },
        }
    ]


def test_a_language_that_is_asked_for_counts_before_what_is_detected(program: Program) -> None:
    answer = program.analyze(asking(ITALIAN, languages=["en"]))
    assert (answer.json["languages"], answer.json["detectedLanguages"]) == (["en"], ["it"])
    error = error_of(program.analyze(asking("A fine day.", languages=["en", "it", "pt-BR"])))
    assert error["message"] == "Attribute TOXICITY does not support request languages: it, pt-BR"
    told = error["details"][0]["languageNotSupportedByAttributeError"]
    assert told == {"attribute": "TOXICITY", "requestedLanguages": ["en", "it", "pt-BR"]}


@pytest.mark.parametrize("tag", ["en", "en-US", "en_GB", "EN"])
def test_a_country_does_not_matter(program: Program, tag: str) -> None:
    assert program.analyze(asking(languages=[tag])).json["languages"] == [tag]


def test_a_site_can_say_what_its_model_reads(app: Flask, site: int, program: Program) -> None:
    set_policy(app, site, languages="en it")
    answer = program.analyze(asking(ITALIAN))
    assert (answer.json["languages"], answer.json["detectedLanguages"]) == (["it"], ["it"])


@pytest.mark.parametrize("languages", [["english"], ["e"], ["en", ""], ["en"] * 21, ["it;DROP"]])
def test_what_is_no_language_is_said(program: Program, languages: list[str]) -> None:
    assert type_of(program.analyze(asking(languages=languages))) == "INVALID_REQUEST"


def test_letters_that_the_model_cannot_read_are_not_scored(program: Program) -> None:
    answer = program.analyze(asking("Ты идиот и ничего не понимаешь в этом деле"))
    assert type_of(answer) == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"


def test_broken_detectors_refuse_what_they_should_have_told(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(text: str) -> None:
        raise RuntimeError("gone")

    monkeypatch.setattr("web.analyzer.language.detect", broken)
    assert type_of(program.analyze(asking())) == "LANGUAGE_DETECTION_FAILED"
    assert program.analyze(asking(languages=["en"])).status_code == 200


# --- nothing is kept, whatever is sent ------------------------------------------------------


def rows(database: Path) -> dict[str, list[Any]]:
    """Everything that is stored but the day of a key."""
    with closing(sqlite3.connect(database)) as link:
        names = [name for (name,) in link.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )]  # fmt: skip
        return {name: link.execute(f"SELECT * FROM {name}").fetchall()
                for name in names if name != "api_key"}  # fmt: skip


@pytest.mark.parametrize("do_not_store", [True, False])
def test_nothing_of_a_request_is_stored_or_logged(
    program: Program, tmp_path: Path, do_not_store: bool, log: StringIO
) -> None:
    before = rows(tmp_path / "parley.db")
    for body in (
        asking("Secretword, you idiot.", doNotStore=do_not_store, clientToken="Secretword"),
        asking("Secretword " + ITALIAN),
        asking("Secretword", requestedAttributes={"SPAM": {}}),
        asking("Secretword", Secretword=1),
        asking("Secretword" * 5000),
    ):
        program.analyze(body)
    assert rows(tmp_path / "parley.db") == before
    logging.getLogger("any").warning("a line that is seen")
    assert "a line that is seen" in log.getvalue()
    assert "Secretword" not in log.getvalue()
    assert program.key not in log.getvalue()


@pytest.mark.parametrize("text", [*OWN, *UNSTORABLE])
def test_hostile_texts_get_a_number_or_a_reason(program: Program, text: str) -> None:
    for kind in ("PLAIN_TEXT", "HTML"):
        body = asking(spanAnnotations=True) | {"comment": {"text": text, "type": kind}}
        answer = program.analyze(body)
        assert answer.status_code in (200, 400), answer.text
        if answer.status_code == 200:
            units = len(text.encode("utf-16-le", "surrogatepass")) // 2
            assert all(0 <= begin < end <= units for begin, end, _ in spans_of(answer))


def test_a_sample_of_the_collected_hostile_texts(program: Program) -> None:
    seen = 0
    for text in [text for texts in corpora().values() for text in texts[::100]]:
        if len(text.encode("utf-8", "surrogatepass")) > 20_480:
            continue
        for kind in ("PLAIN_TEXT", "HTML"):
            body = asking(languages=["en"], spanAnnotations=True)
            answer = program.analyze(body | {"comment": {"text": text, "type": kind}})
            assert answer.status_code == 200 or type_of(answer) == "COMMENT_EMPTY"
            seen += 1
    assert seen > 100
