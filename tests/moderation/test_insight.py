"""Figures against histories whose answers are known, and nobody's figures but those one may see."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from models import AppealState, Status, db
from moderation import insight
from moderation.errors import Invalid
from moderation.insight import Figures, Insight, Viewer
from moderation.periods import MOST_DAYS, last_days, last_weeks, period
from moderation.waits import Wait
from tests.moderation.histories import ANNA, BERT, MONDAY, ROBOT, History

P, H, R = Status.PUBLISHED, Status.HELD, Status.REJECTED
WEEK = period(date(2026, 3, 2), date(2026, 3, 8))


def day(number: int) -> datetime:
    """Ten o'clock, so many days after the Monday."""
    return MONDAY + timedelta(days=number)


def look(session: Session, *sites: int, viewer: Viewer | None = None, at: Any = WEEK) -> Insight:
    """The figures as a senior of all the sites sees them."""
    return insight.read(session, sites, at, viewer or Viewer(ANNA, frozenset(sites)))


def write(session: Session, site: int) -> History:
    """A week whose every number is known."""
    told = History(session, site)
    for number in range(3):
        told.decide(told.comment(day(0)), P, day(0), reasons=[])
        told.decide(told.comment(day(number)), R, day(number), reasons=["banned-words:tea"])
    for minutes in (1, 2, 3, 4, 5, 6, 7, 8, 9):
        told.held_then(P, day(0), minutes, ANNA)
    told.held_then(R, day(1), 60, BERT, ["spam", "insult"])
    wrong = told.held_then(R, day(1), 30, BERT, ["spam"])
    told.undo(wrong, day(2), ANNA)
    hard = told.held_then(R, day(2), 120, ROBOT, ["hate"])
    told.appeal(hard, AppealState.GRANTED)
    fair = told.held_then(R, day(2), 240, ROBOT, ["hate"])
    told.appeal(fair, AppealState.DENIED)
    # Reported while public: a decision, though nothing waited.
    reported = told.comment(day(3))
    told.decide(reported, P, day(3))
    told.decide(reported, R, day(4), ANNA, ["spam"])
    # Decided before it was scored: it waited from the moment it was written.
    told.decide(told.comment(day(5)), P, day(5) + timedelta(seconds=90), BERT)
    # Outside.
    told.held_then(R, day(-1), 5, ANNA, ["other"])
    told.held_then(R, day(7), 5, ANNA, ["other"])
    return told


def test_a_known_week(session: Session, site: int):
    write(session, site)
    found = look(session, site)
    assert found.total == Figures(
        written=21,
        released=4,
        held=13,
        refused=3,
        approved=10,
        rejected=5,
        undone=1,
        overturned=1,
        # 60, 90, 120, 180 … 540 seconds, and 3,600, 7,200, 14,400: thirteen.
        wait=Wait(13, 360, 7200),
    )
    assert (found.total.automatic, found.total.human) == (20, 15)
    assert found.sites == {site: found.total}
    assert found.why_held == (("score:insult", 13),)
    assert found.why_rejected == (("spam", 3), ("hate", 2), ("insult", 1))


@pytest.mark.parametrize(
    ("step", "written", "human", "wait"),
    [
        (0, 13, 9, Wait(9, 300, 540)),
        (1, 3, 2, Wait(1, 3600, 3600)),
        (2, 3, 2, Wait(2, 7200, 14400)),
        (3, 1, 0, Wait()),
        (4, 0, 1, Wait()),
        (5, 1, 1, Wait(1, 90, 90)),
        (6, 0, 0, Wait()),
    ],
)
def test_its_days(session: Session, site: int, step: int, written: int, human: int, wait: Wait):
    write(session, site)
    found = look(session, site).steps
    assert len(found) == 7
    assert (found[step].written, found[step].human, found[step].wait) == (written, human, wait)


