"""What the desk knows of one author on one site, in a fixed number of queries; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from models import Account, AuditEntry, Comment, Report, ReportState, Sanction, Status
from models.keyset import Order
from moderation import purges, sanctions
from moderation.cases import AuthorHistory
from moderation.errors import Invalid, NotFound

PAGE = 50
# The names are looked for among so many of the newest comments.
_NAMED_BY = 200
_ORDER = Order("author", Comment.created_at, Comment.id, descending=True)


@dataclass(frozen=True)
class Profile:
    """An author on a site: `reports` are those this author made here, by what became of them,
    and `ended` says how a sanction ended that did not end by itself, by its number."""

    history: AuthorHistory
    names: Sequence[str]
    reports: dict[ReportState, int] = field(default_factory=dict)
    ended: dict[int, AuditEntry] = field(default_factory=dict)

    @property
    def rejection_rate(self) -> float:
        """Rejected ones among those that were published or rejected, 0 to 1; 0.0 for none."""
        counts = self.history.counts
        rejected = counts.get(Status.REJECTED, 0)
        decided = rejected + counts.get(Status.PUBLISHED, 0)
        return rejected / decided if decided else 0.0


@dataclass(frozen=True)
class Written:
    """Some comments of an author, newest first, and the cursor of the older ones."""

    comments: Sequence[Comment]
    next: str | None


def sites_of(session: Session, account_id: int, site_ids: Sequence[int]) -> list[int]:
    """On which of some sites somebody has written."""
    return [one for one in site_ids if sanctions.has_written(session, one, account_id)]


def profile(session: Session, site_id: int, account_id: int) -> Profile:
    """What is known of an author on a site. Raises NotFound for one who never wrote there."""
    place = (account_id, site_id)
    account = session.get(Account, account_id)
    if account is None or not sanctions.has_written(session, site_id, account_id):
        raise NotFound("There is no such author.")
    by_status = (
        select(Comment.status, func.count())
        .where(Comment.author_id == account_id, Comment.site_id == site_id)
        .group_by(Comment.status)
    )
    imposed = sanctions.of_author(session, site_id, account_id)
    history = AuthorHistory(
        account,
        {row[0]: row[1] for row in session.execute(by_status)},
        imposed,
        purges.latest(session, [place]).get(place),
    )
    return Profile(
        history,
        _names(session, site_id, account_id),
        _reports(session, site_id, account_id),
        _ended(session, imposed),
    )


def _names(session: Session, site_id: int, account_id: int) -> list[str]:
    """The names that the last comments were written under, the newest first."""
    rows = session.scalars(
        select(Comment.author_name)
        .where(Comment.author_id == account_id, Comment.site_id == site_id)
        .order_by(Comment.created_at.desc())
        .limit(_NAMED_BY)
    )
    return list(dict.fromkeys(rows))


def _reports(session: Session, site_id: int, account_id: int) -> dict[ReportState, int]:
    rows = session.execute(
        select(Report.state, func.count())
        .join(Comment, Comment.id == Report.comment_id)
        .where(Report.account_id == account_id, Comment.site_id == site_id)
        .group_by(Report.state)
    )
    return {row[0]: row[1] for row in rows}


def _ended(session: Session, imposed: Sequence[Sanction]) -> dict[int, AuditEntry]:
    """The entry that tells how each sanction was ended, by the sanction's number."""
    rows = session.scalars(
        select(AuditEntry).where(
            AuditEntry.subject_kind == Sanction.__tablename__,
            AuditEntry.subject_id.in_([one.id for one in imposed]),
            AuditEntry.action != sanctions.IMPOSED,
        )
    )
    return {entry.subject_id: entry for entry in rows}


def written(session: Session, site_id: int, account_id: int, cursor: str = "") -> Written:
    """A page of an author's comments on a site. Raises Invalid for a cursor of another list."""
    query = (
        select(Comment)
        .where(Comment.author_id == account_id, Comment.site_id == site_id)
        .options(joinedload(Comment.thread))
    )
    if cursor:
        try:
            query = query.where(_ORDER.after(cursor))
        except ValueError:
            raise Invalid("The cursor does not fit this list.", field="cursor") from None
    found = session.scalars(query.order_by(*_ORDER.clauses()).limit(PAGE + 1)).all()
    shown = found[:PAGE]
    more = len(found) > PAGE
    return Written(shown, _ORDER.cursor(shown[-1].created_at, shown[-1].id) if more else None)
