"""Take, finish and retry the work that the job table owes; never runs it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy import ColumnElement, and_, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from models import Comment, Job, JobKind, JobState, utcnow

# After a failure the next try waits this many seconds, doubled with every try.
_PAUSE = 2.0


@dataclass(frozen=True)
class Taken:
    """One job that this worker holds until its lease ends."""

    job_id: int
    thread_id: int
    comment_id: int
    revision: int
    attempts: int
    lease: str


def take(session: Session, kind: JobKind, limit: int, lease_seconds: int) -> list[Taken]:
    """Take up to `limit` jobs that are due, oldest first, among them those whose worker died.

    Taking counts as a try, so that a text which kills its worker is counted as well. A job
    that failed before is taken alone: what fails with it can then only be its own fault.
    """
    now = utcnow()
    due = session.scalars(
        select(Job)
        .where(_due(kind))
        .order_by(Job.due_at, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    failed_before = bool(due) and due[0].attempts > 0
    due = due[:1] if failed_before else [job for job in due if job.attempts == 0]
    lease = secrets.token_hex(16)
    for job in due:
        job.state = JobState.TAKEN
        job.attempts += 1
        job.lease = lease
        job.due_at = now + timedelta(seconds=lease_seconds)
    threads = _threads(session, due)
    return [
        Taken(job.id, threads[job.comment_id], job.comment_id, job.revision, job.attempts, lease)
        for job in due
    ]


def _threads(session: Session, jobs: Sequence[Job]) -> dict[int, int]:
    rows = session.execute(
        select(Comment.id, Comment.thread_id).where(
            Comment.id.in_({job.comment_id for job in jobs})
        )
    )
    return dict(rows.all())


def is_due(session: Session, kind: JobKind) -> bool:
    """Whether anything could be taken now."""
    return session.scalar(select(Job.id).where(_due(kind)).limit(1)) is not None


def finish(session: Session, taken: Taken) -> bool:
    """Close a job; False when its lease was lost meanwhile, and another worker owns it now."""
    return _leave(session, taken, state=JobState.DONE)


def give_up(session: Session, taken: Taken, error: str) -> bool:
    """Close a job that cannot be done; False when its lease was lost."""
    return _leave(session, taken, state=JobState.GIVEN_UP, error=error[:500])


def retry_later(session: Session, taken: Taken, error: str) -> bool:
    """Offer a failed job again after a pause that doubles; False when its lease was lost."""
    pause = timedelta(seconds=_PAUSE * 2 ** (taken.attempts - 1))
    return _leave(session, taken, state=JobState.READY, error=error[:500], due_at=utcnow() + pause)


def hand_back(session: Session, taken: Taken, seconds: float) -> bool:
    """Offer a job again that nobody tried (there was no model): that is no failed try."""
    return _leave(
        session,
        taken,
        state=JobState.READY,
        attempts=taken.attempts - 1,
        due_at=utcnow() + timedelta(seconds=seconds),
    )


def owed(session: Session, kind: JobKind) -> int:
    """How many jobs are not closed."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Job)
            .where(Job.kind == kind, Job.state.in_([JobState.READY, JobState.TAKEN]))
        )
        or 0
    )


def _due(kind: JobKind) -> ColumnElement[bool]:
    return and_(
        Job.kind == kind,
        Job.state.in_([JobState.READY, JobState.TAKEN]),
        Job.due_at <= utcnow(),
    )


def _leave(session: Session, taken: Taken, **values: object) -> bool:
    done = session.scalars(
        _leaving(tuple(values)),
        {
            "number": taken.job_id,
            "held": taken.lease,
            **{f"new_{name}": one for name, one in values.items()},
        },
    ).all()
    return bool(done)


# Made once for each way to leave a job: every comment does it.
@cache
def _leaving(changed: tuple[str, ...]) -> ReturningUpdate[int]:
    return (
        update(Job)
        .where(
            Job.id == bindparam("number"),
            Job.lease == bindparam("held"),
            Job.state == JobState.TAKEN,
        )
        .values(lease="", **{name: bindparam(f"new_{name}") for name in changed})
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
