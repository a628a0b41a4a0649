"""Who sends a request: a reader by token, a program by key, staff by session or on a page."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from flask import current_app, request
from flask import session as cookie
from flask_login import current_user
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.orm import Session

from models import Account, AccountKind, KeyPurpose, Role, Standing
from moderation import keys
from moderation.decisions import Actor
from moderation.errors import Forbidden, NotFound, SignInRequired
from moderation.permissions import (
    ALLOWED,
    Action,
    allowed,
    has_second_factor,
    owes_second_factor,
)
from web import limits, staff_tokens

# In a session's cookie: it was begun with a passkey.
BY_PASSKEY = "by_passkey"
SECOND_FACTOR = (
    "This site asks everybody who moderates there for a second factor. Set one up in your settings "
    "at /console/me first, or sign in with your passkey."
)


def _tokens() -> URLSafeSerializer:
    return URLSafeSerializer(
        str(current_app.secret_key),
        salt="reader-token",
        signer_kwargs={"digest_method": staticmethod(hashlib.sha256)},
    )


def token_for(account: Account) -> str:
    """The token by which one browser is known again as this reader.

    It is made from the account alone, so a repeated request can be given the same one; it ends
    when the account's epoch counts up or the account is banned.
    """
    return str(_tokens().dumps([account.id, account.token_epoch, account.fs_uniquifier[:8]]))


# Where a request keeps the token that came by a cookie.
_BY_COOKIE = "parley.reader_token"


def by_cookie(token: str) -> None:
    """Let a request for a page be that of the reader whose cookie came along; empty is nobody's.

    Such a page looks at no Authorization header, and no cookie is ever one of staff.
    """
    request.environ[_BY_COOKIE] = "" if staff_tokens.is_one(token) else token


def _bearer() -> str:
    """The token of the request; empty without one.

    Raises SignInRequired for an Authorization header of any other kind: to go on as a stranger
    would make a new person of somebody who meant to be known.
    """
    if _BY_COOKIE in request.environ:
        return str(request.environ[_BY_COOKIE])
    header = request.headers.get("Authorization", "")
    if not header:
        return ""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise SignInRequired("Send `Authorization: Bearer` with a token, or no such header.")
    return token.strip()


def reader(session: Session) -> Account | None:
    """The reader whose token the request carries; None without one.

    Raises SignInRequired for a token that is not, or no longer, good.
    """
    token = _bearer()
    if not token:
        return None
    if staff_tokens.is_one(token):
        raise Forbidden("A staff token moderates and writes comments. For this, leave it out.")
    refused = SignInRequired("This reader token is not valid any more. Forget it and go on.")
    try:
        account_id, epoch, mark = _tokens().loads(token)
    except (BadData, ValueError, TypeError):
        raise refused from None
    account = session.get(Account, account_id)
    if account is None or account.token_epoch != epoch or account.fs_uniquifier[:8] != mark:
        raise refused
    if account.kind is not AccountKind.GUEST or account.standing is Standing.BANNED:
        raise refused
    return account


def is_unknown() -> bool:
    """Whether the request carries no token, so that who acts in it is somebody new."""
    return not _bearer()


def admit() -> None:
    """Count a request without a token towards the newcomers of its address; before a transaction.

    Raises 429 when the address has asked for too many.
    """
    if is_unknown():
        limits.newcomer()


def reader_or_newcomer(session: Session, name: str = "") -> tuple[Account, bool]:
    """The reader of the request, made if the request carries no token; and whether it is new."""
    known = reader(session)
    if known is not None:
        if name:
            known.name = name
        return known, False
    newcomer = Account(kind=AccountKind.GUEST, name=name, fs_uniquifier=secrets.token_hex(16))
    session.add(newcomer)
    session.flush()
    return newcomer, True


def staff_writer(session: Session, site_id: int) -> Account | None:
    """The member of staff whose token the request carries, as a writer on a site; None for
    everybody else.

    Raises SignInRequired for a token that is no longer good, NotFound at another site, Forbidden
    where the role or a missing name stands against it.
    """
    token = _bearer()
    if not staff_tokens.is_one(token):
        return None
    account, own_site_id = staff_tokens.holder(session, token)
    if own_site_id != site_id:
        raise NotFound("There is no such thread.")
    if owes_second_factor(account, site_id):
        raise Forbidden(SECOND_FACTOR)
    if not allowed(account, Action.DECIDE, site_id):
        raise Forbidden("To write as staff takes a moderator's role on this site.")
    if not account.name:
        raise Forbidden("Your account has no name to write under. Ask an admin to give it one.")
    return account


@dataclass(frozen=True)
class Moderator:
    """Who acts at the desk, and on which sites which actions are open to them."""

    actor: Actor
    account: Account | None
    key_site_id: int = 0
    # The one site whose page this person is on; 0 at the console, where all of theirs are open.
    page_site_id: int = 0
    # Came by a passkey, or on a page by whatever the console asked for.
    by_passkey: bool = True

    def may(self, action: Action, site_id: int) -> bool:
        """Whether an action on a site is open."""
        if self.page_site_id not in (0, site_id):
            return False
        if self.account is not None:
            may = allowed(self.account, action, site_id)
            return may and not self.owes_second_factor(site_id)
        return site_id == self.key_site_id and action in ALLOWED[Role.MODERATOR]

    def require(self, action: Action, site_id: int) -> None:
        """Raise Forbidden unless an action on a site is open."""
        if self.owes_second_factor(site_id):
            raise Forbidden(SECOND_FACTOR)
        if not self.may(action, site_id):
            raise Forbidden(f"You may not {action.value} on this site. Ask an admin of it.")

    def owes_second_factor(self, site_id: int) -> bool:
        """Whether a site where this person has a role is closed to them until they have another
        factor than the password."""
        return self.account is not None and owes_second_factor(
            self.account, site_id, by_passkey=self.by_passkey
        )

    def has_second_factor(self) -> bool:
        """Whether more than a password let this person in, or will the next time."""
        return self.account is not None and has_second_factor(
            self.account, by_passkey=self.by_passkey
        )

    def owing(self) -> list[int]:
        """The sites that are closed to this person for that."""
        held = self.account.site_roles if self.account is not None else []
        return [one.site_id for one in held if self.owes_second_factor(one.site_id)]

    def sites(self) -> list[int]:
        """The sites whose queue is open."""
        if self.account is None:
            return [self.key_site_id]
        held = [site_role.site_id for site_role in self.account.site_roles]
        return [site_id for site_id in held if self.may(Action.READ_QUEUE, site_id)]


def moderator(session: Session, *, on_page: bool = False) -> Moderator:
    """Who is at the desk. Raises SignInRequired, Forbidden.

    A staff token opens only the doors that say so with `on_page`.
    """
    token = _bearer()
    if staff_tokens.is_one(token):
        holder, site_id = staff_tokens.holder(session, token)
        if not on_page:
            raise Forbidden("A staff token is for the page that it was made for. Use the console.")
        return Moderator(Actor.staff(holder), holder, page_site_id=site_id)
    if token:
        return _program(session, token)
    if not current_user.is_authenticated:
        raise SignInRequired("Sign in at /console, or send an API key.")
    account = session.get(Account, current_user.id)
    if account is None or not account.active:
        raise SignInRequired("Sign in again.")
    return Moderator(Actor.staff(account), account, by_passkey=bool(cookie.get(BY_PASSKEY)))


def is_by_key() -> bool:
    """Whether the request brings an API key, which no browser adds by itself."""
    return "Authorization" in request.headers


def _program(session: Session, token: str) -> Moderator:
    key = keys.find(session, token, (KeyPurpose.MODERATION,))
    if key is None:
        raise SignInRequired("This API key is not valid, or was revoked.")
    return Moderator(Actor.key(key), None, key.site_id)
