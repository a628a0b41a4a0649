"""What a site's moderators impose on an author: a warning, a pause, holding always, a ban."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import FOREVER, Base, UtcDateTime, stored_enum, utcnow
from models.decision import ActorKind


class SanctionKind(enum.StrEnum):
    """What the author may no longer do, from the mildest to the hardest."""

    WARNING = "warning"  # has to say that it was read before posting again
    MUTE = "mute"  # cannot post until it ends
    HOLD = "hold"  # every comment waits for a person
    BAN = "ban"  # can do nothing any more


class SanctionState(enum.StrEnum):
    """Whether it still binds; a mute whose end has passed binds nobody, whatever stands here."""

    STANDING = "standing"
    ACKNOWLEDGED = "acknowledged"
    LIFTED = "lifted"


class Sanction(Base):
    """One sanction of one author on one site."""

    __tablename__ = "sanction"
    __table_args__ = (Index("ix_sanction_author", "account_id", "site_id", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[SanctionKind] = mapped_column(stored_enum(SanctionKind))
    state: Mapped[SanctionState] = mapped_column(
        stored_enum(SanctionState), default=SanctionState.STANDING
    )
    # The comment that led to it; 0 where none did.
    comment_id: Mapped[int] = mapped_column(default=0)
    # What the author is told.
    told: Mapped[str] = mapped_column(String(1000), default="")
    actor_kind: Mapped[ActorKind] = mapped_column(stored_enum(ActorKind))
    actor_id: Mapped[int] = mapped_column(default=0)
    actor_name: Mapped[str] = mapped_column(String(120))
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, default=FOREVER)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