@pytest.mark.parametrize(
    ("name", "approved", "rejected", "undone", "overturned", "wait"),
    [
        ("Anna", 9, 1, 0, 0, Wait(9, 300, 540)),
        ("Bert", 1, 2, 1, 0, Wait(2, 90, 3600)),
        ("Robot", 0, 2, 0, 1, Wait(2, 7200, 14400)),
    ],
)
def test_its_people(
    session: Session,
    site: int,
    name: str,
    approved: int,
    rejected: int,
    undone: int,
    overturned: int,
    wait: Wait,
):
    write(session, site)
    people = {one.name: one.figures for one in look(session, site).people}
    assert people[name] == Figures(
        approved=approved, rejected=rejected, undone=undone, overturned=overturned, wait=wait
    )


def test_steps_sites_and_people_add_up(session: Session, site: int, other_site: int):
    write(session, site)
    write(session, other_site)
    found = look(session, site, other_site, at=period(date(2026, 2, 20), date(2026, 3, 20), "week"))
    for part in (found.steps, found.sites.values()):
        for name in ("written", "released", "held", "refused", "approved", "rejected", "undone"):
            assert sum(getattr(one, name) for one in part) == getattr(found.total, name), name
        assert sum(one.wait.count for one in part) == found.total.wait.count
    assert sum(one.figures.human for one in found.people) == found.total.human


def test_a_site_knows_nothing_of_another(session: Session, site: int, other_site: int):
    write(session, other_site)
    found = look(session, site)
    assert found.is_empty
    assert found.total == Figures()
    assert not found.people + found.why_held + found.why_rejected


@pytest.mark.parametrize(
    ("viewer", "names"),
    [
        (lambda here, there: Viewer(ANNA, frozenset({here, there})), {"Anna": 20, "Bert": 6}),
        (lambda here, there: Viewer(ANNA, frozenset({here})), {"Anna": 20, "Bert": 3}),
        (lambda here, there: Viewer(ANNA, frozenset()), {"Anna": 20}),
        (lambda here, there: Viewer(BERT, frozenset()), {"Bert": 6}),
        (lambda here, there: Viewer(ROBOT, frozenset()), {"Robot": 4}),
    ],
    ids=["all", "one site", "moderator", "another", "program"],
)
def test_whose_figures_one_sees(
    session: Session, site: int, other_site: int, viewer: Any, names: dict[str, int]
):
    write(session, site)
    write(session, other_site)
    found = look(session, site, other_site, viewer=viewer(site, other_site))
    shown = {one.name: one.figures for one in found.people}
    for name, human in names.items():
        assert shown[name].human == human
    if "Bert" not in names:
        assert set(shown) == set(names)
    # Of others not even how long they took; the whole is the same for everyone.
    assert all(figures.wait.count for figures in shown.values())
    assert found.total.human == 30


def test_a_day_is_one_of_utc(session: Session, site: int):
    told = History(session, site)
    for moment in ("2026-03-01T23:59:59", "2026-03-02T00:00:00", "2026-03-08T23:59:59"):
        told.comment(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    told.comment(datetime(2026, 3, 9, tzinfo=UTC))
    assert [one.written for one in look(session, site).steps] == [1, 0, 0, 0, 0, 0, 1]


def test_the_queries_are_a_fixed_number(session: Session, site: int, other_site: int):
    write(session, site)
    write(session, other_site)
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    look(session, site, other_site)
    few = len(asked)
    look(session, site, other_site, at=period(date(2025, 6, 1), date(2026, 6, 1), "day"))
    assert few == len(asked) - few <= 8


def test_weeks_begin_on_monday():
    found = period(date(2026, 3, 4), date(2026, 3, 17), "week")
    assert found.steps == (date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 16))
    assert last_weeks(date(2026, 3, 4), 12).since == date(2025, 12, 15)
    assert len(last_weeks(date(2026, 3, 8), 12).steps) == 12
    assert last_days(date(2026, 3, 4), 7).steps[0] == date(2026, 2, 26)


def test_a_period_has_its_bounds():
    first = date(2026, 1, 1)
    assert period(first, first + timedelta(days=MOST_DAYS - 1)).is_weekly
    with pytest.raises(Invalid, match="401 days"):
        period(first, first + timedelta(days=MOST_DAYS))
    with pytest.raises(Invalid, match="before it begins"):
        period(first, first - timedelta(days=1))
