"""All that is stored of one reader, as files for that reader (GDPR, Articles 15 and 20).

Of others it holds nothing: not who voted, who reported, or which moderator decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.transfer.parley import shape
from discussion.transfer.sheets import written
from models import (
    Account,
    Appeal,
    ArticlePoint,
    Comment,
    Decision,
    Report,
    Sanction,
    Score,
    Site,
    StoredSignal,
    Thread,
    Vote,
    utcnow,
)
from moderation.statements import statement

Line = dict[str, Any]
_README = """What is stored of you here, as of {now} (UTC).

about.json       your name, and since when you are known here
comments.json    what you wrote, where it stands, how it was scored and what was decided about it
comments.csv     the same in short, for a spreadsheet
votes.json       what you voted on
reports.json     what you reported
objections.json  what you objected to
sanctions.json   what was imposed on you, and why
"""


def files(session: Session, account: Account) -> Iterator[tuple[str, str]]:
    """Names and contents of all files."""
    comments = _comments(session, account)
    yield "README.txt", _README.format(now=shape.plain(utcnow()))
    yield "about.json", _json(_about(account))
    yield "comments.json", _json(comments)
    yield "comments.csv", _table(comments)
    yield "votes.json", _json(_votes(session, account))
    yield "reports.json", _json(_reports(session, account))
    yield "objections.json", _json(_objections(session, account))
    yield "sanctions.json", _json(_sanctions(session, account))


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2, default=shape.plain) + "\n"


def _about(account: Account) -> Line:
    said = {
        "number": account.id,
        "name": account.name,
        "since": account.created_at,
        "may_write": account.standing.value == "good",
    }
    return said | ({"email": account.email} if account.email else {})


def _comments(session: Session, account: Account) -> list[Line]:
    query = (
        select(Comment, Thread.url, Thread.title, Site.name)
        .join(Thread, Thread.id == Comment.thread_id)
        .join(Site, Site.id == Comment.site_id)
        .where(Comment.author_id == account.id)
        .order_by(Comment.id)
    )
    return [
        {
            "number": comment.id,
            "site": site,
            "page": url,
            "title": title,
            "name": comment.author_name,
            "text": comment.text,
            "status": comment.status,
            "written": comment.created_at,
            "changed": comment.edited_at,
            "email_domain": comment.email_domain,
            "language": comment.language,
            "up": comment.up,
            "down": comment.down,
            "scores": _scores(session, comment),
            "checks": _checks(session, comment),
            "decisions": _decisions(session, comment),
        }
        for comment, url, title, site in session.execute(query)
    ]


def _scores(session: Session, comment: Comment) -> list[Line]:
    query = select(Score).where(Score.comment_id == comment.id).order_by(Score.id)
    return [
        {"revision": one.revision, "label": one.label, "score": one.value,
         "model": f"{one.model_name} {one.model_version}", "at": one.created_at}
        for one in session.scalars(query)
    ]  # fmt: skip


def _checks(session: Session, comment: Comment) -> list[Line]:
    """What the checks noticed; without their evidence, which can name what others wrote."""
    query = select(StoredSignal).where(StoredSignal.comment_id == comment.id)
    return [
        {"revision": one.revision, "check": one.kind, "about": one.subject, "advice": one.advice}
        for one in session.scalars(query.order_by(StoredSignal.id))
    ]


def _decisions(session: Session, comment: Comment) -> list[Line]:
    query = select(Decision).where(Decision.comment_id == comment.id).order_by(Decision.id)
    return [
        {"at": one.created_at, "from": one.before, "to": one.after, "reasons": one.reasons,
         "by": one.actor_kind}
        for one in session.scalars(query)
    ]  # fmt: skip


def _table(comments: Sequence[Line]) -> str:
    columns = ("number", "site", "page", "title", "name", "text", "status", "written", "changed")
    rows = [[shape.plain(one[name]) or "" for name in columns] for one in comments]
    return "\ufeff" + written([columns, *rows])


def _votes(session: Session, account: Account) -> list[Line]:
    votes = (
        select(Vote, Thread.url)
        .join(Comment, Comment.id == Vote.comment_id)
        .join(Thread, Thread.id == Comment.thread_id)
        .where(Vote.account_id == account.id)
        .order_by(Vote.created_at)
    )
    points = (
        select(ArticlePoint, Thread.url)
        .join(Thread, Thread.id == ArticlePoint.thread_id)
        .where(ArticlePoint.account_id == account.id)
        .order_by(ArticlePoint.created_at)
    )
    return [
        {"page": url, "comment": vote.comment_id, "vote": "up" if vote.value > 0 else "down",
         "at": vote.created_at}
        for vote, url in session.execute(votes)
    ] + [
        {"page": url, "vote": "point for the article", "at": point.created_at}
        for point, url in session.execute(points)
    ]  # fmt: skip


def _reports(session: Session, account: Account) -> list[Line]:
    query = select(Report).where(Report.account_id == account.id).order_by(Report.id)
    return [
        {"comment": one.comment_id, "reason": one.reason, "text": one.text, "state": one.state,
         "at": one.created_at}
        for one in session.scalars(query)
    ]  # fmt: skip


def _objections(session: Session, account: Account) -> list[Line]:
    query = select(Appeal).where(Appeal.account_id == account.id).order_by(Appeal.id)
    return [
        {"comment": one.comment_id, "text": one.text, "state": one.state, "at": one.created_at}
        for one in session.scalars(query)
    ]


def _sanctions(session: Session, account: Account) -> list[Line]:
    query = select(Sanction, Site.name).join(Site, Site.id == Sanction.site_id)
    query = query.where(Sanction.account_id == account.id).order_by(Sanction.id)
    return [
        {"site": name, "state": one.state} | statement(one).as_record()
        for one, name in session.execute(query)
    ]
