"""What is old is forgotten, and nothing that is still owed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from jobs import upkeep
from jobs.transactions import reading, writing
from models import (
    ApiKey,
    Delivery,
    DeliveryState,
    Job,
    JobState,
    OutsideDecision,
    Submission,
    utcnow,
)


def test_only_old_closed_work_and_old_keys_are_forgotten(
    app: Flask, make_comment: Callable[..., int], thread: int
):
    numbers = [make_comment(f"Number {number}.") for number in range(4)]
    now = utcnow()
    with app.app_context(), writing() as session:
        for number, state, days in (
            (numbers[0], JobState.DONE, 8),
            (numbers[1], JobState.DONE, 6),
            (numbers[2], JobState.READY, 400),
            (numbers[3], JobState.GIVEN_UP, 400),
        ):
            session.execute(
                update(Job)
                .where(Job.comment_id == number)
                .values(state=state, created_at=now - timedelta(days=days))
            )
        session.add_all(
            Submission(
                thread_id=thread,
                key=f"key-number-{days:06}",
                digest="0" * 64,
                comment_id=numbers[0],
                created_at=now - timedelta(days=days),
            )
            for days in (1, 3)
        )
    with app.app_context(), writing() as session:
        upkeep.forget(session)
    with app.app_context(), reading() as session:
        assert set(session.scalars(select(Job.comment_id))) == set(numbers[1:])
        assert session.scalars(select(Submission.key)).all() == ["key-number-000001"]


def test_what_was_said_elsewhere_goes_when_calibration_looks_back_no_further(app: Flask, site: int):
    with app.app_context(), writing() as session:
        key = ApiKey(site_id=site, name="Coral", digest="d" * 64)
        session.add(key)
        session.flush()
        session.add_all(
            OutsideDecision(
                site_id=site, key_id=key.id, digest=str(weeks) * 32, label="toxicity", said=1.0,
                score=0.5, model_name="words", model_version="1",
                created_at=utcnow() - timedelta(weeks=weeks),
            )
            for weeks in (25, 27)
        )  # fmt: skip
    with app.app_context(), writing() as session:
        upkeep.forget(session)
    with app.app_context(), reading() as session:
        assert session.scalars(select(OutsideDecision.digest)).all() == ["25" * 32]


def test_the_log_of_webhooks_goes_back_a_month(app: Flask):
    now = utcnow()
    with app.app_context(), writing() as session:
        session.add_all(
            Delivery(
                webhook_id=1,
                event_id=f"{state.value}-{days}",
                event="webhook.test",
                state=state,
                created_at=now - timedelta(days=days),
            )
            for state in DeliveryState
            for days in (29, 31)
        )
    with app.app_context(), writing() as session:
        upkeep.forget(session)
    with app.app_context(), reading() as session:
        left = set(session.scalars(select(Delivery.event_id)))
    assert left == {f"{state.value}-29" for state in DeliveryState}
