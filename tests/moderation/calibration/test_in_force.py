"""Which threshold held a comment when it was judged: by version, by thread, in one query."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import utcnow
from moderation.calibration import drift, reading
from moderation.calibration.drift import drift as drift_of
from moderation.calibration.in_force import in_force
from moderation.signals.facts import UNLISTED
from tests.conftest import set_policy
from tests.moderation.calibration.test_reading import counted
from tests.simulated import fill


@pytest.fixture
def changed(app: Flask, site: int, other_site: int, thread: int) -> None:
    """Versions: 1 all 0.6; 2 insult 0.4; 3 the thread 0.8; 4 words; 5 insult 0.3; 6 given back."""
    set_policy(app, site, thresholds={"insult": [0.4, 1]})
    set_policy(app, site, thread, thresholds={"insult": [0.8, 1]})
    set_policy(app, site, banned_words=["tram"])
    set_policy(app, site, thresholds={"insult": [0.3, 0.9]})
    set_policy(app, site, thread)
    set_policy(app, other_site, thresholds={"insult": [0.1, 1]})


@pytest.mark.parametrize(
    ("version", "elsewhere", "in_thread"),
    [(1, 0.6, 0.6), (2, 0.4, 0.4), (3, 0.4, 0.8), (4, 0.4, 0.8), (5, 0.3, 0.8), (6, 0.3, 0.3)],
)
def test_each_version_by_what_it_said(
    session: Session, site: int, thread: int, changed: None, version: int, elsewhere: float,
    in_thread: float,
):  # fmt: skip
    for versions in ({version}, {1, version}, set(range(1, 7))):
        with counted() as statements:
            found = in_force(session, site, "insult", versions)
        assert len(statements) == 1
        assert (found.at(thread + 9, version), found.at(thread, version)) == (elsewhere, in_thread)


def test_a_label_that_no_version_names(session: Session, site: int, changed: None):
    found = in_force(session, site, "sarcasm", {3})
    assert found.at(9, 3) == UNLISTED.hold
    assert in_force(session, site, "insult", set()).at(9, 3) == UNLISTED.hold


@pytest.mark.parametrize(("version", "hold"), [(1, 0.6), (2, 0.2), (3, 0.9)])
def test_a_past_is_judged_by_the_thresholds_of_its_days(
    app: Flask, site: int, session: Session, version: int, hold: float
):
    set_policy(app, site, thresholds={"toxicity": [0.2, 1]})
    set_policy(app, site, thresholds={"toxicity": [0.9, 1]})
    with writing() as writer:
        truth = fill(writer, site, hold=0.6, policy_version=version)
    now = utcnow()
    cases = reading.held(session, site, "toxicity", now - drift.SPAN)
    assert {case.held_from for case in cases} == {hold}
    # What scored less was held by something else.
    held = sum(score >= max(hold, 0.6) for score, _ in truth.comments)
    assert sum(week.of for week in drift_of(cases, now).weeks) == held
