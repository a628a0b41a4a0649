"""The browsers that are signed in: begun, seen, listed and ended, each by a secret of its own."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session

from models import StaffSession, utcnow
from moderation.errors import NotFound

# A browser left alone is signed out after an evening; one in use, after two weeks.
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=14)
# How exactly "last seen" is known: writing it with every request would be a write for every read.
SEEN_EVERY = timedelta(minutes=5)
# What is over stays for a while, for whoever asks what happened.
KEPT = timedelta(days=30)
_SECRET_BYTES = 32


def digest_of(secret: str) -> str:
    """What is stored of a session's secret, which has 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """What one browser's cookie carries."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def begin(session: Session, account_id: int, secret: str, agent: str) -> StaffSession:
    """Write down that somebody signed in with a browser; the caller commits."""
    row = StaffSession(account_id=account_id, digest=digest_of(secret), agent=agent)
    session.add(row)
    session.flush()
    return row


def alive(now: datetime | None = None) -> ColumnElement[bool]:
    """The condition on a row under which its browser is signed in."""
    now = now or utcnow()
    return and_(
        StaffSession.ended.is_(False),
        StaffSession.last_seen_at > now - IDLE,
        StaffSession.created_at > now - LONGEST,
    )


def seen(session: Session, number: int) -> None:
    """Write down that a browser was here just now; the caller commits."""
    session.execute(
        update(StaffSession).where(StaffSession.id == number).values(last_seen_at=utcnow())
    )


def of(session: Session, account_id: int) -> list[StaffSession]:
    """Where somebody is signed in, the last seen first."""
    query = select(StaffSession).where(StaffSession.account_id == account_id, alive())
    return list(
        session.scalars(query.order_by(StaffSession.last_seen_at.desc(), StaffSession.id.desc()))
    )


def end(session: Session, account_id: int, number: int) -> None:
    """Sign one browser of a person out. Raises NotFound for one of somebody else."""
    row = session.get(StaffSession, number)
    if row is None or row.account_id != account_id:
        raise NotFound("There is no such session.")
    row.ended = True


def end_all(session: Session, account_id: int, but: int = 0) -> int:
    """Sign a person's browsers out, all but one; answers how many. The caller commits."""
    ended = session.execute(
        update(StaffSession)
        .where(StaffSession.account_id == account_id, StaffSession.id != but, alive())
        .values(ended=True)
        .execution_options(synchronize_session=False)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def forget(session: Session) -> None:
    """Delete what ended a while ago; the caller commits."""
    # Whatever was not seen for so long is over, ended or not.
    session.execute(delete(StaffSession).where(StaffSession.last_seen_at < utcnow() - KEPT))
