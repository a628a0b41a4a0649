"""The second factor: codes of an app, each good once, and recovery codes kept only as digests."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any, cast

from flask import Flask, current_app
from flask_login import current_user
from flask_security.core import UserMixin
from flask_security.recovery_codes import MfRecoveryCodesUtil
from flask_security.signals import tf_disabled, tf_profile_changed, wan_deleted, wan_registered
from flask_security.totp import Totp
from sqlalchemy.orm import Session

from models import Account, db, utcnow
from models.audit import NO_SITE
from moderation import audit
from moderation.decisions import Actor
from moderation.errors import Refused

# How long after the password changes of the second factor are taken without asking for it again.
FRESH = timedelta(minutes=10)
RECOVERY_CODES = 10
_STEP_SECONDS = 30

SETTINGS: dict[str, Any] = {
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    # One step of 30 seconds before and after, for clocks that differ.
    "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": _STEP_SECONDS,
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_SETUP_URL": "/me/authenticator",
    "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "SECURITY_TWO_FACTOR_SELECT_URL": "/sign-in/second",
    "SECURITY_TWO_FACTOR_RESCUE_URL": "/sign-in/help",
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/console/me/second-factor",
    "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "console/sign_in_code.html",
    "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "console/me_authenticator.html",
    "SECURITY_TWO_FACTOR_SELECT_TEMPLATE": "console/sign_in_select.html",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/me/recovery-codes",
    "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "console/me_recovery_codes.html",
    "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "console/sign_in_recovery.html",
    "SECURITY_FRESHNESS": FRESH,
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
    "SECURITY_VERIFY_URL": "/me/verify",
    "SECURITY_VERIFY_TEMPLATE": "console/me_verify.html",
    "SECURITY_TOTP_ISSUER": "Parley",
    "SECURITY_DATETIME_FACTORY": utcnow,
    "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": ("This code does not fit.", "error"),
    "SECURITY_MSG_TWO_FACTOR_SETUP_EXPIRED": (
        "That took longer than %(within)s. Begin again.",
        "error",
    ),
    "SECURITY_MSG_TWO_FACTOR_PERMISSION_DENIED": (
        "That took too long, or was begun in another window. Sign in again.",
        "error",
    ),
    "SECURITY_MSG_TWO_FACTOR_LOGIN_SUCCESSFUL": ("", "success"),
    "SECURITY_MSG_TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        "Your app is set up: from now on signing in asks for its code.",
        "success",
    ),
    "SECURITY_MSG_TWO_FACTOR_DISABLED": (
        "Signing in asks for no code of your app any more.",
        "success",
    ),
    "SECURITY_MSG_REAUTHENTICATION_REQUIRED": ("", "info"),
    "SECURITY_MSG_REAUTHENTICATION_SUCCESSFUL": ("", "info"),
    "SECURITY_MSG_INVALID_PASSWORD": ("That is not your password.", "error"),
    "SECURITY_MSG_INVALID_RECOVERY_CODE": ("This is no code that is left to you.", "error"),
}


def secrets_from(secret_key: str) -> dict[str, Any]:
    """What encrypts the apps' secrets in the database: made from the secret key, for this alone."""
    derived = hmac.digest(secret_key.encode(), b"parley totp secrets", hashlib.sha256)
    return {"SECURITY_TOTP_SECRETS": {"1": base64.b64encode(derived).decode()}}


class OnceOnlyCodes(Totp):
    """Takes no code a second time, nor an older one (RFC 6238, section 5.2)."""

    def get_last_counter(self, user: UserMixin) -> int | None:
        """The period whose code was taken last; None before the first."""
        # Read again under a lock: another request may be taking this very code.
        account = _locked(user)
        return account.tf_last_counter or None

    def set_last_counter(self, user: UserMixin, tmatch: Any) -> None:
        """Remember a code's period; the view commits."""
        _account(user).tf_last_counter = tmatch.counter


class RecoveryCodes(MfRecoveryCodesUtil):
    """Codes that are shown once, stored as keyed digests, and good once."""

    def create_recovery_codes(self, user: UserMixin) -> list[str]:
        """New codes in place of all older ones; the view commits."""
        account = _account(user)
        codes: list[str] = super().create_recovery_codes(account)
        account.mf_recovery_codes = [_digest(code) for code in codes]
        _note("recovery codes made", account)
        return codes

    def get_recovery_codes(self, user: UserMixin) -> list[str]:
        """None: they cannot be shown again."""
        return []

    def check_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Whether a code is left to somebody."""
        return _digest(code) in (_locked(user).mf_recovery_codes or ())

    def delete_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Use a code up; the view commits. Raises Refused for one that was used meanwhile."""
        account = _locked(user)
        left, used = account.mf_recovery_codes or [], _digest(code)
        if used not in left:
            raise Refused("This code was used a moment ago. Take another one.")
        account.mf_recovery_codes = [one for one in left if one != used]
        _note("recovery code used", account)
        return True


def _digest(code: str) -> str:
    """A code has 48 random bits, too few for a digest without a key."""
    plain = "".join(code.lower().split()).replace("-", "")
    return hmac.new(
        str(current_app.secret_key).encode(), b"recovery code " + plain.encode(), hashlib.sha256
    ).hexdigest()


def _account(user: UserMixin) -> Account:
    """The row behind Flask-Login's stand-in."""
    return cast("Account", getattr(user, "_get_current_object", lambda: user)())


def _locked(user: UserMixin) -> Account:
    account, session = _account(user), db.session()
    session.flush()
    session.refresh(account, with_for_update=True)
    return account


def _note(action: str, account: Account, **detail: Any) -> None:
    session: Session = db.session()
    audit.record(session, action, account, Actor.staff(account), site_id=NO_SITE, detail=detail)


def register(app: Flask) -> None:
    """Write down in the audit log what people change of their own second factors."""
    told = {
        tf_profile_changed: "app set",
        tf_disabled: "app removed",
        wan_registered: "passkey added",
        wan_deleted: "passkey removed",
    }
    for signal, action in told.items():

        def note(sender: object, action: str = action, **about: Any) -> None:
            detail = {"name": about["name"]} if "name" in about else {}
            _note(action, _account(about.get("user", current_user)), **detail)

        signal.connect(note, app, weak=False)
