"""A text in a language that the model cannot read: what becomes of it, and what is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

import settings
from jobs.transactions import reading
from models import Advice, Comment, Decision, Moderation, Role, Site, Status, StoredSignal
from moderation.classifier.languages import Language, detect
from moderation.policy import judge
from moderation.signals import Facts, gather
from moderation.signals.facts import Thresholds
from moderation.signals.rules import Rule
from tests.conftest import PAGE, browser_of, set_policy, status_of

FRENCH = "Je ne suis pas du tout d'accord avec vous."
RUDE_FRENCH = f"{FRENCH} Espèce d'idiot."
ENGLISH = "I do not agree with you at all."
P, H, R = Status.PUBLISHED, Status.HELD, Status.REJECTED

MakeComment = Callable[..., int]


def signals_of(session: Session, number: int) -> list[StoredSignal]:
    """The language signals of a comment."""
    query = select(StoredSignal).where(
        StoredSignal.comment_id == number, StoredSignal.kind == "language"
    )
    return list(session.scalars(query))


@pytest.mark.parametrize(
    ("text", "reads", "holds", "score", "mode", "after", "reasons"),
    [
        # Afterwards: a foreign text waits, whatever low number the model gives it.
        (FRENCH, ("en",), True, 0.0, Moderation.POST, H, ("language:fr",)),
        (FRENCH, ("en", "fr"), True, 0.0, Moderation.POST, P, ()),
        (ENGLISH, ("en",), True, 0.0, Moderation.POST, P, ()),
        (ENGLISH, ("de",), True, 0.0, Moderation.POST, H, ("language:en",)),
        # A site may prefer a note; a score over a threshold still counts.
        (FRENCH, ("en",), False, 0.0, Moderation.POST, P, ()),
        (FRENCH, ("en",), False, 0.7, Moderation.POST, H, ("score:insult",)),
        (FRENCH, ("en",), True, 0.7, Moderation.POST, H, ("score:insult", "language:fr")),
        (FRENCH, ("en",), True, 0.99, Moderation.POST, R, ("score:insult",)),
        # Before: everything waits anyway.
        (FRENCH, ("en",), True, 0.0, Moderation.PRE, H, ("language:fr", "pre-moderation")),
        (FRENCH, ("en",), False, 0.0, Moderation.PRE, H, ("pre-moderation",)),
    ],
)
def test_what_becomes_of_it(
    text: str,
    reads: tuple[str, ...],
    holds: bool,
    score: float,
    mode: Moderation,
    after: Status,
    reasons: tuple[str, ...],
):
    facts = Facts(
        text,
        {"insult": score},
        {"insult": Thresholds(0.6, 0.9)},
        language=detect(text),
        reads=reads,
        rules={"language": Rule(Advice.HOLD if holds else Advice.NOTE)},
    )
    verdict = judge(gather(facts), mode)
    assert (verdict.after, verdict.reasons) == (after, reasons)


def test_a_text_of_no_known_language_gives_no_signal():
    facts = Facts("x", {}, {}, language=Language())
    assert gather(facts) == []


def test_the_evidence_and_the_language_are_kept(app: Flask, make_comment: MakeComment):
    number = make_comment(FRENCH)
    assert status_of(app, number) == "held"
    with app.app_context(), reading() as session:
        (signal,) = signals_of(session, number)
        assert (signal.subject, signal.advice) == ("fr", Advice.HOLD)
        assert signal.evidence["language"] == "fr"
        assert signal.evidence["certainty"] == signal.value > 0.5
        assert (signal.evidence["model"], signal.evidence["reads"]) == ("words", ["en"])
        assert session.get_one(Comment, number).language == "fr"
        assert session.scalars(select(Decision)).one().reasons == ["language:fr"]


def test_a_site_that_reads_it_publishes_it(app: Flask, site: int, make_comment: MakeComment):
    set_policy(app, site, languages="en fr")
    number = make_comment(FRENCH)
    assert status_of(app, number) == "published"
    with app.app_context(), reading() as session:
        assert signals_of(session, number) == []
        assert session.get_one(Comment, number).language == "fr"


def test_a_site_that_wants_a_note_publishes_it_with_one(
    app: Flask, site: int, make_comment: MakeComment
):
    set_policy(app, site, rules={"language": ["note", 0]})
    numbers = make_comment(FRENCH), make_comment(RUDE_FRENCH)
    assert [status_of(app, number) for number in numbers] == ["published", "held"]
    with app.app_context(), reading() as session:
        assert [signals_of(session, number)[0].advice for number in numbers] == [Advice.NOTE] * 2


class TestAModelOfTheOperator:
    """The operator says what the model reads; a site still has the last word."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"PARLEY_MODEL_LANGUAGES": "fr"}

    def test_it_reads_what_it_is_said_to(
        self, app: Flask, scoring: Flask, site: int, client: FlaskClient, thread: int
    ):
        def post(text: str) -> str:
            sent = {"text": text, "author_name": "Ada"}
            answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent)
            return str(answer.json["comment"]["status"])

        assert [post(FRENCH), post(ENGLISH)] == ["published", "held"]
        set_policy(app, site, languages="en")
        again = post(f"Une fois de plus: {FRENCH}"), post(f"I say it once more: {ENGLISH}")
        assert again == ("held", "published")


