"""Signing in and out at the console: Flask-Security, set up and limited."""

from __future__ import annotations

from typing import Any, cast

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import current_user
from flask_security.core import Security
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.forms import LoginForm
from flask_security.mail_util import MailUtil
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from models import Account, Passkey, SiteRole, db
from models.base import WRITES
from web.console import passkeys, passwords, second_factor, signed_in
from web.csrf import csrf
from web.errors import problem
from web.limits import limiter

SECURITY: dict[str, Any] = {
    "SECURITY_URL_PREFIX": "/console",
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/console/",
    "SECURITY_POST_LOGOUT_VIEW": "/console/sign-in",
    "SECURITY_LOGIN_USER_TEMPLATE": "console/sign_in.html",
    "SECURITY_PASSWORD_HASH": "argon2",
    # The salt is argon2's own: a second, installation-wide one would make passwords useless
    # when the secret key is lost.
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
    # A wrong name and a wrong password get the same answer.
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_REGISTERABLE": False,
    "SECURITY_RECOVERABLE": False,
    "SECURITY_CHANGEABLE": False,
    "SECURITY_SEND_REGISTER_EMAIL": False,
    "SECURITY_PASSWORD_LENGTH_MIN": passwords.SHORTEST,
    # `flask staff` is the one door through which accounts are made.
    "SECURITY_CLI_USERS_NAME": False,
    "SECURITY_CLI_ROLES_NAME": False,
    # Our roles are per site: `Account.roles` is no column that a query could join.
    "SECURITY_JOIN_USER_ROLES": False,
}

# Whoever tries to sign in, or to prove who they are, is counted by address.
_COUNTED = {
    "security.login",
    "security.two_factor_token_validation",
    "security.mf_recovery",
    "security.wan_signin",
    "security.wan_signin_response",
    "security.verify",
}
# A code of six digits is not guessed from many addresses either, even by who knows the password.
_CODES = {"security.two_factor_token_validation", "security.mf_recovery"}
CODES_RATE = "10 per minute; 30 per hour"
# These hash a password, and nothing else may wait for that; they write nothing.
_UNLOCKED = {"security.login", "security.verify", "security.logout"}
STALE_PAGE = "This page is too old, or the browser keeps no cookies. Load it again, then repeat."


class SignInForm(LoginForm):
    """E-mail and password; no lasting cookie, which would outlive the browser's session."""

    remember = None


class StaffAddresses(MailUtil):
    """Addresses as `flask staff add` writes them; one at `localhost` signs in like any other."""

    def normalize(self, email: str) -> str:
        """The stored form of what was typed."""
        return email.strip().lower()


security = Security(
    datastore=SQLAlchemyUserDatastore(db, Account, SiteRole, Passkey),
    login_form=SignInForm,
    mail_util_cls=StaffAddresses,
    totp_cls=second_factor.OnceOnlyCodes,
    mf_recovery_codes_util_cls=second_factor.RecoveryCodes,
    webauthn_util_cls=passkeys.Passkeys,
    wan_signin_response_form=passkeys.PasskeyAnswer,
)


@security.context_processor
def _as_in_the_console() -> dict[str, Any]:
    """Flask-Security's pages stand in the console's frame, and need what that shows."""
    found: dict[str, Any] = {}
    for processor in current_app.template_context_processors["console"]:
        found |= cast("dict[str, Any]", processor())
    return found


def register(app: Flask) -> None:
    """Add the sign-in, and what guards it."""
    app.config.update(SECURITY | second_factor.SETTINGS | passkeys.SETTINGS)
    app.config.update(second_factor.secrets_from(str(app.secret_key)))
    security.init_app(app)
    # Forms only: a door less to watch.
    security.want_json(lambda request: False)
    second_factor.register(app)
    signed_in.register(app)
    app.before_request(_guard)
    app.after_request(_keep_no_copy)


def count_attempt() -> None:
    """Count an attempt to sign in; raises 429 when an address has made too many."""
    with limiter.limit(lambda: current_app.config["PARLEY_SIGN_IN_RATE"], scope="sign-in"):
        pass


def _guard() -> AnyResponse | None:
    """Count attempts to sign in, let no other page send these forms, and prepare for writing."""
    endpoint = request.endpoint or ""
    if not endpoint.startswith("security."):
        return None
    if endpoint == "security.two_factor_rescue":
        # It would send mail, which nobody has set up.
        abort(404)
    if endpoint in _CODES and current_user.is_authenticated:
        # A link to it would sign people out.
        return redirect(url_for("console.show_queue"))
    if endpoint.startswith("security.wan_"):
        passkeys.wake()
    return _guard_form(endpoint) if request.method == "POST" else None


def _guard_form(endpoint: str) -> AnyResponse | None:
    if endpoint in _COUNTED:
        count_attempt()
    if endpoint in _CODES:
        _count_code()
    try:
        csrf.protect()
    except CSRFError:
        return problem(400, "csrf", STALE_PAGE)
    if endpoint in passkeys.ANSWERS and not passkeys.is_answered_here():
        flash(passkeys.BEGIN_AGAIN, "error")
        return redirect(url_for(passkeys.ANSWERS[endpoint]))
    if endpoint not in _UNLOCKED:
        _begin_to_write()
    return None


def _count_code() -> None:
    whose = str(session.get("tf_user_id", ""))
    with limiter.limit(CODES_RATE, scope="code", key_func=lambda: f"code of {whose}"):
        pass


def _begin_to_write() -> None:
    """Take the write lock before anything is read; Flask-Security commits at the end."""
    db.session.rollback()
    db.session.connection(execution_options={WRITES: True})


def _keep_no_copy(response: Response) -> Response:
    """Held comments and forms with tokens are for this moment and this person only."""
    if request.path.startswith("/console") and request.endpoint != "console.static":
        response.headers["Cache-Control"] = "no-store"
    return response
