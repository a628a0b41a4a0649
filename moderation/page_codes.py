"""Codes by which staff come from the console to a page of their site: made, and redeemed once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Account, PageCode, SiteOrigin, StaffSession, utcnow
from moderation import staff_sessions
from moderation.errors import SignInRequired

LIFETIME = timedelta(minutes=2)


@dataclass(frozen=True)
class Redeemed:
    """Whom a code makes known, at which site, and in which browser's name (StaffSession.id)."""

    account: Account
    site_id: int
    session_id: int


def issue(session: Session, account: Account, site_id: int, requester: str, session_id: int) -> str:
    """A new code for one person and one site, good for two minutes and as long as the browser
    `session_id` is signed in; the caller commits.

    It is good only for who asks from the same address: a page of the site that leads on to another
    host would hand the code to that host, fragment and all.

    Only its hash is stored: who reads the database cannot redeem it. Codes that nobody redeemed in
    time are forgotten here.
    """
    now = utcnow()
    session.execute(delete(PageCode).where(PageCode.expires_at < now))
    code = secrets.token_urlsafe(32)
    session.add(
        PageCode(
            digest=_digest(code, requester),
            account_id=account.id,
            site_id=site_id,
            session_id=session_id,
            expires_at=now + LIFETIME,
        )
    )
    session.flush()
    return code


def redeem(session: Session, code: str, origin: str, requester: str) -> Redeemed:
    """Whom a code was made for, and where; it is good for nothing from then on.

    Redeemed is what could be deleted: of two requests that bring the same code, whichever process
    answers them, one deletes the row. A page of another site cannot use it up. Raises
    SignInRequired.
    """
    found = session.execute(
        delete(PageCode)
        .where(
            PageCode.digest == _digest(code, requester),
            PageCode.expires_at > utcnow(),
            PageCode.site_id.in_(select(SiteOrigin.site_id).where(SiteOrigin.origin == origin)),
            PageCode.session_id.in_(select(StaffSession.id).where(staff_sessions.alive())),
        )
        .returning(PageCode.account_id, PageCode.site_id, PageCode.session_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if found is None:
        raise SignInRequired(
            "This link was used already, is older than two minutes, was made for another network "
            "address, or its browser was signed out. Open the page from the console again."
        )
    account = session.get_one(Account, found.account_id)
    return Redeemed(account, found.site_id, found.session_id)


def _digest(code: str, requester: str) -> str:
    return hashlib.sha256(f"{code} {requester}".encode("utf-8", "surrogatepass")).hexdigest()
