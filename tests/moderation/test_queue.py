"""What a moderator sees next: orders, cursors, and what a page of it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Account, AccountKind, Appeal, Comment, ReportReason, Status, db, utcnow
from moderation import decisions, queue, reports
from moderation.errors import Invalid, NotFound
from moderation.queue import Queue, QueueOrder
from tests.conftest import LABELS, set_policy

MakeComment = Callable[..., int]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the body sends, without those that begin and end a transaction."""
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.split()[0] not in ("BEGIN", "PRAGMA"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def all_pages(
    session: Session, site: int, which: Queue, order: QueueOrder, limit: int
) -> list[int]:
    """The numbers of all cases, page by page."""
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = queue.page(session, [site], which, order, cursor, limit)
        seen += [case.comment.id for case in page.cases]
        if page.next is None:
            return seen
        assert len(page.cases) == limit
        cursor = page.next


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_every_case_comes_once_in_its_order(
    app: Flask, session: Session, site: int, make_comment: MakeComment, limit: int
):
    made = [make_comment(f"You idiot {number}.") for number in range(7)]
    risks = [0.7, 0.9, 0.9, 0.8, 0.9, 0.6, 0.7]
    with writing() as writer:
        for number, risk in zip(made, risks, strict=True):
            # Some at the very same moment: their numbers decide.
            at = utcnow() - timedelta(minutes=10 - number // 3)
            writer.execute(
                update(Comment).where(Comment.id == number).values(risk=risk, created_at=at)
            )
    oldest = all_pages(session, site, Queue.HELD, QueueOrder.OLDEST, limit)
    assert set(oldest) == set(made)
    assert len(oldest) == len(made)
    rows = [session.get_one(Comment, number) for number in oldest]
    assert [(row.created_at, row.id) for row in rows] == sorted(
        (row.created_at, row.id) for row in rows
    )
    riskiest = all_pages(session, site, Queue.HELD, QueueOrder.RISKIEST, limit)
    expected = sorted(zip(risks, made, strict=True), reverse=True)
    assert riskiest == [number for _, number in expected]
    with writing() as writer:
        for number, risk in zip(made, risks, strict=True):
            doubt, reports = abs(risk - 0.8), round(10 * risk) % 4
            writer.execute(
                update(Comment)
                .where(Comment.id == number)
                .values(doubt=doubt, open_reports=reports, report_weight=float(reports))
            )
    doubts = sorted((abs(risk - 0.8), number) for number, risk in zip(made, risks, strict=True))
    uncertain = all_pages(session, site, Queue.HELD, QueueOrder.UNCERTAIN, limit)
    assert uncertain == [number for _, number in doubts]
    reported = all_pages(session, site, Queue.HELD, QueueOrder.REPORTED, limit)
    counts = {n: round(10 * risk) % 4 for n, risk in zip(made, risks, strict=True)}
    assert reported == sorted(made, key=lambda number: (-counts[number], -number))


def test_doubt_is_how_far_the_scores_are_from_deciding_otherwise(
    app: Flask, session: Session, site: int, make_comment: MakeComment
):
    # The test's classifier gives 0.95 or 0.01, the site holds from 0.6 on.
    rude, calm = make_comment("You idiot."), make_comment("A fine day.")
    assert session.get_one(Comment, rude).doubt == pytest.approx(0.35)
    assert session.get_one(Comment, calm).doubt == pytest.approx(0.59)
    session.rollback()
    # A label just over its threshold makes one that is far over no less certain.
    set_policy(app, site, thresholds={"threat": [0.005, 1]})
    sure = make_comment("Such an idiot, once more.")
    assert session.get_one(Comment, sure).doubt == pytest.approx(0.35)
    session.rollback()
    set_policy(app, site, thresholds={label: [1, 1] for label in LABELS})
    never = make_comment("Another idiot of a day.")
    assert session.get_one(Comment, never).doubt == 1.0


def test_deciding_between_two_pages_loses_no_case(
    app: Flask, session: Session, site: int, make_comment: MakeComment
):
    made = [make_comment(f"You idiot {number}.") for number in range(6)]
    first = queue.page(session, [site], Queue.HELD, QueueOrder.OLDEST, None, 3)
    with writing() as writer:
        for case in first.cases:
            comment = writer.get_one(Comment, case.comment.id)
            decisions.decide(writer, comment, Status.REJECTED, _me())
    second = queue.page(session, [site], Queue.HELD, QueueOrder.OLDEST, first.next, 3)
    assert [case.comment.id for case in second.cases] == made[3:]


def _me() -> decisions.Actor:
    return decisions.Actor(decisions.ActorKind.STAFF, 1, "Me")


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "bnVsbA", "a" * 200, "WyJyaXNraWVzdCIsMSwxXQ"])
def test_a_cursor_of_another_list_is_refused(session: Session, site: int, cursor: str):
    with pytest.raises(Invalid):
        queue.page(session, [site], Queue.HELD, QueueOrder.OLDEST, cursor)


