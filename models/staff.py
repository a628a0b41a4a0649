"""How people come to the desk and stay there: invitations, sessions, passkeys, codes for a page."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

from flask_security.core import WebAuthnMixin
from flask_security.datastore import AsaList
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy import text as sql
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.account import Role
from models.base import Base, UtcDateTime, stored_enum, utcnow

if TYPE_CHECKING:
    from models.account import Account


class InvitationState(enum.StrEnum):
    """Whether an invitation can still be taken up."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"


class Invitation(Base):
    """One link by which one person takes a role on one site; only its hash is stored."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    role: Mapped[Role] = mapped_column(stored_enum(Role))
    # For whom, in the words of who invited.
    name: Mapped[str] = mapped_column(String(120), default="")
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[InvitationState] = mapped_column(
        stored_enum(InvitationState), default=InvitationState.OPEN
    )
    # 0 for whoever runs commands on the server.
    inviter_id: Mapped[int] = mapped_column(default=0)
    # Who took it up; 0 as long as nobody did.
    account_id: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class StaffSession(Base):
    """One browser that is signed in; its cookie carries a secret of which only the hash is here."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    # What the browser calls itself, shortened to its name and system.
    agent: Mapped[str] = mapped_column(String(120), default="")
    ended: Mapped[bool] = mapped_column(default=False)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class PageCode(Base):
    """One way from the console to a publisher's page; only its hash is stored, and its row is gone
    once it has been redeemed."""

    __tablename__ = "page_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    # The browser at the console that made it (StaffSession.id): what it opens ends with that one.
    session_id: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Passkey(Base, WebAuthnMixin):
    """A key on a person's own device (WebAuthn), as Flask-Security keeps it."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool] = mapped_column(default=False)
    device_type: Mapped[str] = mapped_column(String(64))
    # What the library got with the registration, as JSON; it writes NULL where there is nothing.
    extensions: Mapped[str | None] = mapped_column(String(255))
    lastuse_datetime: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))
    create_datetime: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    user: Mapped[Account] = relationship(back_populates="webauthn")
