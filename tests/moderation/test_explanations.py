"""What is asked about a comment's scores, and that the answers are kept once and found again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import ActorKind, Comment, Explanation, Policy, Site
from moderation import explanations, policies, queue, screening
from moderation.classifier.explaining import Span
from moderation.decisions import SYSTEM
from moderation.explanations import Question
from tests.conftest import LABELS, WordClassifier

MakeComment = Callable[..., int]

RUDE = "You idiot."
FOUND = {"toxicity": (Span(4, 9, 1.0),), "insult": (Span(0, 3, 0.5), Span(4, 9, 1.0))}


def owed(session: Session, comment_id: int, version: str = "1") -> Question | None:
    comment = session.get_one(Comment, comment_id)
    return explanations.owed(session, comment, "words", version)


def labels_owed(session: Session, comment_id: int, version: str = "1") -> set[str]:
    question = owed(session, comment_id, version)
    return set(question.labels) if question else set()


def keep(session: Session, comment_id: int, found: dict[str, tuple[Span, ...]]) -> None:
    question = owed(session, comment_id)
    assert question is not None
    explanations.keep(session, question, found)
    session.flush()


def rescore(session: Session, comment_id: int, text: str, version: str = "1") -> None:
    comment = session.get_one(Comment, comment_id)
    classifier = WordClassifier()
    classifier.version = version
    screening.screen(session, comment, classifier.score([text])[0], comment.revision)
    session.flush()


def test_asked_is_for_what_is_over_its_threshold(
    make_comment: MakeComment, session: Session
) -> None:
    assert labels_owed(session, make_comment(RUDE)) == {"toxicity", "insult"}


def test_asked_is_for_the_highest_even_if_nothing_is_over(
    make_comment: MakeComment, session: Session
) -> None:
    assert len(labels_owed(session, make_comment("A fine day."))) == 1


def test_never_holding_is_no_threshold_to_be_over(
    make_comment: MakeComment, session: Session
) -> None:
    held = make_comment(RUDE)
    never = {"thresholds": {label: [1.0, 1.0] for label in LABELS}}
    policies.change(session, session.scalars(select(Site)).one(), never, SYSTEM)
    assert len(labels_owed(session, held)) == 1


def test_a_label_without_a_threshold_goes_by_the_usual_one(
    make_comment: MakeComment, session: Session
) -> None:
    held = make_comment(RUDE)
    bare = Policy(site_id=1, version=2, values={}, actor_kind=ActorKind.SYSTEM, actor_name="")
    session.add(bare)
    session.flush()
    assert labels_owed(session, held) == {"toxicity", "insult"}


def test_what_is_kept_is_not_asked_again_and_stands_in_the_case(
    make_comment: MakeComment, session: Session
) -> None:
    held = make_comment(RUDE)
    keep(session, held, FOUND)
    assert owed(session, held) is None
    case = queue.case(session, session.get_one(Comment, held))
    scores = {score.label: score for score in case.scores}
    assert scores["insult"].spans == FOUND["insult"]
    assert scores["insult"].is_explained
    assert (scores["threat"].spans, scores["threat"].is_explained) == ((), False)


def test_that_no_word_carries_it_is_an_answer_too(
    make_comment: MakeComment, session: Session
) -> None:
    held = make_comment(RUDE)
    keep(session, held, {"toxicity": (), "insult": ()})
    assert owed(session, held) is None


def test_two_who_asked_at_once_keep_one_answer(make_comment: MakeComment, session: Session) -> None:
    held = make_comment(RUDE)
    first, second = owed(session, held), owed(session, held)
    assert first is not None
    assert second is not None
    explanations.keep(session, first, FOUND)
    session.flush()
    explanations.keep(session, second, FOUND)
    session.flush()
    assert session.scalar(select(func.count()).select_from(Explanation)) == 2


@pytest.mark.parametrize("change", ["revision", "model"])
def test_a_new_text_and_a_new_model_are_explained_anew(
    make_comment: MakeComment, session: Session, change: str
) -> None:
    held = make_comment(RUDE)
    keep(session, held, FOUND)
    if change == "revision":
        comment = session.get_one(Comment, held)
        comment.text, comment.revision = "What an idiot.", 2
        rescore(session, held, comment.text)
        assert labels_owed(session, held) == {"toxicity", "insult"}
        case = queue.case(session, comment)
        assert not any(score.is_explained for score in case.scores)
    else:
        rescore(session, held, RUDE, version="2")
        assert labels_owed(session, held, "2") == {"toxicity", "insult"}
        assert owed(session, held, "1") is None


def test_nothing_is_asked_of_a_model_that_did_not_score_it(
    make_comment: MakeComment, session: Session
) -> None:
    assert owed(session, make_comment(RUDE), "another") is None


def test_scoring_the_same_text_again_keeps_the_answer(
    make_comment: MakeComment, session: Session
) -> None:
    held = make_comment(RUDE)
    keep(session, held, FOUND)
    rescore(session, held, RUDE)
    assert owed(session, held) is None
