"""One page's discussion: its identity within the site, whether it is open, its article points."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, bindparam, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from models.base import Base, UtcDateTime, stored_enum, utcnow
from models.site import Site


class ThreadState(enum.StrEnum):
    """Whether a thread takes new comments."""

    OPEN = "open"
    CLOSED = "closed"


class Thread(Base):
    """The discussion of one page."""

    __tablename__ = "thread"
    __table_args__ = (
        UniqueConstraint("site_id", "identity"),
        Index("ix_thread_url", "url"),
        Index("ix_thread_section", "site_id", "section"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    # "id:…" as the publisher named the page, or "path:…" from its canonical address.
    identity: Mapped[str] = mapped_column(String(2100))
    url: Mapped[str] = mapped_column(String(2100))
    title: Mapped[str] = mapped_column(String(300), default="")
    # The part of the publication that the page is in, as its template names it; "" for none.
    section: Mapped[str] = mapped_column(String(120), default="", server_default=sql("''"))
    state: Mapped[ThreadState] = mapped_column(stored_enum(ThreadState), default=ThreadState.OPEN)
    comment_count: Mapped[int] = mapped_column(default=0)
    points: Mapped[int] = mapped_column(default=0)
    # Counts up with every change that a reader of the public page could see.
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    site: Mapped[Site] = relationship()


def lock(session: Session, thread_id: int) -> None:
    """Take a thread for writing until the transaction ends, where the database has row locks.

    Whoever changes a comment takes its thread first and the comment after, so that no two wait
    for each other. Comments can still be added meanwhile: they only refer to the thread's key.
    """
    # SQLite has one lock for everything, which a writing transaction takes at its beginning.
    if session.get_bind().dialect.name != "sqlite":
        taken = select(Thread.id).where(Thread.id == thread_id)
        session.execute(taken.with_for_update(key_share=True))


def change(session: Session, thread_id: int, *, comments: int = 0, points: int = 0) -> None:
    """Note that the public page of a thread changed, and by how much its counts did.

    One statement of the database's own arithmetic: two writers cannot lose each other's count.
    """
    session.execute(
        update(Thread)
        .where(Thread.id == thread_id)
        .values(
            version=Thread.version + 1,
            comment_count=Thread.comment_count + comments,
            points=Thread.points + points,
        )
    )


def change_many(session: Session, comments: Mapping[int, int]) -> None:
    """The same for several threads at once: how many comments more the public reads in each."""
    if comments:
        moved = [{"number": number, "more": more} for number, more in sorted(comments.items())]
        session.connection().execute(_CHANGED, moved)


# Past the ORM, which would make a statement for each.
_CHANGED = (
    update(Thread.__table__)  # type: ignore[arg-type]
    .where(Thread.__table__.c.id == bindparam("number"))
    .values(
        version=Thread.__table__.c.version + 1,
        comment_count=Thread.__table__.c.comment_count + bindparam("more"),
    )
)
