"""The marked words on a case's page: which view is shown, that text stays text, what is said."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models import Role, StoredSignal
from moderation.cases import LabelScore
from moderation.classifier.explaining import Span
from tests.conftest import set_policy
from tests.web.conftest import Caller
from web.console.listed import Place, entries, places
from web.console.marks import LISTS, Piece, chosen, marked, views

RUDE = "<b>You</b> idiot & *friend* 😀 idiot!"

MakeComment = Callable[..., int]


def score(label: str, value: float, *spans: Span, hold: float = 0.5) -> LabelScore:
    """A score that has been explained."""
    return LabelScore(label, value, hold, 1.0, "words 1", spans, True)


def test_a_text_is_cut_at_its_spans() -> None:
    text = "😀 You idiot, you fool"
    found = marked(text, score("insult", 0.9, Span(6, 11, 1.0), Span(17, 21, 0.62)))
    assert found.pieces == [
        Piece("😀 You "),
        Piece("idiot", 4, 1.0),
        Piece(", you "),
        Piece("fool", 2, 0.62),
    ]
    assert "".join(piece.text for piece in found.pieces) == text
    assert [piece.text for piece in found.heaviest_first] == ["idiot", "fool"]


@pytest.mark.parametrize(
    ("weight", "step"), [(0.05, 1), (0.5, 1), (0.6, 2), (0.8, 3), (0.9, 4), (1.0, 4)]
)
def test_heavier_words_are_marked_more_strongly(weight: float, step: int) -> None:
    (piece,) = marked("fool", score("insult", 0.9, Span(0, 4, weight))).pieces
    assert piece.step == step


def test_the_label_furthest_over_its_threshold_is_shown_first() -> None:
    span = Span(0, 1, 1.0)
    found = views(
        "ab", [score("insult", 0.9, span, hold=0.8), score("threat", 0.6, span, hold=0.3)]
    )
    assert chosen(found, None) == "threat"
    assert chosen(found, "insult") == "insult"
    assert chosen(found, "nonsense") == "threat"
    assert chosen(found, "") == ""
    assert chosen({}, None) == ""


def test_a_label_that_no_words_carry_has_no_view() -> None:
    assert views("ab", [score("insult", 0.9)]) == {}


def test_what_is_on_a_list_is_marked_beside_what_carries_the_score() -> None:
    text = "You idiot clown"
    hits = [Place(0, 3, "suspect"), Place(4, 15, "banned")]
    found = views(text, [score("insult", 0.9, Span(4, 9, 1.0), hold=0.8)], hits)
    assert list(found) == ["insult", LISTS]
    assert found["insult"].pieces == [
        Piece("You", listed="suspect"),
        Piece(" "),
        Piece("idiot", 4, 1.0, "banned"),
        Piece(" clown", listed="banned"),
    ]
    assert [piece.step for piece in found[LISTS].pieces] == [0, 0, 0]
    assert chosen(found, None) == "insult"
    # A score that holds nothing says less than a word that somebody put on a list.
    below = views(text, [score("insult", 0.2, Span(4, 9, 1.0), hold=0.8)], hits)
    assert chosen(below, None) == LISTS


def test_places_never_stand_over_each_other() -> None:
    signals = [
        StoredSignal(kind="suspect-words", subject="ab", evidence={"places": [[0, 2], [4, 6]]}),
        StoredSignal(kind="banned-words", subject="bc", evidence={"places": [[1, 3], [90, 99]]}),
        StoredSignal(kind="banned-words", subject="x", evidence={"places": []}),
        StoredSignal(kind="long", subject="", evidence={"places": [[0, 1]]}),
    ]
    assert places("abcdef", signals) == [Place(1, 3, "banned"), Place(4, 6, "suspect")]
    assert entries(signals) == {"suspect": ["ab"], "banned": ["bc"]}


@pytest.fixture
def desk(site: int, sign_in: Callable[..., Caller]) -> FlaskClient:
    """A moderator of the site, signed in."""
    return sign_in("mod@example.org", Role.MODERATOR, site).client


def shown(page: str) -> list[str]:
    """The views that are not hidden."""
    return re.findall(r'<div class="view" data-view="([a-z_]*)">', page)


def test_the_page_marks_the_words_as_they_were_written(
    scoring: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    page = desk.get(f"/console/cases/{make_comment(RUDE)}").text
    assert shown(page) in (["toxicity"], ["insult"])
    assert page.count('<mark class="step-4"') == 2 * 2
    assert "&lt;b&gt;You&lt;/b&gt; <mark" in page
    assert "*friend* 😀 <mark" in page
    assert "<b>You" not in page
    assert " style=" not in page
    assert 'data-explained="yes"' in page
    assert "the heaviest first: “idiot”, “idiot”." in page


@pytest.mark.parametrize("view", ["insult", "toxicity", ""])
def test_the_view_can_be_chosen_by_address(
    scoring: Flask, desk: FlaskClient, make_comment: MakeComment, view: str
) -> None:
    held = make_comment(RUDE)
    page = desk.get(f"/console/cases/{held}?view={view}").text
    assert shown(page) == [view]
    current = re.findall(r'data-shows="([a-z]+)" aria-current="true"', page)
    assert current == ([view] if view else [])
    assert f"/console/cases/{held}?view=insult" in page


def test_the_queue_shows_what_is_known(
    scoring: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    held = make_comment(RUDE)
    page = desk.get("/console/").text
    assert 'data-explained="no"' in page
    assert "<mark" not in page
    assert "once the model" not in page
    desk.get(f"/console/cases/{held}")
    page = desk.get("/console/").text
    assert 'data-explained="yes"' in page
    assert "<mark" in page


def test_without_a_model_the_page_says_so_quietly(
    app: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    page = desk.get(f"/console/cases/{make_comment(RUDE)}").text
    assert shown(page) == [""]
    assert "once the model that gave these scores is at work" in page


def test_that_no_words_carry_the_score_is_said(
    scoring: Flask, desk: FlaskClient, make_comment: MakeComment
) -> None:
    page = desk.get(f"/console/cases/{make_comment('A fine day.')}").text
    assert "No single words carry the score." in page


def test_words_on_a_list_are_boxed_and_named(
    app: Flask, site: int, desk: FlaskClient, make_comment: MakeComment
) -> None:
    set_policy(app, site, suspect_words=["clown"])
    page = desk.get(f"/console/cases/{make_comment('What a clown, <i>really</i>.')}").text
    assert shown(page) == [LISTS]
    assert '<mark class="listed suspect" title="On this site&#39;s list' in page.replace(
        "site's", "site&#39;s"
    )
    assert "Boxed: on the list of suspect words" in page
    assert "&lt;i&gt;really" in page
