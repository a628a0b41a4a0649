"""Codes by which staff come from the console to a page of their site: made, and redeemed once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Account, PageCode, SiteOrigin, utcnow
from moderation.errors import SignInRequired

LIFETIME = timedelta(minutes=2)


def issue(session: Session, account: Account, site_id: int, requester: str) -> str:
    """A new code for one person and one site, good for two minutes; the caller commits.

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
            expires_at=now + LIFETIME,
        )
    )
    session.flush()
    return code


def redeem(session: Session, code: str, origin: str, requester: str) -> tuple[Account, int]:
    """The person and the site that a code was made for; it is good for nothing from then on.

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
        )
        .returning(PageCode.account_id, PageCode.site_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if found is None:
        raise SignInRequired(
            "This link was used already, is older than two minutes, or was made for another "
            "network address. Open the page from the console again."
        )
    return session.get_one(Account, found.account_id), found.site_id


def _digest(code: str, requester: str) -> str:
    return hashlib.sha256(f"{code} {requester}".encode("utf-8", "surrogatepass")).hexdigest()
