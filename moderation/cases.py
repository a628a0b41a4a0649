"""A comment with everything that a moderator decides by; reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import (
    Account,
    Appeal,
    AppealState,
    AuditEntry,
    Batch,
    Comment,
    Decision,
    Explanation,
    Note,
    Report,
    ReportState,
    Sanction,
    Score,
    Status,
    StoredSignal,
)
from moderation import policies, purges, sanctions
from moderation.classifier.explaining import Span
from moderation.explanations import explains, spans_of
from moderation.signals.facts import NEVER, UNLISTED
from moderation.values import Values

_Row = TypeVar("_Row", StoredSignal, Report, Decision, Appeal, Note)


@dataclass(frozen=True)
class LabelScore:
    """One score (0 to 1) beside the thresholds that stand now; 1.0 means never.

    `spans` are the words that carry it, in the order of the text, once it `is_explained`.
    """

    label: str
    value: float
    hold: float
    reject: float
    model: str
    spans: tuple[Span, ...] = ()
    is_explained: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the score alone would hold the comment."""
        return self.hold < NEVER and self.value >= self.hold


@dataclass(frozen=True)
class AuthorHistory:
    """What the author's comments on this site came to."""

    account: Account
    counts: dict[Status, int]
    # What was imposed on this site, newest first, and the last batch about this author.
    sanctions: Sequence[Sanction] = ()
    purge: Batch | None = None

    @property
    def total(self) -> int:
        """All comments of this author on this site."""
        return sum(self.counts.values())

    @property
    def since(self) -> datetime:
        """When the author was first seen."""
        return self.account.created_at


@dataclass(frozen=True)
class Case:
    """A comment with everything that a moderator decides by."""

    comment: Comment
    parent: Comment | None
    scores: list[LabelScore]
    signals: list[StoredSignal]
    reports: list[Report]
    decisions: list[Decision]
    author: AuthorHistory
    # What stands where the comment is.
    values: Values
    appeals: list[Appeal]
    # What moderators told each other, and who passed the case on to a senior; oldest first.
    notes: list[Note] = field(default_factory=list)
    acts: list[AuditEntry] = field(default_factory=list)

    @property
    def appeal(self) -> Appeal | None:
        """Its author's objection that waits for an answer."""
        waiting = (appeal for appeal in self.appeals if appeal.state is AppealState.OPEN)
        return next(waiting, None)

    @property
    def reasons(self) -> list[str]:
        """Why the comment waits, as the decision that stands and the open reports say."""
        stands = standing(self.decisions)
        named = list(stands.reasons) if stands else []
        if self.comment.status is Status.UNSCORED:
            named = ["unscored"]
        if any(report.state is ReportState.OPEN for report in self.reports):
            named.append("reports")
        return list(dict.fromkeys(named))


def standing(decisions: Sequence[Decision]) -> Decision | None:
    """The newest decision that was neither taken back nor is itself a taking back.

    `decisions` are one comment's, newest first.
    """
    undone: set[int] = set()
    for decision in decisions:
        if decision.id in undone:
            continue
        if not decision.undoes:
            return decision
        undone.add(decision.undoes)
    return None


def gather(session: Session, comments: Sequence[Comment]) -> list[Case]:
    """Cases with what belongs to them, in twelve queries however many they are."""
    ids = [found.id for found in comments]
    parents = {
        parent.id: parent
        for parent in session.scalars(
            select(Comment).where(Comment.id.in_({c.parent_id for c in comments if c.parent_id}))
        )
    }
    standing = policies.of_places(session, {(c.site_id, c.thread_id) for c in comments})
    scores = _scores(session, comments, standing)
    signals = _by_comment(
        session.scalars(
            select(StoredSignal)
            .join(Comment, Comment.id == StoredSignal.comment_id)
            .where(Comment.id.in_(ids), StoredSignal.revision == Comment.revision)
            .order_by(StoredSignal.id)
        ).all()
    )
    reports = _by_comment(
        session.scalars(select(Report).where(Report.comment_id.in_(ids)).order_by(Report.id)).all()
    )
    decisions = _by_comment(
        session.scalars(
            select(Decision).where(Decision.comment_id.in_(ids)).order_by(Decision.id.desc())
        ).all()
    )
    appeals = _by_comment(
        session.scalars(select(Appeal).where(Appeal.comment_id.in_(ids)).order_by(Appeal.id)).all()
    )
    notes = _by_comment(
        session.scalars(select(Note).where(Note.comment_id.in_(ids)).order_by(Note.id)).all()
    )
    acts = _acts(session, ids)
    authors = _histories(session, comments)
    return [
        Case(
            comment=found,
            parent=parents.get(found.parent_id or 0),
            scores=scores.get(found.id, []),
            signals=signals.get(found.id, []),
            reports=reports.get(found.id, []),
            decisions=decisions.get(found.id, []),
            author=authors[(found.author_id, found.site_id)],
            values=standing[found.site_id, found.thread_id],
            appeals=appeals.get(found.id, []),
            notes=notes.get(found.id, []),
            acts=acts.get(found.id, []),
        )
        for found in comments
    ]


