"""The desk on a real PostgreSQL: filters, claims, figures, the API's lists, the sealed record."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jobs.transactions import reading, writing, written
from models import Comment, Role, Status, db, utcnow
from moderation import claims, queue
from moderation.filters import Filter
from moderation.queue import Queue, QueueOrder
from tests.conftest import set_policy
from tests.held import fill
from tests.web.conftest import Caller

MakeComment = Callable[..., int]


def test_filters_find_what_fits(app: Flask, site: int, make_comment: MakeComment):
    rude, fine = make_comment("You idiot, by the river."), make_comment("A fine day.", "Bob")
    day = timedelta(days=1)
    with app.app_context(), reading() as session:
        author = queue.comment(session, fine).author_id
        for wanted, expected in (
            (Filter(words="river"), [rude]),
            (Filter(words="day -river", language=""), [fine]),
            (Filter(label="insult", least=0.6), [rude]),
            (Filter(most=0.5), [fine]),
            (Filter(signal="score", label="toxicity", least=0.6), [rude]),
            (Filter(author_id=author), [fine]),
            (Filter(thread_id=1, since=utcnow() - day), [rude, fine]),
            (Filter(until=utcnow() - day), []),
            (Filter(section="sport"), []),
        ):
            page = queue.page(session, [site], Queue.ALL, QueueOrder.OLDEST, None, 9, wanted)
            assert [case.comment.id for case in page.cases] == expected, wanted
        assert queue.counts(session, [site])[Queue.HELD] == 1


def test_of_two_who_take_a_case_at_once_one_has_it(
    app: Flask, site: int, make_comment: MakeComment, make_staff: Callable[..., int]
):
    number = make_comment("You idiot.")
    staff = [make_staff(f"{name}@example.org", Role.MODERATOR, site) for name in ("ann", "bob")]
    barrier = threading.Barrier(2)

    def take(account_id: int) -> list[int]:
        with app.app_context():
            barrier.wait(20)
            return written(lambda session: claims.take(session, [number], account_id)).mine

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, staff)) == [[], [number]]


@pytest.mark.parametrize("table", ["decision", "policy"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET created_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_record_stays(app: Flask, make_comment: MakeComment, table: str, statement: str):
    make_comment("You idiot.")
    with app.app_context(), pytest.raises(DBAPIError, match=table), writing() as session:
        session.execute(text(statement.format(table)))
    with app.app_context():
        assert db.session.scalar(text(f"SELECT count(*) FROM {table}"))


def test_pages_and_lists_say_what_is_there(
    app: Flask, site: int, make_comment: MakeComment, sign_in: Callable[..., Caller]
):
    number = make_comment("You idiot, by the river.")
    desk = sign_in("ann@example.org", Role.ADMIN, site).client
    for address, said in (
        ("/console/?state=all&words=river&label=insult&least=0.5&age=day", "by the river"),
        (f"/console/cases/{number}", "by the river"),
        ("/console/insight", "Insight"),
        ("/console/log?act=decisions", "Parley"),
        ("/console/calibration?site=news", "Calibration"),
        ("/console/counts", '"held":"1"'),
        ("/api/v1/moderation/queue?state=held&words=river", "by the river"),
        ("/api/v1/moderation/batches?site=news", "batches"),
        ("/api/v1/moderation/insight", "held"),
    ):
        answer = desk.get(address)
        assert answer.status_code == 200, (address, answer.text[:200])
        assert said in answer.text, address


def test_reports_bring_a_comment_to_the_queue_by_their_weight(
    app: Flask, site: int, other_site: int, thread: int
):
    with app.app_context(), writing() as session:
        numbers = fill(session, site, [0.1, 0.1], status=Status.PUBLISHED)
        numbers += fill(session, other_site, [0.1], status=Status.PUBLISHED)
        for number, weight in zip(numbers, (1.0, 3.0, 1.0), strict=True):
            comment = session.get_one(Comment, number)
            comment.open_reports, comment.report_weight = 1, weight
    for change, expected in (
        ({}, numbers),
        ({"reports_from": 2}, numbers[1:]),
        ({"reports_from": 3, "nudges": False}, numbers[1:]),
    ):
        if change:
            set_policy(app, site, **change)
        with app.app_context(), reading() as session:
            found = queue.page(session, [site, other_site], Queue.REPORTED, QueueOrder.OLDEST)
            assert sorted(case.comment.id for case in found.cases) == expected
            counts = queue.counts(session, [site, other_site])
            assert counts[Queue.REPORTED] == len(expected)
    set_policy(app, site, thread, reports_from=1)
    with app.app_context(), reading() as session:
        assert queue.counts(session, [site, other_site])[Queue.REPORTED] == 2
