"""A person: a commenter or a member of staff, the roles held per site, and the standing."""

from __future__ import annotations

import enum
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_security.core import RoleMixin, UserMixin
from flask_security.datastore import AsaList
from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, insert, select
from sqlalchemy import text as sql
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, Session, column_property, mapped_column, relationship

from models.base import Base, UtcDateTime, stored_enum, utcnow
from models.bulk import insert_many
from models.site import Site

if TYPE_CHECKING:
    from models.staff import Passkey


class AccountKind(enum.StrEnum):
    """How a person is known: by a token in one browser, or by a password."""

    GUEST = "guest"
    STAFF = "staff"


class Standing(enum.StrEnum):
    """What a commenter may still do."""

    GOOD = "good"
    BANNED = "banned"


class Role(enum.StrEnum):
    """What a member of staff may do on one site."""

    ADMIN = "admin"
    SENIOR = "senior"
    MODERATOR = "moderator"
    READ_ONLY = "read-only"


class Account(Base, UserMixin):
    """A person; guests have no e-mail and no password."""

    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_fs_webauthn_user_handle", "fs_webauthn_user_handle", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(stored_enum(AccountKind), default=AccountKind.GUEST)
    name: Mapped[str] = mapped_column(String(120), default="")
    # NULL only so that many guests can share one UNIQUE column.
    email: Mapped[str | None] = mapped_column(String(255), unique=True)  # type: ignore[assignment]
    password: Mapped[str] = mapped_column(String(255), default="")
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(
        String(64), unique=True, default=lambda: secrets.token_hex(16)
    )
    standing: Mapped[Standing] = mapped_column(stored_enum(Standing), default=Standing.GOOD)
    # Counts up to end every reader token given so far.
    token_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    # How a member of staff likes the desk: moderation/preferences.py reads it.
    preferences: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, server_default=sql("'{}'")
    )
    # The names and the NULLs of the next four are Flask-Security's: no second factor, no secret
    # of it, no passkey was ever asked for, no recovery codes.
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    # The last period of 30 seconds whose code was taken: no code opens the door twice (RFC 6238).
    tf_last_counter: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64))  # type: ignore[assignment]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))

    site_roles: Mapped[list[SiteRole]] = relationship(
        back_populates="account", cascade="all, delete-orphan"
    )
    webauthn: Mapped[list[Passkey]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete-orphan"
    )

    @property
    def roles(self) -> list[SiteRole]:  # type: ignore[override]
        """None in Flask-Security's sense, which has no sites: ours are `site_roles`."""
        return []

    def role_at(self, site_id: int) -> Role | None:
        """The role held on a site, if any."""
        for held in self.site_roles:
            if held.site_id == site_id:
                return held.role
        return None


class SiteRole(Base, RoleMixin):
    """One role of one person on one site."""

    __tablename__ = "site_role"
    __table_args__ = (UniqueConstraint("account_id", "site_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    role: Mapped[Role] = mapped_column(stored_enum(Role))
    # Of its site; here so that who has a role is known with it, at no further question.
    asks_second_factor: Mapped[bool] = column_property(
        select(Site.asks_second_factor).where(Site.id == site_id).scalar_subquery()
    )

    account: Mapped[Account] = relationship(back_populates="site_roles")


def insert_accounts(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store many new people at once, given by their columns.

    What makes each unlike all others is drawn for all of them together: asking the operating
    system for it takes longer than storing them.
    """
    drawn = secrets.token_hex(16 * len(rows)) if rows else ""
    unlike = [drawn[at : at + 32] for at in range(0, len(drawn), 32)]
    insert_many(
        session,
        insert(Account.__table__),  # type: ignore[arg-type]
        [row | {"fs_uniquifier": one} for row, one in zip(rows, unlike, strict=True)],
    )