def _by_comment(rows: Sequence[_Row]) -> dict[int, list[_Row]]:
    grouped: dict[int, list[_Row]] = {}
    for row in rows:
        grouped.setdefault(row.comment_id, []).append(row)
    return grouped


def _acts(session: Session, comment_ids: Sequence[int]) -> dict[int, list[AuditEntry]]:
    """What was done to comments besides deciding them."""
    grouped: dict[int, list[AuditEntry]] = {}
    for entry in session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.subject_kind == Comment.__tablename__, AuditEntry.subject_id.in_(comment_ids)
        )
        .order_by(AuditEntry.id)
    ):
        grouped.setdefault(entry.subject_id, []).append(entry)
    return grouped


def _scores(
    session: Session, comments: Sequence[Comment], standing: Mapping[policies.Place, Values]
) -> dict[int, list[LabelScore]]:
    """Scores of the current revisions, each beside the threshold of today where it stands."""
    grouped: dict[int, list[LabelScore]] = {}
    rows = session.execute(
        select(
            Score.comment_id,
            Score.label,
            Score.value,
            Score.model_name,
            Score.model_version,
            Comment.site_id,
            Comment.thread_id,
            Explanation,
        )
        .join(Comment, Comment.id == Score.comment_id)
        .outerjoin(Explanation, explains(Score))
        .where(Score.comment_id.in_([c.id for c in comments]), Score.revision == Comment.revision)
        .order_by(Score.id)
    )
    for number, label, value, name, version, site_id, thread_id, explanation in rows:
        limits = standing[site_id, thread_id].thresholds.get(label, UNLISTED)
        grouped.setdefault(number, []).append(
            LabelScore(
                label=label,
                value=value,
                hold=limits.hold,
                reject=limits.reject,
                model=f"{name} {version}",
                spans=spans_of(explanation),
                is_explained=explanation is not None,
            )
        )
    return grouped


def _histories(
    session: Session, comments: Sequence[Comment]
) -> dict[tuple[int, int], AuthorHistory]:
    authors = {(c.author_id, c.site_id): c.author for c in comments}
    counts: dict[tuple[int, int], dict[Status, int]] = {key: {} for key in authors}
    # Some pairs too many: asked for as pairs, SQLite goes through the whole index.
    rows = session.execute(
        select(Comment.author_id, Comment.site_id, Comment.status, func.count())
        .where(
            Comment.author_id.in_({author_id for author_id, _ in authors}),
            Comment.site_id.in_({site_id for _, site_id in authors}),
        )
        .group_by(Comment.author_id, Comment.site_id, Comment.status)
    )
    for author_id, site_id, status, count in rows:
        if (author_id, site_id) in counts:
            counts[(author_id, site_id)][status] = count
    imposed, purged = sanctions.of_authors(session, authors), purges.latest(session, authors)
    return {
        key: AuthorHistory(account, counts[key], imposed[key], purged.get(key))
        for key, account in authors.items()
    }


def standing_reasons(session: Session, comment_ids: Sequence[int]) -> dict[int, list[str]]:
    """The reasons of the decision that stands, per comment."""
    if not comment_ids:
        return {}
    rows = session.scalars(
        select(Decision).where(Decision.comment_id.in_(comment_ids)).order_by(Decision.id.desc())
    ).all()
    stands = {number: standing(decisions) for number, decisions in _by_comment(rows).items()}
    return {number: list(one.reasons) for number, one in stands.items() if one is not None}
