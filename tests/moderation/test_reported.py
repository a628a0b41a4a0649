"""From which weight reports bring a published comment to the queue: by site, by thread, counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from jobs.transactions import reading, writing
from models import Account, AccountKind, Comment, ReportReason, Status
from moderation import queue, reported, reporters, reports
from moderation.errors import Unchanged
from moderation.queue import Queue, QueueOrder
from tests.conftest import set_policy
from tests.held import fill
from tests.moderation.test_queue import all_pages, counted

MakeComment = Callable[..., int]


def report(number: int, times: int = 1) -> None:
    """So many new readers report a comment."""
    with writing() as writer:
        for _ in range(times):
            reader = Account(kind=AccountKind.GUEST, name="Reader")
            writer.add(reader)
            writer.flush()
            comment = writer.get_one(Comment, number)
            reports.record(writer, comment, reader, ReportReason.SPAM, "")


def weigh(weights: dict[int, float]) -> None:
    """Let comments have open reports of these weights."""
    with writing() as writer:
        for number, weight in weights.items():
            row = update(Comment).where(Comment.id == number)
            writer.execute(row.values(report_weight=weight, open_reports=1 if weight else 0))


def seen(session: Session, *sites: int) -> list[int]:
    """The queue's comments, agreed on by its pages, its count and each case."""
    found = []
    for order in QueueOrder:
        found = sorted(
            number
            for page in [queue.page(session, sites, Queue.REPORTED, order)]
            for number in [case.comment.id for case in page.cases]
        )
        assert len(found) == queue.counts(session, sites)[Queue.REPORTED], order
    for number in session.query(Comment.id).where(Comment.site_id.in_(sites)):
        comment = session.get_one(Comment, number[0])
        assert queue.waits(session, Queue.REPORTED, comment) == (comment.id in found)
    session.rollback()
    return found


def test_below_the_weight_a_report_is_kept_and_waits_for_others(
    app: Flask, session: Session, site: int, make_comment: MakeComment
):
    number = make_comment()
    set_policy(app, site, reports_from=3)
    report(number, 2)
    assert seen(session, site) == []
    published = queue.page(session, [site], Queue.PUBLISHED, QueueOrder.NEWEST)
    (case,) = published.cases
    assert (len(case.reports), case.comment.report_weight) == (2, 2.0)
    session.rollback()
    report(number)
    assert seen(session, site) == [number]


def test_another_weight_counts_at_once(
    app: Flask, session: Session, site: int, make_comment: MakeComment
):
    light, heavy = make_comment("One."), make_comment("Two.")
    report(light, 1)
    report(heavy, 2)
    for bound, expected in [
        (None, [light, heavy]), (2.5, []), (2, [heavy]), (1, [light, heavy]), (5, []),
        (0, [light, heavy]),
    ]:  # fmt: skip
        if bound is not None:
            set_policy(app, site, reports_from=bound)
        assert seen(session, site) == expected, bound


@pytest.mark.parametrize("weight", [reporters.LIGHTEST, 0.7, 2.71])
def test_a_sum_of_decimals_reaches_what_it_says(
    app: Flask, session: Session, site: int, make_comment: MakeComment, weight: float
):
    number = make_comment()
    set_policy(app, site, reports_from=round(10 * weight, 6))
    weigh({number: sum([weight] * 10)})
    assert seen(session, site) == [number]
    weigh({number: sum([weight] * 10) - 0.01})
    assert seen(session, site) == []


def test_a_thread_may_ask_for_more_or_for_less(
    app: Flask, session: Session, site: int, thread: int, make_comment: MakeComment
):
    here = make_comment()
    with writing() as writer:
        (there,) = fill(writer, site, [0.1], status=Status.PUBLISHED)
    weigh({here: 2.0, there: 2.0})
    for own, whole, expected in [
        (0, 0, [here, there]), (3, 0, [there]), (3, 2, [there]), (1, 3, [here]), (2, 3, [here]),
        (3, 3, []), (0, 3, [here]), (2, 1, [here, there]),
    ]:  # fmt: skip
        with suppress(Unchanged):
            set_policy(app, site, thread, reports_from=own)
        with suppress(Unchanged):
            set_policy(app, site, reports_from=whole)
        assert seen(session, site) == expected, (own, whole)
    # Given back to its site, it decides nothing of its own.
    set_policy(app, site, thread)
    set_policy(app, site, reports_from=9)
    assert seen(session, site) == []


def test_each_site_by_its_own_weight(
    app: Flask, session: Session, site: int, other_site: int, make_comment: MakeComment
):
    with writing() as writer:
        ours = fill(writer, site, [0.1, 0.2], status=Status.PUBLISHED)
        theirs = fill(writer, other_site, [0.1, 0.2], status=Status.PUBLISHED)
    weigh(dict(zip([*ours, *theirs], [1.0, 5.0, 1.0, 5.0], strict=True)))
    assert seen(session, site, other_site) == [*ours, *theirs]
    set_policy(app, site, reports_from=2)
    assert seen(session, site, other_site) == [ours[1], *theirs]
    set_policy(app, other_site, reports_from=6)
    assert seen(session, site, other_site) == [ours[1]]
    assert seen(session, other_site) == []


@pytest.mark.parametrize("changes", [{}, {"reports_from": 2}])
def test_the_count_reads_no_rows_and_the_pages_few(
    app: Flask, session: Session, site: int, changes: dict[str, float]
):
    with writing() as writer:
        made = fill(writer, site, [0.1] * 300, status=Status.PUBLISHED)
    weigh({number: float(place % 4) for place, number in enumerate(made)})
    if changes:
        set_policy(app, site, **changes)
    with reading() as reader:
        some = reported.bounds(reader, [site]).waiting(1_001)
        plan = _plan(reader, some)
        assert "COVERING INDEX" in plan
        assert "SCAN comment" not in plan
        assert ("ix_comment_reported" in plan) is not bool(changes)
        with counted() as statements:
            queue.counts(reader, [site])
        assert len(statements) == 2
        found = queue.page(reader, [site], Queue.REPORTED, QueueOrder.REPORTED)
        assert [case.comment.report_weight for case in found.cases] == [3.0] * 20
        assert "SCAN comment" not in _plan(reader, reported.bounds(reader, [site]).listed(5_000))
    assert len(all_pages(session, site, Queue.REPORTED, QueueOrder.NEWEST, 100)) == (
        150 if changes else 225
    )


def _plan(session: Session, query: object) -> str:
    """How it goes about a query as it is sent: with its parameters."""
    sent = query.compile(  # type: ignore[attr-defined]
        session.get_bind(), compile_kwargs={"render_postcompile": True}
    )
    values = tuple(sent.params[name] for name in sent.positiontup)
    rows: Sequence[object] = (
        session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sent}", values).all()
    )
    return "\n".join(map(str, rows))
