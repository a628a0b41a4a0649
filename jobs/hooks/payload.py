"""What a webhook is told of an event: made when it is sent, from what is there then."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Comment, Decision, Delivery, Report, Score, Site, Status, Thread
from models.webhook import TEST_EVENT

Payload = dict[str, Any]
ERASED, WITHDRAWN = "erased", "withdrawn"
_TEST_TEXT = "This is a test. Nobody wrote this comment, and nothing happened."


def payload(session: Session, delivery: Delivery, site: Site, public_url: str) -> Payload:
    """An event as docs/webhooks.md describes it.

    Words that were withdrawn or erased since are not in it: `gone` says which.
    """
    decision = session.get(Decision, delivery.decision_id) if delivery.decision_id else None
    report = session.get(Report, delivery.report_id) if delivery.report_id else None
    about: Payload = {
        "id": delivery.event_id,
        "event": delivery.event,
        "time": delivery.created_at.isoformat(),
        "site": {"slug": site.slug, "name": site.name},
    }
    if delivery.event == TEST_EVENT:
        return about | _nothing(public_url)
    comment = session.get(Comment, delivery.comment_id)
    return about | {
        "thread": _thread(comment.thread) if comment else None,
        "comment": _comment(session, delivery.comment_id, comment, public_url),
        "decision": _decision(decision) if decision else None,
        "report": _report(report) if report else None,
    }


def _thread(thread: Thread) -> Payload:
    return {"id": thread.id, "url": thread.url, "title": thread.title}


def _comment(session: Session, number: int, comment: Comment | None, public_url: str) -> Payload:
    gone = _gone(comment)
    known = comment if comment is not None and gone != ERASED else None
    return {
        "id": number,
        "url": f"{comment.thread.url}#comment-{number}" if comment else None,
        "console_url": f"{public_url}/console/cases/{number}",
        "author": {"id": known.author_id, "name": known.author_name} if known else None,
        "text": comment.text if comment is not None and not gone else None,
        "gone": gone,
        "status": comment.status.value if comment else None,
        "revision": comment.revision if comment else None,
        "created_at": comment.created_at.isoformat() if comment else None,
        "scores": _scores(session, comment) if comment is not None and not gone else {},
    }


def _gone(comment: Comment | None) -> str:
    """Why there are no words of a comment; empty where there are."""
    if comment is None or not comment.text:
        return ERASED
    return WITHDRAWN if comment.status is Status.WITHDRAWN else ""


def _scores(session: Session, comment: Comment) -> dict[str, float]:
    """What was last said of the text of now, by label."""
    of_text = (Score.comment_id == comment.id, Score.revision == comment.revision)
    newest = select(func.max(Score.id)).where(*of_text).group_by(Score.label)
    rows = session.execute(select(Score.label, Score.value).where(Score.id.in_(newest)))
    return {label: round(value, 4) for label, value in sorted(rows.all())}


def _decision(decision: Decision) -> Payload:
    return {
        "id": decision.id,
        "before": decision.before.value,
        "after": decision.after.value,
        "revision": decision.revision,
        "actor": {"kind": decision.actor_kind.value, "name": decision.actor_name},
        "reasons": list(decision.reasons),
        "undoes": decision.undoes or None,
        "created_at": decision.created_at.isoformat(),
    }


def _report(report: Report) -> Payload:
    return {
        "id": report.id,
        "reason": report.reason.value,
        "text": report.text,
        "weight": report.weight,
        "created_at": report.created_at.isoformat(),
    }


def _nothing(public_url: str) -> Payload:
    """What a test tells of: the shape of an event, and no comment of anybody."""
    return {
        "thread": {"id": 0, "url": public_url, "title": "A test"},
        "comment": {
            "id": 0,
            "url": public_url,
            "console_url": f"{public_url}/console/",
            "author": {"id": 0, "name": "Parley"},
            "text": _TEST_TEXT,
            "gone": "",
            "status": None,
            "revision": None,
            "created_at": None,
            "scores": {},
        },
        "decision": None,
        "report": None,
    }
