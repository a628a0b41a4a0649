"""What each filter of a queue finds and leaves out, and that paging visits every case once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Comment, Thread, utcnow
from moderation import looking, queue
from moderation.errors import Invalid
from moderation.filters import Filter
from moderation.queue import Queue, QueueOrder
from tests.moderation.test_queue import counted

TEXTS = ("You idiot of a river", "Idiot bridge", "A fine river", "A fine bridge, no river", "Tea")


@pytest.fixture
def made(app: Flask, thread: int, make_comment: Callable[..., int]) -> list[int]:
    """Five comments by five authors; the first two are held, the second is old and French."""
    numbers = [make_comment(text, name=f"Author{place}") for place, text in enumerate(TEXTS)]
    with app.app_context(), writing() as session:
        session.get_one(Thread, thread).section = "sport"
        old = session.get_one(Comment, numbers[1])
        old.created_at, old.language = utcnow() - timedelta(days=9), "fr"
    return numbers


_WEEK = timedelta(days=7)
# The filter, and the places in TEXTS of what it finds among all comments.
FOUND: tuple[tuple[dict[str, Any], set[int]], ...] = (
    ({}, {0, 1, 2, 3, 4}),
    ({"words": "river"}, {0, 2, 3}),
    ({"words": "RIVER fine"}, {2, 3}),
    ({"words": '"fine river"'}, {2}),
    ({"words": "fine -bridge"}, {2}),
    ({"words": "bri*"}, {1, 3}),
    ({"words": "bri* riv*"}, {3}),
    ({"words": "riv* -bri*"}, {0, 2}),
    ({"words": "riv*", "label": "insult", "least": 0.9}, {0}),
    ({"words": "Author4"}, {4}),
    ({"words": "absent"}, set()),
    ({"section": "sport"}, {0, 1, 2, 3, 4}),
    ({"section": "politics"}, set()),
    ({"label": "insult", "least": 0.9}, {0, 1}),
    ({"label": "insult", "most": 0.5}, {2, 3, 4}),
    ({"label": "threat", "least": 0.9}, set()),
    ({"least": 0.9}, {0, 1}),
    ({"signal": "score"}, {0, 1, 2, 3, 4}),
    ({"signal": "links"}, set()),
    ({"language": "fr"}, {1}),
    ({"since": _WEEK}, {0, 2, 3, 4}),
    ({"until": _WEEK}, {1}),
    ({"thread_id": 1}, {0, 1, 2, 3, 4}),
    ({"thread_id": 99}, set()),
    ({"words": "river", "label": "insult", "least": 0.9}, {0}),
)

# Words by how they begin are read, or looked up if too few of the first have any.
_CASES = [
    pytest.param(asked, expected, common, id=f"{asked}-{common}")
    for asked, expected in FOUND
    for common in ((0, 1, 100) if "*" in asked.get("words", "") else (0,))
]


@pytest.mark.parametrize("window", [1, 2, 5_000])
@pytest.mark.parametrize(("asked", "expected", "common"), _CASES)
def test_each_filter_finds_and_paging_visits_every_case_once(
    session: Session,
    site: int,
    made: list[int],
    monkeypatch: pytest.MonkeyPatch,
    asked: dict[str, Any],
    expected: set[int],
    window: int,
    common: int,
) -> None:
    # Small windows are those of a large table; what counts as common is read, the rest looked up.
    monkeypatch.setattr(looking, "_AT_A_TIME", 1)
    monkeypatch.setattr(looking, "_COMMON", common)
    monkeypatch.setattr(looking, "WINDOW", window)
    monkeypatch.setattr(looking, "WITH_WORDS", window)
    times = {
        name: utcnow() - value for name, value in asked.items() if isinstance(value, timedelta)
    }
    wanted = Filter(**{**asked, **times})
    for which, among in ((Queue.ALL, {0, 1, 2, 3, 4}), (Queue.HELD, {0, 1})):
        for order in QueueOrder:
            seen, cursor, pages = [], None, 0
            while True:
                page = queue.page(session, [site], which, order, cursor, 2, wanted)
                seen += [case.comment.id for case in page.cases]
                pages, cursor = pages + 1, page.next
                if cursor is None:
                    break
            assert pages <= 12
            assert sorted(seen) == sorted(made[place] for place in expected & among), order


def test_nothing_of_another_site_is_found(
    session: Session, site: int, other_site: int, made: list[int]
) -> None:
    author = session.get_one(Comment, made[0]).author_id
    for wanted in (Filter(words="river"), Filter(author_id=author), Filter(thread_id=1)):
        assert queue.page(session, [site], Queue.ALL, QueueOrder.NEWEST, None, 9, wanted).cases
        there = queue.page(session, [other_site], Queue.ALL, QueueOrder.NEWEST, None, 9, wanted)
        assert there.cases == []


def test_an_author_and_signs_alone(session: Session, site: int, made: list[int]) -> None:
    author = session.get_one(Comment, made[2]).author_id
    page = queue.page(
        session, [site], Queue.ALL, QueueOrder.NEWEST, None, 9, Filter(author_id=author)
    )
    assert [case.comment.id for case in page.cases] == [made[2]]
    with pytest.raises(Invalid):
        queue.page(session, [site], Queue.ALL, QueueOrder.NEWEST, None, 9, Filter(words="!?"))


def test_filters_cost_as_many_queries_for_many_as_for_one(
    session: Session, site: int, make_comment: Callable[..., int]
) -> None:
    costs = []
    for more in (1, 19):
        for number in range(more):
            make_comment(f"Idiot river {number}")
        session.rollback()
        session.expunge_all()
        with counted() as statements:
            wanted = Filter(words="river", least=0.5, section="")
            queue.page(session, [site], Queue.HELD, QueueOrder.RISKIEST, None, 50, wanted)
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 16


def test_what_is_read_is_what_the_index_finds(
    session: Session, site: int, make_comment: Callable[..., int]
) -> None:
    texts = (
        "Café society", "CAFETERIA", "decaf", "cafe\u0301s", "the ca-fe", "caf\u00e9_bar",
        "\u017fcarf and scarves", "\u0130stanbul, istanbul, \u0131stanbul",
        "кафе Кафель", "猫カフェ猫", "Straße strasse",
    )  # fmt: skip
    for place, text in enumerate(texts):
        make_comment(text, name=f"Cafer {place}" if place % 3 == 0 else f"Ann {place}")
    rows = [
        (one.id, one.author_name, one.text)
        for one in session.scalars(select(Comment).order_by("id"))
    ]
    asked = (
        "caf*",
        "scar*",
        "ist*",
        "каф*",
        "猫カ*",
        "stra*",
        "café*",
        "caf* -bar",
        '"cafe society"',
    )
    for words in asked:
        by_index, _ = Filter(words=words).narrowest(session, [site])[0]
        read = Filter(words=words).found_among(session, rows)
        assert read == set(session.scalars(by_index)), words
        assert read, words


def test_a_common_beginning_is_not_looked_up_and_nothing_is_looked_up_twice(
    session: Session, site: int, make_comment: Callable[..., int]
) -> None:
    numbers = [make_comment(f"A river {number}") for number in range(7)]
    make_comment("Tea")

    def looked_up(words: str) -> int:
        with counted() as statements:
            page = queue.page(
                session, [site], Queue.ALL, QueueOrder.NEWEST, None, 3, Filter(words=words)
            )
        assert page.cases
        return sum(one.count("MATCH") for one in statements)

    assert looked_up("riv*") == 0
    assert looked_up("tea*") == looked_up('"a river"') == looked_up("river") == 1
    page = queue.page(session, [site], Queue.ALL, QueueOrder.NEWEST, None, 3, Filter(words="riv*"))
    assert [case.comment.id for case in page.cases] == numbers[:-4:-1]
    assert page.next
    assert not page.looked_at
