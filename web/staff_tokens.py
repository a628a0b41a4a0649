"""The token by which a page of a site knows one of its staff for an hour: made and read."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Account, AccountKind, SiteOrigin, StaffSession
from moderation import staff_sessions
from moderation.errors import Forbidden, SignInRequired

# Says what it is before anything is checked: it never reaches a door for readers or programs.
PREFIX = "pst_"
LIFETIME_SECONDS = 3600
_OVER = (
    "Your hour on this page is over, you have signed out, or your role has changed. Open it from "
    "the console again."
)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        str(current_app.secret_key),
        salt="staff-on-page",
        signer_kwargs={"digest_method": staticmethod(hashlib.sha256)},
    )


def token_for(account: Account, site_id: int, session_id: int) -> str:
    """A token for one person at one site; it ends after an hour, and with the browser at the
    console (StaffSession.id) that it was made from."""
    return PREFIX + str(_signer().dumps([account.id, site_id, session_id, _mark(account)]))


def is_one(bearer: str) -> bool:
    """Whether a bearer token calls itself a staff token."""
    return bearer.startswith(PREFIX)


def holder(session: Session, bearer: str) -> tuple[Account, int]:
    """The person and the site of a staff token, as the database knows them now.

    Raises SignInRequired for a token that is not, or no longer, good; Forbidden for one that a page
    of another site sends.
    """
    refused = SignInRequired(_OVER)
    try:
        content = _signer().loads(bearer.removeprefix(PREFIX), max_age=LIFETIME_SECONDS)
    except (BadData, ValueError, TypeError):
        raise refused from None
    account_id, site_id, session_id, mark = _parts(content, refused)
    account = session.scalar(
        select(Account)
        .join(StaffSession, StaffSession.account_id == Account.id)
        .where(Account.id == account_id, StaffSession.id == session_id, staff_sessions.alive())
    )
    if account is None or account.kind is not AccountKind.STAFF or not account.active:
        raise refused
    if mark != _mark(account) or account.role_at(site_id) is None:
        raise refused
    _require_page_of(session, site_id)
    return account, site_id


def _parts(content: Any, refused: SignInRequired) -> tuple[int, int, int, str]:
    if not isinstance(content, list) or [type(part) for part in content] != [int, int, int, str]:
        raise refused
    account_id, site_id, session_id, mark = content
    return account_id, site_id, session_id, mark


def _mark(account: Account) -> str:
    # A new password, or the end of all sessions, gives the account another one.
    return hashlib.sha256(f"page:{account.fs_uniquifier}".encode()).hexdigest()[:16]


def _require_page_of(session: Session, site_id: int) -> None:
    """Let a browser send the token from pages of its site only; no script in a browser can
    forge Origin, and who is none of a browser needs the token itself."""
    origin = request.headers.get("Origin", "")
    if not origin:
        return
    known = select(SiteOrigin.id).where(SiteOrigin.origin == origin, SiteOrigin.site_id == site_id)
    if session.scalar(known) is None:
        raise Forbidden("This token belongs to the pages of another site.")