def test_each_queue_holds_what_its_name_says(
    app: Flask, session: Session, site: int, other_site: int, make_comment: MakeComment
):
    fine = make_comment("Nobody has to look at this one.")
    held, reported, unscored = make_comment("You idiot."), make_comment(), make_comment()
    passed_on, rejected, appealed = (
        make_comment(f"You idiot, {times}.") for times in ("once", "twice", "thrice")
    )
    with writing() as writer:
        reader = Account(kind=AccountKind.GUEST, name="Reader")
        writer.add(reader)
        writer.flush()
        reports.record(
            writer, writer.get_one(Comment, reported), reader, ReportReason.HATE, "Look."
        )
        comment = writer.get_one(Comment, unscored)
        decisions.decide(
            writer, comment, Status.UNSCORED, decisions.Actor.author(comment.author), ["edited"]
        )
        writer.get_one(Comment, passed_on).escalated = True
        decisions.decide(writer, writer.get_one(Comment, rejected), Status.REJECTED, _me())
        against = writer.get_one(Comment, appealed)
        decision = decisions.decide(writer, against, Status.REJECTED, _me())
        writer.add(
            Appeal(
                site_id=site,
                comment_id=appealed,
                decision_id=decision.id,
                account_id=against.author_id,
                text="Look again.",
            )
        )
    found = {which: all_pages(session, site, which, QueueOrder.OLDEST, 10) for which in Queue}
    assert found == {
        Queue.HELD: [held],
        Queue.REPORTED: [reported],
        Queue.APPEALED: [appealed],
        Queue.ESCALATED: [passed_on],
        Queue.UNSCORED: [unscored],
        Queue.PUBLISHED: [fine, reported],
        Queue.REJECTED: [rejected, appealed],
        Queue.ALL: [fine, held, reported, unscored, passed_on, rejected, appealed],
    }
    for which, numbers in found.items():
        for number in found[Queue.ALL]:
            there = queue.waits(session, which, session.get_one(Comment, number))
            assert there == (number in numbers), (which, number)
    assert queue.counts(session, [site]) == dict.fromkeys(queue.WAITING, 1)
    assert queue.counts(session, [other_site]) == dict.fromkeys(queue.WAITING, 0)
    assert queue.counts(session, []) == dict.fromkeys(queue.WAITING, 0)
    assert queue.page(session, [], Queue.HELD, QueueOrder.OLDEST).cases == []


def test_a_case_carries_all_that_a_moderator_decides_by(
    session: Session, site: int, make_comment: MakeComment
):
    parent = make_comment("What do you say?", name="Bob")
    number = make_comment("You idiot.", parent=parent)
    case = queue.case(session, queue.comment(session, number))
    assert case.parent is not None
    assert case.parent.id == parent
    assert {score.label for score in case.scores if score.is_over} == {"toxicity", "insult"}
    assert len(case.scores) == 6
    assert len(case.signals) == 7  # and that its author is new
    assert [decision.after for decision in case.decisions] == [Status.HELD]
    assert case.reasons == ["score:toxicity", "score:insult"]
    assert (case.author.total, case.author.counts) == (1, {Status.HELD: 1})
    with pytest.raises(NotFound):
        queue.comment(session, 999)


def test_fifty_cases_cost_as_many_queries_as_one(
    app: Flask, session: Session, site: int, make_comment: MakeComment
):
    parent = make_comment("Root.")
    counts = []
    for more in (1, 49):
        for number in range(more):
            make_comment(f"You idiot {number}.", parent=parent)
        session.rollback()
        session.expunge_all()
        with counted() as statements:
            page = queue.page(session, [site], Queue.HELD, QueueOrder.RISKIEST, None, 100)
            for case in page.cases:
                # Everything that a page shows, so that nothing is fetched late.
                assert case.comment.thread.url
                assert case.comment.author.name
                assert case.author.since
                assert case.parent is not None
                assert len(case.reasons) == 2
                assert len(case.scores) == 6
                assert {signal.kind for signal in case.signals} == {"score", "newcomer"}
                assert case.reports == []
        counts.append((len(page.cases), len(statements)))
    assert [cases for cases, _ in counts] == [1, 50]
    assert counts[0][1] == counts[1][1] <= 13
