"""What rejecting at once would do, against values by hand and a site whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Advice, Decision, Status, StoredSignal
from moderation.calibration import last_week, reading, rejecting
from moderation.calibration.estimates import FEW, Decided, Evidence, Screened
from moderation.signals.facts import Thresholds
from tests.simulated import fill


def evidence(
    decided: list[tuple[float, int, int]],
    waiting: Sequence[tuple[float, int]] = (),
    days: float = 28.0,
) -> Evidence:
    """Of cases by (score, rejected, approved), and comments that waited by (score, how many)."""
    cases = [
        Decided(score, is_bad)
        for score, bad, good in decided
        for is_bad in [True] * bad + [False] * good
    ]
    screened = [Screened(score, waits=True) for score, count in waiting for _ in range(count)]
    return Evidence(cases, screened, days, 0.6)


def test_precision_work_saved_and_what_would_be_wrong():
    known = evidence([(0.95, 49, 1), (0.8, 40, 10)], [(0.95, 56), (0.8, 28), (0.3, 500)])
    high = rejecting.at(known, 0.9)
    assert (high.precision.hits, high.precision.of, high.precision.value) == (49, 50, 0.98)
    # Wilson's interval for 49 of 50.
    assert (high.precision.low, high.precision.high) == pytest.approx((0.895, 0.9965), abs=1e-3)
    assert high.saved.value == pytest.approx(2.0)
    # 14 a week, of which one in fifty.
    assert high.wrong.value == pytest.approx(0.28)
    assert high.wrong.low < 0.28 < high.wrong.high
    both = rejecting.at(known, 0.8)
    assert (both.precision.hits, both.precision.of) == (89, 100)
    assert (both.saved.value, both.wrong.value) == pytest.approx((3.0, 21 * 0.11))


def test_few_cases_say_nothing_and_never_rejects_nothing():
    known = evidence([(0.95, 19, 0)], [(1.0, 28)])
    few = rejecting.at(known, 0.9)
    assert (few.precision.missing, few.precision.of, few.wrong.is_known) == (FEW, 19, False)
    assert few.saved.value == 1.0
    assert rejecting.at(known, 1.0).saved.value == 0.0


def test_only_who_was_certain_to_be_seen_and_waited_counts():
    cases = [Decided(0.95, False, weight=20.0)] * 30 + [Decided(0.95, True)] * 20
    known = Evidence(cases, [Screened(0.95), Screened(0.95, True)] * 50, 28.0, 0.6)
    found = rejecting.at(known, 0.9)
    assert (found.precision.value, found.precision.of, found.saved.count) == (1.0, 20, 0)


def test_the_curve_is_the_points():
    known = evidence([(0.3, 10, 20), (0.29, 1, 9), (0.95, 30, 0)], [(0.57, 3), (0.58, 4)])
    curve = rejecting.curve(known)
    assert len(curve) == 101
    for step in (0, 29, 30, 57, 58, 95, 100):
        assert curve[step] == rejecting.at(known, step / 100)
    assert [curve[57].saved.count, curve[58].saved.count, curve[59].saved.count] == [7, 4, 0]


@pytest.mark.parametrize(
    ("one_in", "hold", "threshold", "reached"),
    [
        (50, 0.6, 0.9, True),
        (9, 0.6, 0.71, True),
        # Not below where the label holds.
        (2, 0.6, 0.6, True),
        (2, 0.85, 0.85, True),
        (51, 0.6, 0.91, False),
        (200, 0.6, 0.91, False),
    ],
)
def test_what_is_suggested(one_in: float, hold: float, threshold: float, reached: bool):
    known = evidence([(0.95, 49, 1), (0.8999, 0, 0), (0.8, 40, 10), (0.7, 10, 40)])
    known = Evidence([*known.decided], (), 28.0, 0.6)
    found = rejecting.wish(rejecting.curve(known), hold, one_in)
    assert found.point is not None
    assert found.reached == reached
    if reached:
        value = found.point.precision.value
        assert value >= 1 - 1 / one_in
        assert found.point.threshold >= hold
        lower = [p for p in rejecting.curve(known) if hold <= p.threshold < found.point.threshold]
        assert not lower or lower[-1].precision.value < 1 - 1 / one_in
    else:
        assert found.point.precision.value == pytest.approx(0.98)


def test_nothing_is_suggested_where_nothing_is_known():
    found = rejecting.wish(rejecting.curve(evidence([])), 0.6, 50)
    assert (found.point, found.reached) == (None, False)


def test_a_site_whose_truth_is_known(app: Flask, site: int, session: Session):
    with writing() as writer:
        truth = fill(writer, site, hold=0.5)
    known = reading.read(session, site, "toxicity", Thresholds(0.5))
    found = rejecting.at(known.evidence, 0.7)
    assert found.precision.low <= truth.precision(0.7) <= found.precision.high
    assert found.precision.value == pytest.approx(truth.precision(0.7))
    assert found.saved.value > 0
    session.rollback()
    # What somebody's word speaks for goes to a person all the same.
    with writing() as writer:
        for number in writer.query(Decision.comment_id).where(Decision.after == Status.HELD):
            writer.add(
                StoredSignal(
                    comment_id=number[0], revision=1, kind="trusted", advice=Advice.PUBLISH,
                    subject="", value=1.0, evidence={},
                )
            )  # fmt: skip
    spoken_for = reading.read(session, site, "toxicity", Thresholds(0.5))
    assert rejecting.at(spoken_for.evidence, 0.7).saved.count == 0
    otherwise = last_week.otherwise(
        session, site, "toxicity", known.model, 1.0, 0.7, rejecting=True
    )
    assert (otherwise.more, otherwise.fewer) == (0, 0)


def test_last_week_otherwise(app: Flask, site: int, session: Session):
    with writing() as writer:
        fill(writer, site, hold=0.5)
    model = reading.read(session, site, "toxicity", Thresholds(0.5)).model
    found = last_week.otherwise(session, site, "toxicity", model, 1.0, 0.7, rejecting=True)
    assert found.more > 0
    # The nearest to where it stands first, and nothing that was published.
    scores = [one.score for one in found.examples]
    assert scores == sorted(scores, reverse=True)
    assert all(score >= 0.7 for score in scores)
    low = last_week.otherwise(session, site, "toxicity", model, 1.0, 0.0, rejecting=True)
    assert all(one.score >= 0.5 for one in low.examples)
    held = last_week.otherwise(session, site, "toxicity", model, 0.5, 0.0).more
    assert 0 < low.more < held
