"""Carries a comment's coming and going into the counts and moments of what stands above it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, select, update
from sqlalchemy.orm import Session, aliased

from models import Comment
from models.visibility import in_thread
from models.visibility import is_public as is_public_status


def carry(session: Session, comment: Comment, step: int) -> None:
    """Note above a comment that it has become readable (`step` 1) or is no longer (-1).

    Past the ORM on purpose: what happens below it is no new version of a comment.
    """
    if comment.parent_id is None:
        return
    above = _above(comment.parent_id)
    session.execute(
        update(Comment)
        .where(Comment.id.in_(above))
        .values(descendant_count=Comment.descendant_count + step)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Comment)
        .where(Comment.id == comment.parent_id)
        .values(reply_count=Comment.reply_count + step)
        .execution_options(synchronize_session=False)
    )
    if step > 0:
        session.execute(
            update(Comment)
            .where(Comment.id.in_(above), Comment.stirred_at < comment.created_at)
            .values(stirred_at=comment.created_at)
            .execution_options(synchronize_session=False)
        )
    else:
        _calm(session, comment.parent_id, comment.created_at)


def _above(parent_id: int) -> Select[int]:
    line = (
        select(Comment.id, Comment.parent_id)
        .where(Comment.id == parent_id)
        .cte("ancestors", recursive=True)
    )
    above = aliased(Comment)
    line = line.union_all(select(above.id, above.parent_id).where(above.id == line.c.parent_id))
    return select(line.c.id)


def _calm(session: Session, parent_id: int | None, gone: datetime) -> None:
    """Give each ancestor the moment of what is left below it, up to the first that had a later one.

    A place that only holds replies says when they were written: it is older than all of them.
    """
    while parent_id is not None:
        row = session.execute(
            select(
                Comment.thread_id, Comment.parent_id, Comment.created_at, Comment.stirred_at
            ).where(Comment.id == parent_id)
        ).one()
        if row.stirred_at != gone:
            return
        latest = session.scalar(
            select(Comment.stirred_at)
            .where(
                Comment.thread_id == row.thread_id, Comment.parent_id == parent_id, in_thread()
            )
            .order_by(Comment.stirred_at.desc())
            .limit(1)
        )  # fmt: skip
        session.execute(
            update(Comment)
            .where(Comment.id == parent_id)
            .values(stirred_at=max(latest or row.created_at, row.created_at))
            .execution_options(synchronize_session=False)
        )
        parent_id = row.parent_id


@dataclass(slots=True)
class _Below:
    """What comes to stand below a comment: replies, all that the public reads, the latest of it."""

    replies: int = 0
    public: int = 0
    latest: datetime | None = None

    def add(self, replies: int, public: int, latest: datetime | None) -> None:
        """Some more of it."""
        self.replies += replies
        self.public += public
        if latest is not None and (self.latest is None or self.latest < latest):
            self.latest = latest


def gather(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Fill in what new comments have below them, and tell those above that are stored already.

    `rows` are the columns of comments before they are stored, parents before their replies.
    """
    new = {row["id"]: _Below() for row in rows}
    stored: dict[int, _Below] = {}
    for row in reversed(rows):
        below = new[row["id"]]
        is_public = is_public_status(row["status"])
        at = row["created_at"]
        latest = below.latest if below.latest is not None and below.latest > at else None
        row["reply_count"], row["descendant_count"] = below.replies, below.public
        row["stirred_at"] = latest or at
        parent = row["parent_id"]
        if parent is not None:
            above = new.get(parent) or stored.setdefault(parent, _Below())
            above.add(int(is_public), below.public + int(is_public), below.latest)
            above.add(0, 0, at if is_public else None)
    _tell_stored(session, {number: below for number, below in stored.items() if below.public})


def _tell_stored(session: Session, stored: dict[int, _Below]) -> None:
    if not stored:
        return
    lines = _above_all(session, stored)
    carried: dict[int, _Below] = {}
    for number, below in stored.items():
        carried.setdefault(number, _Below()).add(below.replies, below.public, below.latest)
        above = lines[number]
        while above is not None:
            carried.setdefault(above, _Below()).add(0, below.public, below.latest)
            above = lines[above]
    session.connection().execute(
        _CARRIED,
        [
            {"number": number, "replies": one.replies, "public": one.public, "latest": one.latest}
            for number, one in sorted(carried.items())
        ],
    )


def _above_all(session: Session, numbers: Iterable[int]) -> dict[int, int | None]:
    """The parents of some stored comments and of all that stands above them."""
    wanted, found = set(numbers), dict[int, int | None]()
    while wanted:
        some = sorted(wanted)[:_AT_ONCE]
        line = select(Comment.id, Comment.parent_id).where(Comment.id.in_(some))
        cte = line.cte("ancestors", recursive=True)
        above = aliased(Comment)
        # UNION drops what was met already: branches meet further up.
        cte = cte.union(select(above.id, above.parent_id).where(above.id == cte.c.parent_id))
        found |= {row.id: row.parent_id for row in session.execute(select(cte))}
        wanted -= found.keys()
    return found


_AT_ONCE = 500
_TABLE: Any = Comment.__table__
_CARRIED = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("number"))
    .values(
        reply_count=_TABLE.c.reply_count + bindparam("replies"),
        descendant_count=_TABLE.c.descendant_count + bindparam("public"),
        stirred_at=case(
            (_TABLE.c.stirred_at < bindparam("latest"), bindparam("latest")),
            else_=_TABLE.c.stirred_at,
        ),
    )
)
