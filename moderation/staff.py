"""Who moderates a site: its members, and the roles given to them and taken from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, selectinload

from models import (
    Account,
    AuditEntry,
    Invitation,
    InvitationState,
    Role,
    Site,
    SiteRole,
    StaffSession,
)
from moderation import audit
from moderation.decisions import Actor
from moderation.errors import NotFound, Refused, Unchanged
from moderation.permissions import has_second_factor

GIVEN, CHANGED, TAKEN = "role given", "role changed", "role taken"
ASKED, WAIVED = "factor asked", "factor waived"
_ORDER = {role: place for place, role in enumerate(Role)}


@dataclass(frozen=True)
class Member:
    """One person with a role on a site; `last_seen` is None for longer ago than is known."""

    account: Account
    role: Role
    since: datetime
    last_seen: datetime | None

    @property
    def has_second_factor(self) -> bool:
        """Whether there is more than a password to let them in."""
        return has_second_factor(self.account)


def members(session: Session, site_id: int) -> list[Member]:
    """Everybody who has a role on a site, admins first, in a fixed number of queries."""
    roles = session.execute(
        select(SiteRole, Account)
        .join(Account, SiteRole.account_id == Account.id)
        .where(SiteRole.site_id == site_id, Account.active)
        .options(selectinload(Account.webauthn))
    ).all()
    numbers = [account.id for _, account in roles]
    since, seen = _since(session, site_id, numbers), _last_seen(session, numbers)
    found = [
        Member(account, held.role, since.get(account.id, account.created_at), seen.get(account.id))
        for held, account in roles
    ]
    return sorted(found, key=lambda one: (_ORDER[one.role], one.account.name.casefold()))


def _since(session: Session, site_id: int, numbers: list[int]) -> dict[int, datetime]:
    """When each got the role of now; older roles than the audit log are not in it."""
    rows = session.execute(
        select(AuditEntry.subject_id, func.max(AuditEntry.created_at))
        .where(
            AuditEntry.subject_kind == Account.__tablename__,
            AuditEntry.subject_id.in_(numbers),
            AuditEntry.site_id == site_id,
            AuditEntry.action.in_((GIVEN, CHANGED)),
        )
        .group_by(AuditEntry.subject_id)
    )
    return {row[0]: row[1] for row in rows}


def _last_seen(session: Session, numbers: list[int]) -> dict[int, datetime]:
    rows = session.execute(
        select(StaffSession.account_id, func.max(StaffSession.last_seen_at))
        .where(StaffSession.account_id.in_(numbers))
        .group_by(StaffSession.account_id)
    )
    return {row[0]: row[1] for row in rows}


def give(session: Session, account: Account, site_id: int, role: Role, actor: Actor) -> None:
    """Give somebody a role on a site where they have none; the caller commits."""
    if account.role_at(site_id) is not None:
        raise Refused("This person has a role on this site already. Change that one.")
    account.site_roles.append(SiteRole(site_id=site_id, role=role))
    audit.record(session, GIVEN, account, actor, site_id=site_id, detail={"role": role.value})


def change_role(session: Session, site: Site, account_id: int, role: Role, actor: Actor) -> Account:
    """Let somebody have another role on a site; the caller commits.

    Raises NotFound for somebody without one, Unchanged, and Refused where the site would be left
    without an admin.
    """
    held = _held(session, site, account_id)
    if held.role is role:
        raise Unchanged(f"{_name(held.account)} has this role already.")
    _keep_an_admin(session, site, held)
    close_links(session, account_id, site.id)
    before, held.role = held.role, role
    detail = {"before": before.value, "role": role.value}
    audit.record(session, CHANGED, held.account, actor, site_id=site.id, detail=detail)
    return held.account


def take_role(session: Session, site: Site, account_id: int, actor: Actor) -> Account:
    """Take somebody's role on a site away; their next request finds it closed.

    Raises NotFound and Refused as `change_role` does.
    """
    held = _held(session, site, account_id)
    _keep_an_admin(session, site, held)
    close_links(session, account_id, site.id)
    account, detail = held.account, {"before": held.role.value}
    account.site_roles.remove(held)
    audit.record(session, TAKEN, account, actor, site_id=site.id, detail=detail)
    return account


def ask_second_factor(session: Session, site: Site, asks: bool, actor: Actor) -> None:
    """Close a site to people with a password alone, or open it again; the caller commits.

    The caller sees to it that who asks has a second factor. Raises Unchanged.
    """
    session.refresh(site, with_for_update=True)
    if site.asks_second_factor == asks:
        raise Unchanged("It stands like this already.")
    site.asks_second_factor = asks
    audit.record(session, ASKED if asks else WAIVED, site, actor, site_id=site.id)


def close_links(session: Session, account_id: int, site_id: int) -> None:
    """Revoke somebody's invitations: nobody comes back by a link they made as an admin."""
    session.execute(
        update(Invitation)
        .where(
            Invitation.site_id == site_id,
            Invitation.inviter_id == account_id,
            Invitation.state == InvitationState.OPEN,
        )
        .values(state=InvitationState.REVOKED)
    )


def _held(session: Session, site: Site, account_id: int) -> SiteRole:
    """A person's role; whoever changes roles of this site waits here for the one before."""
    session.refresh(site, with_for_update=True)
    held = session.scalar(
        select(SiteRole).where(SiteRole.account_id == account_id, SiteRole.site_id == site.id)
    )
    if held is None:
        raise NotFound("There is no such person on this site.")
    return held


def _keep_an_admin(session: Session, site: Site, held: SiteRole) -> None:
    if held.role is not Role.ADMIN:
        return
    others = (
        select(SiteRole.id)
        .join(Account, SiteRole.account_id == Account.id)
        .where(
            SiteRole.site_id == site.id,
            SiteRole.role == Role.ADMIN,
            SiteRole.id != held.id,
            Account.active,
        )
    )
    if session.scalar(others.limit(1)) is None:
        raise Refused(
            f"{_name(held.account)} is the last admin of {site.name}. "
            "Make somebody else an admin first."
        )


def _name(account: Account) -> str:
    return account.name or str(account.email)