def test_the_preview_says_that_a_person_looks_first(scoring: Flask, site: int, client: FlaskClient):
    def preview(text: str) -> dict[str, object]:
        sent = {"text": text, "url": PAGE}
        answer: dict[str, object] = client.post("/api/v1/preview", json=sent).json
        return answer

    french = preview(FRENCH)
    assert (french["would_hold"], french["labels"]) == (True, [])
    assert french["message"] == (
        "A moderator will look at this first: the software here does not read French."
    )
    assert preview(RUDE_FRENCH)["labels"] == ["toxicity", "insult"]
    assert preview(ENGLISH)["would_hold"] is False
    assert "does not read Chinese" in str(preview("闭嘴，白痴。")["message"])
    set_policy(scoring, site, rules={"language": ["note", 0]})
    assert preview(FRENCH)["would_hold"] is False


def test_the_desk_says_it_in_words(
    app: Flask,
    site: int,
    make_comment: MakeComment,
    sign_in_desk: FlaskClient,
):
    number = make_comment(FRENCH)
    page = sign_in_desk.get(f"/console/cases/{number}").text
    assert "Written in French; words reads English." in page
    case = sign_in_desk.get(f"/api/v1/moderation/cases/{number}").json["case"]
    assert (case["language"], case["reasons"]) == ("fr", ["language:fr"])
    set_policy(app, site, rules={"language": ["note", 0]})
    noted = make_comment(f"{FRENCH} Merci.")
    assert status_of(app, noted) == "published"
    assert (
        "Written in French; words reads English."
        in sign_in_desk.get(f"/console/cases/{noted}").text
    )


@pytest.fixture
def sign_in_desk(app: Flask, site: int, make_staff: Callable[..., int]) -> FlaskClient:
    """A moderator's browser, signed in."""
    number = make_staff("mod@example.org", Role.MODERATOR, site)
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update(browser_of(app, number))
    return client


@pytest.mark.parametrize(
    ("words", "listed"),
    [
        (["news", "en", "fr"], "languages en fr, others: hold"),
        (["news", "en,fr", "--others", "note"], "languages en fr, others: note"),
        (["news", "--others", "note"], "languages of the model, others: note"),
        (["news", "model", "--others", "hold"], "languages of the model, others: hold"),
    ],
)
def test_the_command_sets_it(app: Flask, site: int, words: list[str], listed: str):
    runner = app.test_cli_runner()
    done = runner.invoke(args=["sites", "languages", *words])
    assert done.exit_code == 0, done.output
    assert listed in runner.invoke(args=["sites", "list"]).output
    with app.app_context(), reading() as session:
        assert session.get_one(Site, site).policy_version == 2


@pytest.mark.parametrize("words", [["news"], ["news", "french"], ["nowhere", "fr"]])
def test_the_command_refuses_what_makes_no_sense(app: Flask, site: int, words: list[str]):
    assert app.test_cli_runner().invoke(args=["sites", "languages", *words]).exit_code != 0
    with app.app_context(), reading() as session:
        assert session.get_one(Site, site).policy_version == 1


@pytest.mark.parametrize("told", ["english", "en;fr", "e"])
def test_a_setting_that_names_no_languages_stops_the_start(told: str):
    with pytest.raises(SystemExit, match="PARLEY_MODEL_LANGUAGES"):
        settings.load({"PARLEY_MODEL_LANGUAGES": told})
