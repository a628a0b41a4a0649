"""Which browser is signed in as whom: a secret in its cookie, and the row that it opens."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request, session
from flask_login import user_logged_out
from flask_security.signals import user_authenticated
from flask_security.utils import set_request_attr
from sqlalchemy import ColumnElement, and_, exists, select, true
from sqlalchemy.exc import OperationalError

from jobs.transactions import writing
from models import Account, Passkey, Site, SiteRole, StaffSession, db, utcnow
from moderation import staff_sessions
from web import auth
from web.console.browsers import described

# The name of the secret in the cookie.
IN_COOKIE = "desk"
# In `g`: a site of this person asks for a second factor that they have not.
OWES = "owes_second_factor"


def register(app: Flask) -> None:
    """Let only browsers in whose row is alive."""
    app.login_manager.user_loader(_load)  # type: ignore[attr-defined]
    user_authenticated.connect(_begin, app, weak=False)
    user_logged_out.connect(_end, app, weak=False)
    app.after_request(_write)


def this_one() -> int:
    """The number of the session that this request belongs to; 0 for none."""
    return int(g.get("staff_session", 0))


def _load(mark: str) -> Account | None:
    """The member of staff whose browser sends this request, in one query."""
    secret = session.get(IN_COOKIE, "")
    if not mark or not isinstance(secret, str) or not secret:
        return None
    found = db.session.execute(
        select(Account, StaffSession, _owes_second_factor())
        .join(StaffSession, StaffSession.account_id == Account.id)
        .where(
            Account.fs_uniquifier == mark,
            Account.active,
            StaffSession.digest == staff_sessions.digest_of(secret),
            staff_sessions.alive(),
        )
    ).first()
    if found is None:
        return None
    account, row, owes = found
    setattr(g, OWES, owes)
    g.staff_session, g.staff_session_seen = row.id, row.last_seen_at
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return account


def _owes_second_factor() -> ColumnElement[bool]:
    """What `Moderator.owing` says of any site, as a part of the one query of every request."""
    asked = exists().where(
        SiteRole.account_id == Account.id, Site.id == SiteRole.site_id, Site.asks_second_factor
    )
    counts = true() if session.get(auth.BY_PASSKEY) else Passkey.usage == "secondary"
    with_key = exists().where(Passkey.user_id == Account.id, counts)
    has_none = Account.tf_primary_method.is_(None) | (Account.tf_primary_method == "")
    return and_(asked, has_none, ~with_key)


def _begin(sender: object, user: Account, **about: object) -> None:
    """Give a browser that signs in a new secret; its row is written with the answer."""
    session[IN_COOKIE] = staff_sessions.new_secret()
    via = about.get("authn_via")
    session[auth.BY_PASSKEY] = isinstance(via, list) and "webauthn" in via
    g.new_staff_session = (user.id, session[IN_COOKIE])


def _end(sender: object, user: Account, **about: object) -> None:
    session.pop(IN_COOKIE, None)
    if this_one():
        g.ended_staff_session = (user.id, this_one())


def _write(response: Response) -> Response:
    """Write down a session that begins or ends here, or that one is still in use.

    In a transaction of its own after the view's: what a view had begun is committed or given up.
    """
    new = g.pop("new_staff_session", None)
    if new is not None:
        account_id, secret = new
        agent = described(request.headers.get("User-Agent", ""))
        with writing() as database:
            staff_sessions.begin(database, account_id, secret, agent)
        return response
    ended = g.pop("ended_staff_session", None)
    if ended is not None:
        with writing() as database:
            staff_sessions.end(database, *ended)
        return response
    before = g.get("staff_session_seen")
    if before is not None and before < utcnow() - staff_sessions.SEEN_EVERY:
        number = this_one()
        try:
            with writing() as database:
                staff_sessions.seen(database, number)
        except OperationalError:
            # Nobody's reading waits for this: the next request writes it.
            current_app.logger.debug("last seen was not written: the database is busy")
    return response
