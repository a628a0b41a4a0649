"""What was done just before, in a sentence, and where it is taken back."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from models import AuditEntry, Comment, Decision, Note, Status
from moderation import escalation, featuring, notes
from moderation.permissions import Action
from web import undoing
from web.api.schemas import LARGEST_ID
from web.auth import Moderator
from web.console import words

_SENTENCES = {
    notes.WRITTEN: "Note kept — only the staff of this site reads it.",
    notes.TAKEN_BACK: "Taken back — the note is gone.",
    escalation.PASSED_ON: "Passed on — it waits for a senior.",
    escalation.TAKEN_BACK: "Taken back — it waits in the moderators' queue again.",
    featuring.FEATURED: "Featured — readers find it above the discussion.",
    featuring.TAKEN_BACK: "Taken back — it stands in its own place alone.",
}


def said(session: Session, moderator: Moderator, back: dict[str, Any]) -> dict[str, Any] | None:
    """What the decision or the act named in the address did; None if none is."""
    act = request.args.get("act", 0, type=int)
    if 0 < act <= LARGEST_ID:
        return told(session, moderator, act, back)
    number = request.args.get("decided", 0, type=int)
    decision = session.get(Decision, number) if 0 < number <= LARGEST_ID else None
    if decision is None or not moderator.may(Action.UNDO, decision.site_id):
        return None
    undoable = undoing.is_open(session, decision, moderator)
    return {"text": words.outcome(decision), "undo": number if undoable else 0, "bad": False}


def told(
    session: Session, moderator: Moderator, act_id: int, back: dict[str, Any]
) -> dict[str, Any] | None:
    """One's own act with the address that takes it back (`undo_at`, "" if there is none); None
    for anybody else's."""
    entry = session.get(AuditEntry, act_id)
    if entry is None or entry.action not in _SENTENCES or entry.actor_id != moderator.actor.id:
        return None
    if not moderator.may(Action.READ_QUEUE, entry.site_id):
        return None
    return {
        "text": _SENTENCES[entry.action],
        "undo_at": _undo_at(session, entry, back),
        "undo": 0,
        "bad": False,
    }


def _undo_at(session: Session, entry: AuditEntry, back: dict[str, Any]) -> str:
    if entry.action == notes.WRITTEN and session.get(Note, entry.subject_id) is not None:
        return url_for("console.take_note_back", note_id=entry.subject_id, **back)
    if entry.action == escalation.PASSED_ON:
        comment = session.get(Comment, entry.subject_id)
        if comment is not None and comment.escalated:
            return url_for("console.take_escalation_back", comment_id=comment.id, **back)
    if entry.action in (featuring.FEATURED, featuring.TAKEN_BACK):
        return _other_way(session, entry, back)
    return ""


def _other_way(session: Session, entry: AuditEntry, back: dict[str, Any]) -> str:
    """Where a comment is featured no longer, or is again; "" where that changes nothing."""
    comment = session.get(Comment, entry.subject_id)
    if comment is None or (comment.featured_at is not None) != (entry.action == featuring.FEATURED):
        return ""
    if entry.action == featuring.FEATURED:
        return url_for("console.take_feature_back", comment_id=comment.id, **back)
    if comment.status is not Status.PUBLISHED:
        return ""
    return url_for("console.feature", comment_id=comment.id, **back)
