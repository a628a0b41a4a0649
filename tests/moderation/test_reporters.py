"""What a reader's report weighs: the formula as a table, and how it is counted and put to use."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import Account, AccountKind, Comment, Report, ReportReason, Status
from moderation import decisions, reports
from moderation.decisions import Actor
from moderation.reporters import Weight, in_words, weight_here, weight_of
from tests.conftest import set_policy, status_of
from tests.flows.invariants import broken_promises

MakeComment = Callable[..., int]
SOMEBODY = Actor(decisions.ActorKind.STAFF, 1, "Mo")


@pytest.mark.parametrize(
    ("upheld", "dismissed", "weight", "told"),
    [
        # Until five were answered nobody knows.
        (0, 0, 1.0, Weight.MEDIUM),
        (4, 0, 1.0, Weight.MEDIUM),
        (0, 4, 1.0, Weight.MEDIUM),
        # As often right as wrong is as if nothing were known.
        (3, 3, 1.0, Weight.MEDIUM),
        (500, 500, 1.0, Weight.MEDIUM),
        # Right more often, and the more of them the more certainly.
        (5, 0, 2.19, Weight.HIGH),
        (20, 0, 2.71, Weight.HIGH),
        (4, 1, 1.6, Weight.HIGH),
        (3, 2, 1.17, Weight.MEDIUM),
        # Wrong more often.
        (0, 5, 0.32, Weight.LOW),
        (0, 20, 0.23, Weight.LOW),
        (1, 4, 0.5, Weight.LOW),
        # The bounds.
        (1_000_000, 0, 3.0, Weight.HIGH),
        (0, 1_000_000, 0.2, Weight.LOW),
    ],
)
def test_the_weight_of_a_report(upheld: int, dismissed: int, weight: float, told: Weight):
    assert weight_of(upheld, dismissed) == weight
    assert in_words(weight) is told


def test_one_more_that_was_right_never_weighs_less():
    for settled in range(5, 60):
        weights = [weight_of(upheld, settled - upheld) for upheld in range(settled + 1)]
        assert weights == sorted(weights)
        assert 0.2 <= weights[0] <= weights[-1] <= 3.0


@pytest.fixture
def make_known(app: Flask, make_comment: MakeComment) -> Callable[..., int]:
    """Makes a reader whose reports were answered so often; answers the number."""

    def make(upheld: int = 0, dismissed: int = 0) -> int:
        with app.app_context(), writing() as session:
            reader = Account(kind=AccountKind.GUEST, name="Reader")
            session.add(reader)
            session.flush()
            number = reader.id
        for after in [Status.REJECTED] * upheld + [Status.PUBLISHED] * dismissed:
            comment = make_comment()
            report(app, comment, number)
            with app.app_context(), writing() as session:
                decisions.decide(session, session.get_one(Comment, comment), after, SOMEBODY)
        return number

    return make


def report(app: Flask, number: int, *by: int) -> None:
    """Some readers report a comment."""
    with app.app_context(), writing() as session:
        for reader in by:
            comment = session.get_one(Comment, number)
            account = session.get_one(Account, reader)
            reports.record(session, comment, account, ReportReason.SPAM, "")


def weights(app: Flask, number: int) -> tuple[list[float], float]:
    """The weights of the reports on a comment, and what the comment says that they come to."""
    with app.app_context(), reading() as session:
        query = select(Report.weight).where(Report.comment_id == number).order_by(Report.id)
        return list(session.scalars(query)), session.get_one(Comment, number).report_weight


def test_a_report_keeps_the_weight_that_its_reader_had(
    app: Flask, make_known: Callable[..., int], make_comment: MakeComment
):
    right, wrong, new = make_known(upheld=5), make_known(dismissed=5), make_known()
    number = make_comment()
    report(app, number, right, wrong, new, right)
    assert weights(app, number) == ([2.19, 0.32, 1.0], pytest.approx(3.51))


def test_only_what_was_answered_on_this_site_counts(
    app: Flask, site: int, other_site: int, make_known: Callable[..., int]
):
    reader = make_known(upheld=5)
    with app.app_context(), reading() as session:
        assert weight_here(session, reader, site) == 2.19
        assert weight_here(session, reader, other_site) == 1.0


def test_the_weights_decide_whether_a_comment_is_hidden(
    app: Flask, make_known: Callable[..., int], make_comment: MakeComment, site: int
):
    set_policy(app, site, rules={"reports": ["hold", 4]})
    right = [make_known(upheld=5) for _ in range(2)]
    wrong = [make_known(dismissed=5) for _ in range(5)]
    harmless = make_comment()
    report(app, harmless, *wrong)
    assert status_of(app, harmless) == "published", "five who were mostly wrong weigh 1.6"
    bad = make_comment()
    report(app, bad, *right)
    assert status_of(app, bad) == "held", "two who were mostly right weigh 4.38"


def test_a_site_may_leave_it_in_the_thread_until_somebody_looked(
    app: Flask, make_known: Callable[..., int], make_comment: MakeComment, site: int
):
    set_policy(app, site, rules={"reports": ["note", 1]})
    reader = make_known()
    number = make_comment()
    report(app, number, reader)
    assert status_of(app, number) == "published"
    assert weights(app, number) == ([1.0], 1.0)


def test_the_staff_is_not_silenced_by_reports(
    app: Flask, make_known: Callable[..., int], make_comment: MakeComment, site: int
):
    set_policy(app, site, rules={"reports": ["hold", 1]})
    reader, number, other = make_known(), make_comment(), make_comment()
    with app.app_context(), writing() as session:
        session.get_one(Comment, number).by_staff = True
    report(app, number, reader)
    report(app, other, reader)
    assert (status_of(app, number), status_of(app, other)) == ("published", "held")


def test_answering_and_taking_back_keep_the_sum(
    app: Flask, make_known: Callable[..., int], make_comment: MakeComment, tmp_path
):
    right, wrong = make_known(upheld=5), make_known(dismissed=5)
    number = make_comment()
    report(app, number, right, wrong)
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        made = decisions.decide(session, comment, Status.PUBLISHED, SOMEBODY).id
    assert weights(app, number)[1] == 0.0
    with app.app_context(), writing() as session:
        decisions.undo(session, session.get_one(decisions.Decision, made), SOMEBODY)
    assert weights(app, number)[1] == pytest.approx(2.51)
    assert broken_promises(tmp_path / "parley.db") == []
