"""From a case to what staff see of it inside the thread."""

from __future__ import annotations

from typing import Any

from models import ActorKind, Status
from moderation.cases import Case
from moderation.decisions import TRANSITIONS
from moderation.escalation import needed
from web import undoing
from web.api.views import comment_state
from web.auth import Moderator
from web.console import words

# A thread has no room for all of them, and the highest ones say most.
_SCORES = 3
_TOLD = 0.05


def desk_shape(case: Case, moderator: Moderator) -> dict[str, Any]:
    """A comment with its words, where it stands and why; one that was withdrawn has no words."""
    comment = case.comment
    gone = comment.status is Status.WITHDRAWN
    return {
        "id": comment.id,
        "thread_id": comment.thread_id,
        "parent_id": comment.parent_id,
        "depth": comment.depth,
        "author": None
        if gone
        else {"id": comment.author_id, "name": comment.author_name, "staff": comment.by_staff},
        "by_staff": comment.by_staff,
        "html": "" if gone else comment.html,
        "state": comment_state(comment.status),
        "created_at": comment.created_at,
        "edited_at": comment.edited_at,
        "up": comment.up,
        "down": comment.down,
        "reply_count": comment.reply_count,
        "descendant_count": comment.descendant_count,
        "permalink": f"{comment.thread.url}#comment-{comment.id}",
        "parent_author": case.parent.author_name if case.parent else "",
        "desk": _desk(case, moderator),
    }


def _desk(case: Case, moderator: Moderator) -> dict[str, Any]:
    newest = case.decisions[0] if case.decisions else None
    site_id = case.comment.site_id
    account_id = moderator.account.id if moderator.account else 0
    return {
        "status": case.comment.status.value,
        "version": case.comment.version,
        "why": words.why(case),
        "scores": _scores(case),
        "can": _can(case) if moderator.may(needed(case.comment), site_id) else [],
        "undo": undoing.of_case(case, moderator),
        "happened": words.overtaken(newest, account_id) if newest else "",
    }


def _scores(case: Case) -> list[dict[str, Any]]:
    highest = sorted(case.scores, key=lambda score: -score.value)[:_SCORES]
    return [
        {
            "label": words.label(score.label),
            "value": score.value,
            "hold": score.hold,
            "is_over": score.is_over,
        }
        for score in highest
        if score.value >= _TOLD
    ]


def _can(case: Case) -> list[str]:
    """What would change something: a published comment is approved only against its reports."""
    before, open_to = case.comment.status, TRANSITIONS[ActorKind.STAFF]
    approves = (before, Status.PUBLISHED) in open_to and (
        before is not Status.PUBLISHED or case.comment.open_reports > 0
    )
    rejects = (before, Status.REJECTED) in open_to and before is not Status.REJECTED
    return [name for name, can in (("approve", approves), ("reject", rejects)) if can]
