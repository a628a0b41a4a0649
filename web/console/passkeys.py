"""Passkeys (WebAuthn): on a person's own device, after the password or in place of it."""

from __future__ import annotations

import ast
import hashlib
import inspect
from datetime import timedelta
from types import ModuleType
from typing import Any

import flask_security.webauthn
import flask_security.webauthn_util
from flask import request, session
from flask_login import current_user
from flask_security.core import UserMixin
from flask_security.proxies import _security
from flask_security.webauthn import WebAuthnSigninResponseForm
from flask_security.webauthn_util import WebauthnUtil
from itsdangerous import BadData

# Where answers of keys arrive, and where one begins again whose answer belongs elsewhere.
ANSWERS = {
    "security.wan_register_response": "security.wan_register",
    "security.wan_signin_response": "security.wan_signin",
}
BEGIN_AGAIN = "This was begun for something else, or in another window. Try again."

SETTINGS: dict[str, Any] = {
    "SECURITY_WEBAUTHN": True,
    "SECURITY_WAN_RP_NAME": "Parley",
    # Nobody is asked who they are before they have shown a key: that would tell who is known.
    "SECURITY_WAN_ALLOW_USER_HINTS": False,
    "SECURITY_WAN_ALLOW_AS_VERIFY": None,
    "SECURITY_WAN_SIGNIN_WITHIN": timedelta(minutes=5),
    "SECURITY_WAN_REGISTER_WITHIN": timedelta(minutes=10),
    "SECURITY_WAN_REGISTER_URL": "/me/passkeys",
    "SECURITY_WAN_DELETE_URL": "/me/passkeys/remove",
    "SECURITY_WAN_SIGNIN_URL": "/sign-in/passkey",
    "SECURITY_WAN_POST_REGISTER_VIEW": "/console/me/second-factor",
    "SECURITY_WAN_REGISTER_TEMPLATE": "console/me_passkeys.html",
    "SECURITY_WAN_SIGNIN_TEMPLATE": "console/sign_in_passkey.html",
    "SECURITY_MSG_WEBAUTHN_REGISTER_SUCCESSFUL": ("The passkey “%(name)s” is added.", "success"),
    "SECURITY_MSG_WEBAUTHN_CREDENTIAL_DELETED": ("The passkey “%(name)s” is removed.", "success"),
    "SECURITY_MSG_WEBAUTHN_NAME_REQUIRED": ("Give the passkey a name.", "error"),
    "SECURITY_MSG_WEBAUTHN_NAME_INUSE": ("You have a passkey “%(name)s” already.", "error"),
    "SECURITY_MSG_WEBAUTHN_NAME_DISALLOWED_CHARACTERS": (
        "A name consists of letters, digits, spaces and hyphens.",
        "error",
    ),
    "SECURITY_MSG_WEBAUTHN_NAME_NOT_FOUND": ("This passkey is removed already.", "error"),
    "SECURITY_MSG_WEBAUTHN_EXPIRED": ("That took longer than %(within)s. Try again.", "error"),
    "SECURITY_MSG_WEBAUTHN_UNKNOWN_CREDENTIAL_ID": ("This passkey is not known here.", "error"),
    "SECURITY_MSG_WEBAUTHN_CREDENTIAL_ID_INUSE": ("This passkey is in use already.", "error"),
    "SECURITY_MSG_WEBAUTHN_CREDENTIAL_WRONG_USAGE": (
        "This passkey is not meant for this. Sign in with your password first.",
        "error",
    ),
    "SECURITY_MSG_WEBAUTHN_MISMATCH_USER_HANDLE": ("This passkey is not known here.", "error"),
    "SECURITY_MSG_WEBAUTHN_NO_VERIFY": ("The passkey’s answer could not be checked.", "error"),
}


class Passkeys(WebauthnUtil):
    """What a key has to be able to: alone it must know its owner, by a finger or a PIN.

    What a key answers is a challenge that names the ceremony it was made for. Flask-Security's
    signed state does not: one begun after a password, where touching the key is enough, would sign
    in without any password whoever holds somebody's key.
    """

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """A new challenge of the ceremony that this request begins."""
        return f"{_ceremony()}.{super().generate_challenge(nbytes)}"

    def authenticator_selection(self, user: UserMixin, usage: str) -> Any:
        """The demands on a key that is being added; any device may be one."""
        from webauthn.helpers import structs

        alone = usage == "first"
        return structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement("required" if alone else "preferred"),
            user_verification=self.user_verification(user, [usage]),
        )

    def user_verification(self, user: UserMixin | None, usage: list[str]) -> Any:
        """Whether the device asks who uses it: after a password, touching it is enough."""
        from webauthn.helpers import structs

        return structs.UserVerificationRequirement(
            "required" if "first" in usage else "discouraged"
        )


class PasskeyAnswer(WebAuthnSigninResponseForm):
    """A key's answer, which after a password must be of the very person whose password it was.

    Flask-Security looks only whose key it is: with one's own password and somebody else's key, one
    would be signed in as them.
    """

    def validate(self, **kwargs: Any) -> bool:
        """Whether the answer may sign in whom the key belongs to."""
        if not super().validate(**kwargs):
            return False
        user = self.user
        if self.is_secondary and (user is None or user.fs_uniquifier != session.get("tf_user_id")):
            self.credential.errors = [SETTINGS["SECURITY_MSG_WEBAUTHN_MISMATCH_USER_HANDLE"][0]]
            return False
        return True


def is_answered_here() -> bool:
    """Whether the state that comes with an answer is of the ceremony that this request ends; one
    that nobody signed is left to Flask-Security, which says so."""
    try:
        state = _security.wan_serializer.loads((request.view_args or {}).get("token", ""))
    except BadData:
        return True
    begun, _, _ = str(state["challenge"]).partition(".")
    return begun == _ceremony()


def _ceremony() -> str:
    """What this request is about: adding a key, or signing in after a password, both of one person,
    or signing in with the key alone."""
    if str(request.endpoint).startswith("security.wan_register"):
        return f"register-{_mark(getattr(current_user, 'fs_uniquifier', ''))}"
    # As Flask-Security tells them apart.
    if session.get("tf_state") == "ready" and "tf_user_id" in session:
        return f"second-{_mark(session['tf_user_id'])}"
    return "first"


def _mark(uniquifier: str) -> str:
    return hashlib.sha256(f"passkey:{uniquifier}".encode()).hexdigest()[:16]


def wake() -> None:
    """Load what checks passkeys, at the first use of one.

    It takes a tenth of a second and 8 MB, which most processes never need: models/asleep.py keeps
    it out of their start, and here the imports that Flask-Security tried then are repeated.
    """
    for module in (flask_security.webauthn, flask_security.webauthn_util):
        if not hasattr(module, "_parley_awake"):
            _import_again(module)
            module._parley_awake = True  # type: ignore[attr-defined]


def _import_again(module: ModuleType) -> None:
    lines = ast.parse(inspect.getsource(module)).body
    tried = [line for part in lines if isinstance(part, ast.Try) for line in part.body]
    imports = [line for line in tried if isinstance(line, ast.Import | ast.ImportFrom)]
    code = compile(ast.Module(list(imports), []), str(module.__file__), "exec")
    exec(code, module.__dict__)  # noqa: S102 (the library's own lines)
