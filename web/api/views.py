"""From domain objects to the shapes of the API: threads, comments, cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from discussion.reading import CommentPage
from discussion.threads import Page
from discussion.views import CommentView
from models import Comment, Decision, Sanction, Status, Thread, utcnow
from moderation import appeals, policies
from moderation.cases import Case, standing_reasons
from moderation.sanctions import in_force
from moderation.statements import statement
from web.api import rejections
from web.runtime import runtime

_NOTICES = {
    Status.UNSCORED: "Being checked. Only you can see it until that is done.",
    Status.HELD: "Waiting for a moderator. Only you can see it.",
    Status.PUBLISHED: "",
    Status.WITHDRAWN: "You took this comment back.",
}


def thread_shape(session: Session, thread: Thread | Row[Any]) -> dict[str, Any]:
    """A thread that has begun, as an object or as a row of all its columns."""
    return {
        "id": thread.id,
        "url": thread.url,
        "title": thread.title,
        "state": thread.state.value,
        "moderation": policies.moderation(session, thread.site_id, thread.id).value,
        "comment_count": thread.comment_count,
        "points": thread.points,
        "version": thread.version,
        "limits": _limits(),
    }


def unbegun_shape(session: Session, page: Page, title: str) -> dict[str, Any]:
    """A page where nobody has begun a discussion: GET must not begin one."""
    return {
        "id": None,
        "url": page.address.url,
        "title": title,
        "state": "open",
        "moderation": policies.moderation(session, page.site.id).value,
        "comment_count": 0,
        "points": 0,
        "version": 0,
        "limits": _limits(),
    }


def _limits() -> dict[str, int]:
    limits = runtime().limits
    return {"text": limits.text, "name": limits.name, "edit_minutes": limits.edit_minutes}


def comment_shape(view: CommentView, url: str) -> dict[str, Any]:
    """A comment with its replies as everyone may read it; `url` is its thread's."""
    return {
        "id": view.id,
        "thread_id": view.thread_id,
        "parent_id": view.parent_id,
        "depth": view.depth,
        "author": None
        if view.is_tombstone
        else {"id": view.author_id, "name": view.author_name, "staff": view.by_staff},
        "by_staff": view.by_staff,
        "html": view.html,
        "state": comment_state(view.status),
        "created_at": view.created_at,
        "edited_at": view.edited_at,
        "up": view.up,
        "down": view.down,
        "reply_count": view.reply_count,
        "descendant_count": view.descendant_count,
        "featured": view.featured,
        "permalink": f"{url}#comment-{view.id}",
        "replies": [comment_shape(reply, url) for reply in view.replies],
        "more_replies": view.more_replies,
    }


def comment_state(status: Status) -> str:
    """Where a comment stands, as the public may know it."""
    # Held, unscored and rejected look alike from outside: which it is concerns the author.
    if status in (Status.PUBLISHED, Status.WITHDRAWN):
        return status.value
    return "removed"


def list_shape(page: CommentPage, url: str) -> dict[str, Any]:
    """Some comments and where the next ones begin."""
    return {
        "comments": [comment_shape(view, url) for view in page.comments],
        "next": page.next,
    }


def own_shapes(session: Session, comments: list[Comment]) -> list[dict[str, Any]]:
    """Comments as their author may read them; a rejected one says why."""
    rejected = [comment for comment in comments if comment.status is Status.REJECTED]
    reasons = standing_reasons(session, [comment.id for comment in rejected])
    places = {(comment.site_id, comment.thread_id) for comment in rejected}
    values = policies.of_places(session, places) if places else {}
    stands = appeals.where_they_stand(session, comments)
    shapes = []
    for comment in comments:
        shape = _own_shape(comment, stands[comment.id])
        if comment.status is Status.REJECTED:
            of_place = values[comment.site_id, comment.thread_id]
            why = reasons.get(comment.id, [])
            shape["notice"] = rejections.sentence(why, of_place)
            shape["reasons"] = rejections.codes(why, of_place)
        shapes.append(shape)
    return shapes


