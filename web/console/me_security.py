"""What a person changes of their own sign-in: name, password, second factor, other browsers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_login import current_user
from flask_security.proxies import _security
from flask_security.utils import hash_password, verify_password
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from discussion.comments import checked_name
from jobs.transactions import reading, writing
from models import Account, Passkey, StaffSession, db
from models.audit import NO_SITE
from moderation import audit, staff_sessions
from moderation.decisions import Actor
from moderation.errors import Invalid, SignInRequired
from web.console import accounts, passwords, signed_in
from web.console.desk import blueprint

_LONGEST_NAME = 120


@dataclass(frozen=True)
class MySecurity:
    """What the part `_me_security.html` of the personal settings shows."""

    has_app: bool
    passkeys: list[Passkey]
    recovery_codes: int
    sessions: list[StaffSession]
    this_one: int
    shortest: int = passwords.SHORTEST
    longest_name: int = _LONGEST_NAME

    @property
    def has_second_factor(self) -> bool:
        """Whether signing in with the password asks for more."""
        return self.has_app or any(key.usage == "secondary" for key in self.passkeys)


@blueprint.context_processor
def _functions() -> dict[str, Any]:
    # A function, so that only the page that shows it asks the database.
    return {"my_security": my_security}


def my_security() -> MySecurity:
    """How the person of this request signs in; in the transaction that the page reads in."""
    database = db.session()
    account = _myself(database)
    return MySecurity(
        bool(account.tf_primary_method),
        sorted(account.webauthn, key=lambda key: key.name.casefold()),
        len(account.mf_recovery_codes or ()),
        staff_sessions.of(database, account.id),
        signed_in.this_one(),
    )


@blueprint.post("/me/name")
def change_name() -> AnyResponse:
    """Change the name that stands beside one's decisions from now on."""
    try:
        name = checked_name(request.form.get("name", ""), _LONGEST_NAME)
    except Invalid as wrong:
        return _back(wrong.message, "error", "name")
    with writing() as database:
        account = _myself(database)
        detail, account.name = {"before": account.name}, name
        audit.record(
            database, "name changed", account, Actor.staff(account), site_id=NO_SITE, detail=detail
        )
    return _back("Your name is changed.", "success", "name")


@blueprint.post("/me/password")
def change_password() -> AnyResponse:
    """Change one's password, which signs every other browser out."""
    accounts.count_attempt()
    old, new = request.form.get("old", ""), request.form.get("new", "")
    with reading() as database:
        stored = _myself(database).password
    # Out of any transaction: comparing and hashing take a while.
    if not verify_password(_security.password_util.normalize(old), stored):
        return _back("That is not your present password. Nothing is changed.", "error", "password")
    try:
        hashed = hash_password(passwords.checked(new, "new"))
    except Invalid as error:
        return _back(f"{error.message} Nothing is changed.", "error", "password")
    with writing() as database:
        account = _myself(database)
        # What the old password opened ends, half-finished sign-ins too.
        account.password, account.fs_uniquifier = hashed, secrets.token_hex(16)
        staff_sessions.end_all(database, account.id, but=signed_in.this_one())
        audit.record(database, "password changed", account, Actor.staff(account), site_id=NO_SITE)
        session["_user_id"] = account.fs_uniquifier
    return _back(
        "Your password is changed. All your other browsers are signed out.", "success", "password"
    )


@blueprint.post("/me/sessions/<row:number>/end")
def end_session(number: int) -> AnyResponse:
    """Sign one's browser out from elsewhere."""
    with writing() as database:
        staff_sessions.end(database, _myself(database).id, number)
    return _back("That browser is signed out.", "success", "sessions")


@blueprint.post("/me/sessions/end-others")
def end_other_sessions() -> AnyResponse:
    """Sign all of one's browsers out but this one."""
    with writing() as database:
        account = _myself(database)
        ended = staff_sessions.end_all(database, account.id, but=signed_in.this_one())
        # What these browsers took along to articles ends with them.
        account.fs_uniquifier = secrets.token_hex(16)
        session["_user_id"] = account.fs_uniquifier
    said = {0: "No other browser is signed in.", 1: "One other browser is signed out."}
    return _back(said.get(ended, f"{ended} other browsers are signed out."), "success", "sessions")


@blueprint.get("/me/second-factor")
def after_second_factor() -> AnyResponse:
    """Where a change of the second factor leads: to the recovery codes for who has none."""
    with reading():
        mine = my_security()
        lacks_codes = mine.has_second_factor and not mine.recovery_codes
    return redirect(url_for("security.mf_recovery_codes") if lacks_codes else _address("factors"))


def _myself(database: Session) -> Account:
    account = database.get(Account, current_user.id)
    if account is None:
        raise SignInRequired("Sign in again.")
    return account


def _back(said: str, kind: str, part: str) -> AnyResponse:
    flash(said, kind)
    return redirect(_address(part))


def _address(part: str) -> str:
    return url_for("console.show_me", _anchor=part)
