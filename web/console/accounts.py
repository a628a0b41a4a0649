"""Signing in and out at the console: Flask-Security, set up and limited."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, request
from flask_security.core import Security
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.forms import LoginForm
from flask_security.mail_util import MailUtil
from flask_wtf.csrf import CSRFError

from models import Account, SiteRole, db
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
    "SECURITY_FLASH_MESSAGES": False,
    # `flask staff` is the one door through which accounts are made.
    "SECURITY_CLI_USERS_NAME": False,
    "SECURITY_CLI_ROLES_NAME": False,
    # Our roles are per site: `Account.roles` is no column that a query could join.
    "SECURITY_JOIN_USER_ROLES": False,
}

_SIGN_IN, _SIGN_OUT = "security.login", "security.logout"
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
    datastore=SQLAlchemyUserDatastore(db, Account, SiteRole),
    login_form=SignInForm,
    mail_util_cls=StaffAddresses,
)


def register(app: Flask) -> None:
    """Add the sign-in, and what guards it."""
    app.config.update(SECURITY)
    security.init_app(app)
    app.before_request(_guard)
    app.after_request(_keep_no_copy)


def _guard() -> Response | None:
    """Count attempts to sign in; let no other page sign anybody in or out."""
    if request.method != "POST" or request.endpoint not in (_SIGN_IN, _SIGN_OUT):
        return None
    if request.endpoint == _SIGN_IN:
        with limiter.limit(lambda: current_app.config["PARLEY_SIGN_IN_RATE"], scope="sign-in"):
            pass
    try:
        csrf.protect()
    except CSRFError:
        return problem(400, "csrf", STALE_PAGE)
    return None


def _keep_no_copy(response: Response) -> Response:
    """Held comments and forms with tokens are for this moment and this person only."""
    if request.path.startswith("/console") and request.endpoint != "console.static":
        response.headers["Cache-Control"] = "no-store"
    return response
