"""Hold what is stored against the record and against its own rows, in pieces of bounded size.

Reads only. Every check yields sentences with numbers of rows and never a word that a person wrote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import (
    ArticlePoint,
    Comment,
    Decision,
    Policy,
    Report,
    ReportState,
    Site,
    Status,
    Thread,
    Vote,
)
from moderation.errors import Invalid
from moderation.values import values_of
from moderation.verifying import Standing, Step, policy_faults, replay

# Rows of comments to a piece: what is held in memory at once is this many and what hangs on them.
PIECE = 2_000
_ALMOST = 1e-6

Told = Callable[[int], None]


def comments(session: Session, told: Told = lambda done: None) -> Iterator[str]:
    """Replay the decisions of every comment, and count what it says of its votes, replies and
    reports; `told` hears how many comments are done."""
    sites = session.scalars(select(Site))
    newest = {site.id: site.policy_version for site in sites}
    done, last = 0, 0
    while rows := _piece(session, Comment, last):
        last, done = rows[-1].id, done + len(rows)
        first = rows[0].id
        steps = _steps(session, first, last)
        counted = _counted(session, first, last)
        for row in rows:
            standing = Standing(
                row.id, row.site_id, row.revision, row.status, newest.get(row.site_id, 0)
            )
            made = steps.pop(row.id, ())
            for fault in replay(standing, made):
                yield f"comment {row.id}: {fault}"
            there = _with_imported(row, counted.get(row.id, {})) | {"decision_count": len(made)}
            yield from _miscounted("comment", row, there)
        for stray in steps:
            yield f"comment {stray}: it has decisions and is not there"
        told(done)


def _piece(session: Session, table: Any, last: int) -> Sequence[Any]:
    columns = _COMMENT if table is Comment else _THREAD
    query = select(*columns).where(table.id > last).order_by(table.id).limit(PIECE)
    return session.execute(query).all()


_COMMENT = (
    Comment.id,
    Comment.site_id,
    Comment.revision,
    Comment.status,
    Comment.up,
    Comment.down,
    Comment.imported_up,
    Comment.imported_down,
    Comment.reply_count,
    Comment.descendant_count,
    Comment.decision_count,
    Comment.open_reports,
    Comment.report_weight,
)
_THREAD = (Thread.id, Thread.comment_count, Thread.points)


def _steps(session: Session, first: int, last: int) -> dict[int, Sequence[Step]]:
    rows = session.execute(
        select(
            Decision.id,
            Decision.site_id,
            Decision.comment_id,
            Decision.revision,
            Decision.before,
            Decision.after,
            Decision.actor_kind,
            Decision.reasons,
            Decision.policy_version,
            Decision.undoes,
        )
        .where(Decision.comment_id.between(first, last))
        .order_by(Decision.comment_id, Decision.id)
    )
    found: dict[int, list[Step]] = defaultdict(list)
    for number, site_id, comment_id, *middle, reasons, version, undoes in rows:
        revision, before, after, kind = middle
        step = Step(
            number, site_id, comment_id, revision, before, after, kind, tuple(reasons), version,
            undoes,
        )  # fmt: skip
        found[comment_id].append(step)
    return dict(found)


def _with_imported(row: Any, counted: dict[str, float]) -> dict[str, float]:
    """The votes that have rows, and those of which another system told only how many they were."""
    return counted | {
        "up": counted.get("up", 0) + row.imported_up,
        "down": counted.get("down", 0) + row.imported_down,
    }


def _counted(session: Session, first: int, last: int) -> dict[int, dict[str, float]]:
    """What the rows say that hang on some comments, in three queries."""
    found: dict[int, dict[str, float]] = defaultdict(dict)
    votes = (
        select(Vote.comment_id, Vote.value, func.count())
        .where(Vote.comment_id.between(first, last))
        .group_by(Vote.comment_id, Vote.value)
    )
    for number, value, count in session.execute(votes):
        found[number]["up" if value > 0 else "down"] = count
    reports = (
        select(Report.comment_id, func.count(), func.sum(Report.weight))
        .where(Report.comment_id.between(first, last), Report.state == ReportState.OPEN)
        .group_by(Report.comment_id)
    )
    for number, count, weight in session.execute(reports):
        found[number] |= {"open_reports": count, "report_weight": weight}
    # What a comment says of all below it follows from what those directly below it say.
    replies = (
        select(
            Comment.parent_id,
            func.count().filter(Comment.status == Status.PUBLISHED),
            func.sum(Comment.descendant_count),
        )
        .where(Comment.parent_id.between(first, last))
        .group_by(Comment.parent_id)
    )
    for parent, public, below in session.execute(replies):
        if parent is not None:
            found[parent] |= {"reply_count": public, "descendant_count": public + below}
    return found


_COUNTS = {
    "comment": (
        "up",
        "down",
        "reply_count",
        "descendant_count",
        "decision_count",
        "open_reports",
        "report_weight",
    ),
    "thread": ("comment_count", "points"),
}


def _miscounted(kind: str, row: Any, counted: dict[str, float]) -> Iterator[str]:
    for name in _COUNTS[kind]:
        kept, there = getattr(row, name), counted.get(name, 0)
        if abs(kept - there) > _ALMOST:
            yield f"{kind} {row.id}: {name} says {kept:g}, its rows say {there:g}"


def threads(session: Session) -> Iterator[str]:
    """Count the comments and points of every thread."""
    last = 0
    while rows := _piece(session, Thread, last):
        first, last = rows[0].id, rows[-1].id
        counted: dict[int, dict[str, float]] = defaultdict(dict)
        public = (
            select(Comment.thread_id, func.count())
            .where(Comment.thread_id.between(first, last), Comment.status == Status.PUBLISHED)
            .group_by(Comment.thread_id)
        )
        for number, count in session.execute(public):
            counted[number]["comment_count"] = count
        points = (
            select(ArticlePoint.thread_id, func.count())
            .where(ArticlePoint.thread_id.between(first, last))
            .group_by(ArticlePoint.thread_id)
        )
        for number, count in session.execute(points):
            counted[number]["points"] = count
        for row in rows:
            yield from _miscounted("thread", row, counted[row.id])


def policies(session: Session) -> Iterator[str]:
    """Look for gaps in the versions of every site, and read each of them."""
    for site_id, newest in session.execute(select(Site.id, Site.policy_version)).all():
        query = select(Policy.version, Policy.thread_id).where(Policy.site_id == site_id)
        versions = session.execute(query.order_by(Policy.version)).all()
        for fault in policy_faults(newest, versions):
            yield f"site {site_id} {fault}"
        for number, _ in versions:
            record = session.scalar(
                select(Policy.values).where(Policy.site_id == site_id, Policy.version == number)
            )
            try:
                values_of(record or {})
            except Invalid as error:
                yield f"site {site_id}: version {number} cannot be read, see {error.field}"
