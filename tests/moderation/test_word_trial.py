"""Trying word lists on comments: what counts, what is shown, how much is looked at."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from jobs.transactions import reading, writing
from models import Comment, Status, utcnow
from moderation import decisions, word_trial
from moderation.word_trial import Written

MakeComment = Callable[..., int]


def written(*texts: str) -> list[Written]:
    """Comments with these texts."""
    return [
        Written(number, "Ada", text, Status.PUBLISHED, utcnow())
        for number, text in enumerate(texts, 1)
    ]


def test_each_list_is_counted_by_itself_and_each_entry_once_a_comment() -> None:
    found = word_trial.trial(
        written("duck duck goose", "a goose", "nothing"),
        {"banned-words": ["duck", "swan"], "suspect-words": ["goose", "duck"]},
    )
    assert found.looked_at == 3
    assert found.counts == {"banned-words": 1, "suspect-words": 2}
    assert [(one.kind, one.entry, one.comments) for one in found.entries] == [
        ("suspect-words", "goose", 2),
        ("banned-words", "duck", 1),
        ("suspect-words", "duck", 1),
    ]
    assert [match.comment.id for match in found.matches] == [1, 2]
    assert found.matches[0].hits[0].found.places == ((0, 4), (5, 9))


def test_ten_comments_are_shown_and_all_are_counted() -> None:
    found = word_trial.trial(written(*["duck"] * 30), {"banned-words": ["duck"]})
    assert (found.counts["banned-words"], len(found.matches)) == (30, 10)


def test_very_long_comments_are_not_all_looked_at() -> None:
    found = word_trial.trial(written(*["duck " * 40_000] * 5), {"banned-words": ["duck"]})
    assert 0 < found.looked_at < 5
    assert found.counts["banned-words"] == found.looked_at
    assert word_trial.trial(written("duck " * 100_000), {"a": ["duck"]}).looked_at == 1


def test_nothing_to_look_for_or_in() -> None:
    assert word_trial.trial([], {"banned-words": ["duck"]}).looked_at == 0
    found = word_trial.trial(written("duck"), {"banned-words": []})
    assert (found.looked_at, found.counts, found.entries) == (1, {"banned-words": 0}, ())


def test_the_newest_are_looked_at_and_the_withdrawn_are_not(
    app: Flask, site: int, other_site: int, make_comment: MakeComment
) -> None:
    numbers = [make_comment(text) for text in ("one", "two idiot", "three", "four")]
    with app.app_context(), writing() as session:
        withdrawn = session.get_one(Comment, numbers[2])
        decisions.decide(
            session, withdrawn, Status.WITHDRAWN, decisions.Actor.author(withdrawn.author), []
        )
    with app.app_context(), reading() as session:
        found = [comment.id for comment in word_trial.recent(session, site)]
        assert word_trial.recent(session, other_site) == []
    assert found == [numbers[3], numbers[1], numbers[0]]
