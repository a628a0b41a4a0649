"""Forget what is no longer needed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models import Delivery, Job, JobState, Submission, utcnow
from moderation import outside, staff_sessions
from moderation.calibration.reading import PAST

# A client that repeats a request does so within minutes; a closed job is only of interest to
# whoever looks into a fault of these days.
_SUBMISSIONS = timedelta(days=2)
_CLOSED_JOBS = timedelta(days=7)
# Whoever looks into what a receiver missed does so within weeks. What is still due to a webhook
# that is off is as old by then.
_DELIVERIES = timedelta(days=30)


def forget(session: Session) -> None:
    """Delete old Idempotency-Keys and deliveries, jobs done, sessions ended long ago, and what
    moderators elsewhere said before the time that calibration looks back on."""
    now = utcnow()
    outside.forget(session, now - PAST)
    staff_sessions.forget(session)
    session.execute(delete(Submission).where(Submission.created_at < now - _SUBMISSIONS))
    session.execute(
        delete(Job).where(Job.state == JobState.DONE, Job.created_at < now - _CLOSED_JOBS)
    )
    session.execute(delete(Delivery).where(Delivery.created_at < now - _DELIVERIES))
