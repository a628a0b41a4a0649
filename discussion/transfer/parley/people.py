"""Whose names stand in an export: who wrote, voted, reported, objected or decided there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import CompoundSelect, select, union

from models import (
    ActorKind,
    Appeal,
    ArticlePoint,
    AuditEntry,
    Batch,
    Comment,
    Decision,
    Note,
    Policy,
    Report,
    Sample,
    Sanction,
    SiteRole,
    Thread,
    Vote,
)
from models.audit import NO_SITE

if TYPE_CHECKING:
    from discussion.transfer.parley.writing import Wanted

_PEOPLE = (ActorKind.STAFF, ActorKind.AUTHOR)


def named_by(wanted: Wanted) -> CompoundSelect[tuple[int]]:
    """The numbers of all of them, in a column `id`."""
    comments = select(Comment.id).where(wanted.comments())
    asked: list[Any] = [select(Comment.author_id.label("id")).where(wanted.comments())]
    for column in (Vote.account_id, Report.account_id, Appeal.account_id, Note.account_id,
                   Sample.first_account_id, Sample.account_id):  # fmt: skip
        asked.append(select(column).where(column.class_.comment_id.in_(comments)))
    asked.append(
        select(Decision.actor_id).where(
            Decision.comment_id.in_(comments), Decision.actor_kind.in_(_PEOPLE)
        )
    )
    threads = select(Thread.id).where(Thread.site_id.in_(wanted.sites))
    if wanted.threads:
        threads = threads.where(Thread.id.in_(wanted.threads))
    asked.append(select(ArticlePoint.account_id).where(ArticlePoint.thread_id.in_(threads)))
    asked.append(select(SiteRole.account_id).where(SiteRole.site_id.in_(wanted.sites)))
    asked.append(_actors(Policy, wanted.sites))
    if wanted.is_whole:
        asked += [_actors(Batch, wanted.sites), _actors(Sanction, wanted.sites)]
        asked.append(select(Sanction.account_id).where(Sanction.site_id.in_(wanted.sites)))
        places = [*wanted.sites, *([NO_SITE] if wanted.is_everything else [])]
        asked.append(_actors(AuditEntry, places))
        asked.append(
            select(AuditEntry.subject_id).where(
                AuditEntry.site_id.in_(places), AuditEntry.subject_kind == "account"
            )
        )
    return union(*asked)


def _actors(table: Any, places: Any) -> Any:
    return select(table.actor_id).where(table.site_id.in_(places), table.actor_kind.in_(_PEOPLE))
