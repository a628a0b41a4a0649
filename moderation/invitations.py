"""Links by which people come to the desk: made, revoked, and taken up by one person once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Account, AccountKind, Invitation, InvitationState, Role, Site, utcnow
from moderation import audit, staff
from moderation.decisions import Actor
from moderation.errors import Invalid, NotFound, Refused

LIFE = timedelta(days=7)
LONGEST_NAME = 120
LONGEST_EMAIL = 255
# 256 random bits: nobody finds one by trying, and a plain SHA-256 is enough to store it.
_SECRET_BYTES = 32
CLOSED = "This invitation does not lead anywhere. Ask whoever sent it for a new one."
TAKEN_EMAIL = (
    "There is an account with this e-mail already. Sign in with it, then open the link again."
)


@dataclass(frozen=True)
class Newcomer:
    """Who takes an invitation up without an account; the password is hashed already."""

    name: str
    email: str
    password: str


def invite(session: Session, site: Site, role: Role, name: str, actor: Actor) -> str:
    """Make an invitation and answer its secret, which is stored nowhere; the caller commits."""
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A name has at most {LONGEST_NAME} characters.", field="name")
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    invitation = Invitation(
        site_id=site.id,
        role=role,
        name=name,
        digest=_digest(secret),
        inviter_id=actor.id,
        expires_at=utcnow() + LIFE,
    )
    session.add(invitation)
    detail = {"role": role.value, "name": name}
    audit.record(session, "invitation made", invitation, actor, site_id=site.id, detail=detail)
    return secret


def waiting(session: Session, site_id: int) -> list[Invitation]:
    """The invitations to a site that can still be taken up, newest first."""
    query = select(Invitation).where(
        Invitation.site_id == site_id,
        Invitation.state == InvitationState.OPEN,
        Invitation.expires_at > utcnow(),
    )
    return list(session.scalars(query.order_by(Invitation.id.desc())))


def revoke(session: Session, site_id: int, invitation_id: int, actor: Actor) -> None:
    """Close an invitation to a site. Raises NotFound, and Refused where it was taken up."""
    invitation = session.get(Invitation, invitation_id, with_for_update=True)
    if invitation is None or invitation.site_id != site_id:
        raise NotFound("There is no such invitation.")
    if invitation.state is not InvitationState.OPEN:
        raise Refused(f"This invitation is {invitation.state.value} already.")
    invitation.state = InvitationState.REVOKED
    audit.record(session, "invitation revoked", invitation, actor, site_id=site_id)


def find(session: Session, secret: str) -> Invitation:
    """The open invitation of a link. Raises NotFound, with one answer for every other state."""
    invitation = session.scalar(select(Invitation).where(Invitation.digest == _digest(secret)))
    if (
        invitation is None
        or invitation.state is not InvitationState.OPEN
        or invitation.expires_at <= utcnow()
    ):
        raise NotFound(CLOSED)
    return invitation


def take(session: Session, secret: str, account: Account) -> Invitation:
    """Give a member of staff the role that a link offers; the caller commits.

    Raises NotFound for a link that is not open (any more), and Refused for somebody who has a role
    on that site: a link opened by mistake must not make an admin a reader.
    """
    invitation = find(session, secret)
    held = account.role_at(invitation.site_id)
    if held is not None:
        raise Refused(f"You have a role on this site already: {held.value}.")
    _use(session, invitation, account.id)
    _welcome(session, invitation, account)
    return invitation


def take_anew(session: Session, secret: str, newcomer: Newcomer) -> Account:
    """Make an account with the role that a link offers; the caller commits.

    Raises NotFound for a link that is not open (any more), and Invalid for an e-mail in use.
    """
    invitation = find(session, secret)
    if session.scalar(select(Account.id).where(Account.email == newcomer.email)) is not None:
        raise Invalid(TAKEN_EMAIL, field="email")
    _use(session, invitation, 0)
    account = Account(
        kind=AccountKind.STAFF,
        name=newcomer.name,
        email=newcomer.email,
        password=newcomer.password,
    )
    session.add(account)
    session.flush()
    invitation.account_id = account.id
    _welcome(session, invitation, account)
    return account


def _use(session: Session, invitation: Invitation, account_id: int) -> None:
    """Close the link for everybody else; of two at the same moment the second finds it closed."""
    now = utcnow()
    used = session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation.id,
            Invitation.state == InvitationState.OPEN,
            Invitation.expires_at > now,
        )
        .values(state=InvitationState.USED, account_id=account_id)
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound(CLOSED)
    session.refresh(invitation)


def _welcome(session: Session, invitation: Invitation, account: Account) -> None:
    actor, site_id = Actor.staff(account), invitation.site_id
    staff.give(session, account, site_id, invitation.role, actor)
    detail = {"role": invitation.role.value, "by": invitation.inviter_id}
    audit.record(session, "invitation used", invitation, actor, site_id=site_id, detail=detail)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
