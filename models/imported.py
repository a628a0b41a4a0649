"""Where imported comments and their authors came from, so that no second import doubles them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

LONGEST_SYSTEM, LONGEST_SOURCE_ID = 20, 200


class CommentSource(Base):
    """The number that another system gave to a comment which was taken from there."""

    __tablename__ = "comment_source"
    __table_args__ = (UniqueConstraint("site_id", "system", "source_id"),)

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comment.id"), primary_key=True, autoincrement=False
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    system: Mapped[str] = mapped_column(String(LONGEST_SYSTEM))
    source_id: Mapped[str] = mapped_column(String(LONGEST_SOURCE_ID))


class AuthorSource(Base):
    """What an imported author is known again by.

    `key` is a keyed hash (HMAC-SHA-256 with the instance's secret, in hexadecimal) of an e-mail
    address, or of the number that the source gave: neither can be read from it.
    """

    __tablename__ = "author_source"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
