"""Record a reader's flag; enough of them hide the comment until a person has looked."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import Account, Comment, Report, ReportReason, Site, Status
from moderation import decisions

ENOUGH_REPORTS = "reports"


def record(
    session: Session, comment: Comment, reader: Account, reason: ReportReason, text: str
) -> bool:
    """Note one report of one reader; True if it is new, False if this reader had reported.

    The caller has made sure that the reader can read the comment.
    """
    already = session.scalar(
        select(Report.id).where(Report.comment_id == comment.id, Report.account_id == reader.id)
    )
    if already is not None:
        return False
    session.add(Report(comment_id=comment.id, account_id=reader.id, reason=reason, text=text))
    session.flush()
    session.execute(
        update(Comment)
        .where(Comment.id == comment.id)
        .values(open_reports=Comment.open_reports + 1)
        .execution_options(synchronize_session=False)
    )
    session.refresh(comment)
    _hide_if_enough(session, comment)
    return True


def _hide_if_enough(session: Session, comment: Comment) -> None:
    enough = session.get_one(Site, comment.site_id).hold_at_reports
    if comment.status is Status.PUBLISHED and 0 < enough <= comment.open_reports:
        decisions.decide(session, comment, Status.HELD, decisions.SYSTEM, [ENOUGH_REPORTS])
