"""Record a reader's flag; enough of their weight hides the comment until a person has looked."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Account, Advice, Comment, Report, ReportReason, ReportState, Status
from moderation import decisions, happened, policies, reporters, sanctions
from moderation.sanctions import Door

ENOUGH_REPORTS = "reports"  # the name of the signal, too


def record(
    session: Session, comment: Comment, reader: Account, reason: ReportReason, text: str
) -> bool:
    """Note one report of one reader; True if it is new, False if this reader had reported.

    The caller has made sure that the reader can read the comment. Raises Sanctioned.
    """
    sanctions.permit(session, comment.site_id, reader.id, Door.REPORT)
    already = session.scalar(
        select(Report.id).where(Report.comment_id == comment.id, Report.account_id == reader.id)
    )
    if already is not None:
        return False
    report = Report(
        comment_id=comment.id,
        account_id=reader.id,
        reason=reason,
        text=text,
        weight=reporters.weight_here(session, reader.id, comment.site_id),
    )
    session.add(report)
    session.flush()
    happened.reported(session, comment.site_id, report)
    decisions.count_open_reports(session, comment)
    _hide_if_enough(session, comment)
    return True


def are_enough(session: Session, comment: Comment) -> bool:
    """Whether open reports weigh enough to hide the comment until a person has looked.

    Only readers who were here before the comment was written count: five tokens that one
    person fetched for the purpose are no five readers. Their reports reach the queue all the same.
    """
    if not comment.open_reports:
        return False
    rule = policies.standing(session, comment.site_id, comment.thread_id).rule(ENOUGH_REPORTS)
    if rule.advice is not Advice.HOLD or round(comment.report_weight, 6) < rule.limit:
        return False
    known = session.scalar(
        select(func.sum(Report.weight))
        .join(Account, Account.id == Report.account_id)
        .where(
            Report.comment_id == comment.id,
            Report.state == ReportState.OPEN,
            Account.created_at < comment.created_at,
        )
    )
    return round(known or 0.0, 6) >= rule.limit


def _hide_if_enough(session: Session, comment: Comment) -> None:
    if comment.by_staff or comment.status is not Status.PUBLISHED:
        return
    if are_enough(session, comment):
        decisions.decide(session, comment, Status.HELD, decisions.SYSTEM, [ENOUGH_REPORTS])
