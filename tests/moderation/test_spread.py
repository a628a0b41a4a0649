"""The spread of a queue's scores: every comment in one bar, ranges as filters mean them, bounds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Comment, Score, Status
from moderation import spread
from moderation.errors import Invalid
from moderation.filters import Filter
from moderation.spread import Spread
from tests.held import fill

SCORES = [0.0, 0.024, 0.025, 0.3, 0.5, 0.799, 0.8, 0.9, 0.975, 1.0, None]
INSULT = Filter(label="insult")


@pytest.fixture
def filled(app: Flask, site: int) -> list[int]:
    """A held comment for each of SCORES; their numbers."""
    with app.app_context(), writing() as made:
        return fill(made, site, SCORES)


def read(session: Session, site: int, wanted: Filter = INSULT) -> Spread:
    """What is held."""
    return spread.read(session, site, Status.HELD, wanted)


def test_every_scored_comment_stands_in_one_bar(session: Session, site: int, filled: list[int]):
    found = read(session, site)
    bars = found.bars()
    assert len(bars) == 40
    assert {place: count for place, count in enumerate(bars) if count} == {
        0: 2, 1: 1, 12: 1, 20: 1, 31: 1, 32: 1, 36: 1, 39: 2,
    }  # fmt: skip
    assert (sum(bars), found.unscored, found.total) == (10, [filled[-1]], 11)


@pytest.mark.parametrize(
    ("least", "most", "places"),
    [
        (0.8, 1.0, [6, 7, 8, 9]),
        (0.8, 0.9, [6, 7]),
        (0.81, 0.89, []),
        (0.0, 0.02, [0]),
        # All of them, as a filter without a range leaves nothing out.
        (0.0, 1.0, list(range(11))),
    ],
)
def test_both_ends_are_in_the_range_as_for_a_filter(
    session: Session, site: int, filled: list[int], least: float, most: float, places: list[int]
):
    found = read(session, site)
    expected = [filled[place] for place in places]
    assert found.within(least, most) == expected
    assert found.count(least, most) == len(expected)
    below, upto = found.edges()
    if (least, most) != (0.0, 1.0):
        assert upto[round(most * 100)] - below[round(least * 100)] == len(expected)
    assert set(_filtered(session, Filter(label="insult", least=least, most=most))) == set(expected)


def _filtered(session: Session, wanted: Filter) -> Sequence[int]:
    among = select(Comment.id).cte("among")
    return session.scalars(
        select(Comment.id).where(*wanted.clauses(session, [1], among), Comment.status == "held")
    ).all()


def test_of_two_models_the_higher_score_counts(
    app: Flask, session: Session, site: int, filled: list[int]
):
    with writing() as made:
        made.add(
            Score(
                comment_id=filled[3],
                revision=1,
                label="insult",
                value=0.95,
                model_name="words",
                model_version="2",
            )
        )
    assert filled[3] in read(session, site).within(0.9, 1.0)
    assert filled[3] not in read(session, site).within(0.2, 0.4)
    assert filled[3] in _filtered(session, Filter(label="insult", least=0.9))
    assert filled[3] not in _filtered(session, Filter(label="insult", least=0.2, most=0.4))


def test_a_sample_is_of_the_range_and_changes(app: Flask, session: Session, site: int):
    with writing() as made:
        numbers = fill(made, site, [place / 200 for place in range(200)])
    found = read(session, site)
    seen = [tuple(found.sample(0.5, 1.0, 10)) for _ in range(5)]
    assert all(len(set(one)) == 10 for one in seen)
    assert set().union(*seen) <= set(numbers[100:])
    assert len(set(seen)) > 1
    assert sorted(found.sample(0.98, 1.0, 10)) == numbers[196:]


def test_only_the_newest_are_looked_at_and_it_says_so(
    session: Session, site: int, filled: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spread, "MOST", 4)
    found = read(session, site)
    assert {*found.unscored, *(number for number, _ in found.scores)} == set(filled[-4:])
    oldest = session.get_one(Comment, filled[-4]).created_at
    assert (found.since, found.most) == (oldest, 4)
    # A batch bounded so is about the same ones, and only about those.
    assert found.bounded(INSULT).since == oldest
    assert read(session, site, found.bounded(INSULT)).total == 4
    assert read(session, site, found.bounded(INSULT)).since is None
    monkeypatch.setattr(spread, "MOST", 11)
    assert read(session, site).since is None


def test_an_old_age_begins_the_window_there(
    session: Session, site: int, filled: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spread, "MOST", 3)
    until = session.get_one(Comment, filled[3]).created_at
    found = read(session, site, Filter(label="insult", until=until))
    assert sorted(number for number, _ in found.scores) == filled[:3]


def test_others_are_left_out(
    app: Flask, session: Session, site: int, other_site: int, filled: list[int]
):
    with writing() as made:
        fill(made, other_site, [0.5])
        fill(made, site, [0.5], status=Status.PUBLISHED)
        made.execute(update(Comment).where(Comment.id == filled[4]).values(escalated=True))
    assert read(session, site).total == 10
    assert spread.read(session, site, Status.PUBLISHED, INSULT).total == 1


def test_words_and_authors_are_found_by_themselves(
    app: Flask, session: Session, site: int, filled: list[int], monkeypatch: pytest.MonkeyPatch
):
    with writing() as made:
        tea = fill(made, site, [0.7, 0.9], text="Buy tea")
    monkeypatch.setattr(spread, "MOST", 3)
    found = read(session, site, Filter(label="insult", words="tea"))
    assert ([number for number, _ in found.scores], found.since) == (tea, None)
    author = session.get_one(Comment, tea[0]).author_id
    assert read(session, site, Filter(label="insult", author_id=author)).total == 2
    with pytest.raises(Invalid):
        read(session, site, Filter(words="!!!"))