def _own_shape(comment: Comment, stand: appeals.Standing) -> dict[str, Any]:
    """A comment as its author may read it, whatever its status."""
    return {
        "id": comment.id,
        "thread_id": comment.thread_id,
        "parent_id": comment.parent_id,
        "depth": comment.depth,
        "author": {"id": comment.author_id, "name": comment.author_name, "staff": comment.by_staff},
        "by_staff": comment.by_staff,
        "html": comment.html,
        "state": comment_state(comment.status),
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
        "up": comment.up,
        "down": comment.down,
        "reply_count": comment.reply_count,
        "descendant_count": comment.descendant_count,
        "featured": comment.status is Status.PUBLISHED and comment.featured_at is not None,
        "permalink": f"{comment.thread.url}#comment-{comment.id}",
        "replies": [],
        "more_replies": None,
        "status": comment.status.value,
        "text": comment.text,
        "revision": comment.revision,
        "editable_until": _editable_until(comment),
        "notice": _NOTICES.get(comment.status, ""),
        "reasons": [],
        "appeal": stand.state.value,
        "appeal_until": stand.until,
        "rejected_by": _rejected_by(comment, stand),
    }


def _rejected_by(comment: Comment, stand: appeals.Standing) -> str:
    if comment.status is not Status.REJECTED:
        return ""
    return "person" if stand.by_person else "machine"


def _editable_until(comment: Comment) -> datetime | None:
    if comment.status not in (Status.UNSCORED, Status.HELD, Status.PUBLISHED):
        return None
    until = comment.created_at + timedelta(minutes=runtime().limits.edit_minutes)
    return until if until > utcnow() else None


def sanction_told(sanction: Sanction) -> dict[str, Any]:
    """A sanction as its author is told of it."""
    return {"id": sanction.id, **vars(statement(sanction))}


def decision_shape(decision: Decision) -> dict[str, Any]:
    """One decision of the record."""
    return {
        "id": decision.id,
        "comment_id": decision.comment_id,
        "revision": decision.revision,
        "before": decision.before.value,
        "after": decision.after.value,
        "actor_kind": decision.actor_kind.value,
        "actor_name": decision.actor_name,
        "reasons": decision.reasons,
        "note": decision.note,
        "policy_version": decision.policy_version,
        "undoes": decision.undoes,
        "created_at": decision.created_at,
    }


def case_shape(case: Case) -> dict[str, Any]:
    """A case as moderators see it."""
    comment, thread, parent = case.comment, case.comment.thread, case.parent
    return {
        "id": comment.id,
        "version": comment.version,
        "status": comment.status.value,
        "escalated": comment.escalated,
        "appeal": case.appeal.text if case.appeal else "",
        "text": comment.text,
        "html": comment.html,
        "revision": comment.revision,
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
        "author_name": comment.author_name,
        "site_id": comment.site_id,
        "thread_id": thread.id,
        "thread_title": thread.title,
        "permalink": f"{thread.url}#comment-{comment.id}",
        "parent_id": comment.parent_id,
        "parent_author": parent.author_name if parent else "",
        "parent_text": parent.text if parent else "",
        "risk": comment.risk,
        "language": comment.language,
        "reasons": case.reasons,
        "scores": case.scores,
        "signals": [
            {
                "kind": signal.kind,
                "subject": signal.subject,
                "advice": signal.advice.value,
                "value": signal.value,
                "threshold": signal.threshold,
                "evidence": signal.evidence,
            }
            for signal in case.signals
        ],
        "reports": [
            {
                "reason": report.reason.value,
                "text": report.text,
                "state": report.state.value,
                "created_at": report.created_at,
            }
            for report in case.reports
        ],
        "decisions": [decision_shape(decision) for decision in case.decisions],
        "author": {
            "id": comment.author_id,
            "name": comment.author_name,
            "since": case.author.since,
            "standing": case.author.account.standing.value,
            "sanctions": [one.kind.value for one in in_force(case.author.sanctions)],
            "counts": {status.value: count for status, count in case.author.counts.items()},
        },
    }
