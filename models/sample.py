"""Comments drawn by chance for a moderator to look at, so that what is measured is unbiased."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, stored_enum, utcnow


class SampleKind(enum.StrEnum):
    """Why a comment was drawn."""

    PUBLISHED = "published"  # published without a person: would one have held it?
    SECOND = "second"  # decided by one moderator: does another say the same?


class Opinion(enum.StrEnum):
    """What the moderator who was shown it would do with it."""

    NONE = "none"
    APPROVE = "approve"
    REJECT = "reject"


class Sample(Base):
    """One comment drawn for one purpose; `share` is the chance (0 to 1) it was drawn with."""

    __tablename__ = "sample"
    __table_args__ = (
        UniqueConstraint("comment_id", "kind"),
        Index("ix_sample_waiting", "site_id", "opinion", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    revision: Mapped[int]
    kind: Mapped[SampleKind] = mapped_column(stored_enum(SampleKind))
    share: Mapped[float] = mapped_column()
    # What a second opinion is about, and who gave the first. Of a published one: the decision that
    # its opinion made, and 0 for who gave it first. 0 as long as there is none.
    decision_id: Mapped[int] = mapped_column(default=0)
    first_account_id: Mapped[int] = mapped_column(default=0)
    opinion: Mapped[Opinion] = mapped_column(stored_enum(Opinion), default=Opinion.NONE)
    # Who gave it; 0 as long as nobody did.
    account_id: Mapped[int] = mapped_column(default=0)
    # NULL until somebody gave an opinion: there is no such moment yet.
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
