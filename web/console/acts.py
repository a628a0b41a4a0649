"""What is done at a case besides deciding it: internal notes, passing it on, featuring it."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import writing
from models import Note
from moderation import claims, escalation, featuring, notes
from moderation.errors import Invalid, NotFound, Refused
from moderation.permissions import Action
from web import auth
from web.console.desk import act_done, blueprint, case_of, conflict


@blueprint.post("/cases/<row:comment_id>/notes")
def add_note(comment_id: int) -> AnyResponse:
    """Leave a note for the colleagues."""
    with writing() as session:
        moderator = auth.moderator(session)
        comment = case_of(session, moderator, comment_id, Action.NOTE)
        act_id = notes.add(session, comment, request.form.get("text", ""), moderator.actor).id
    return act_done(comment_id, act_id)


@blueprint.post("/notes/<row:note_id>/take-back")
def take_note_back(note_id: int) -> AnyResponse:
    """Remove one's own note again."""
    with writing() as session:
        moderator = auth.moderator(session)
        note = session.get(Note, note_id)
        if note is None or not moderator.may(Action.READ_QUEUE, note.site_id):
            raise NotFound("There is no such note.")
        moderator.require(Action.NOTE, note.site_id)
        comment_id = note.comment_id
        act_id = notes.take_back(session, note, moderator.actor).id
    return act_done(comment_id, act_id)


@blueprint.post("/cases/<row:comment_id>/escalation")
def pass_on(comment_id: int) -> AnyResponse:
    """Have a case wait for a senior, unless somebody was faster."""
    version = request.form.get("version", type=int)
    if version is None:
        raise Invalid("This page is too old. Load it again, then repeat.")
    try:
        with writing() as session:
            moderator = auth.moderator(session)
            comment = case_of(session, moderator, comment_id, Action.ESCALATE)
            claims.check(session, comment_id, moderator.actor.id)
            act_id = escalation.pass_on(session, comment, moderator.actor, version=version).id
            claims.release(session, comment_id)
    except Refused as refused:
        return conflict(comment_id, refused)
    return act_done(comment_id, act_id)


@blueprint.post("/cases/<row:comment_id>/escalation/take-back")
def take_escalation_back(comment_id: int) -> AnyResponse:
    """Give a case back to the moderators' queue."""
    try:
        with writing() as session:
            moderator = auth.moderator(session)
            comment = case_of(session, moderator, comment_id, Action.ESCALATE)
            is_senior = moderator.may(Action.DECIDE_ESCALATED, comment.site_id)
            act = escalation.take_back(session, comment, moderator.actor, is_senior=is_senior)
            act_id = act.id
    except Refused as refused:
        return conflict(comment_id, refused)
    return act_done(comment_id, act_id)


@blueprint.post("/cases/<row:comment_id>/feature")
def feature(comment_id: int) -> AnyResponse:
    """Show a published comment above its discussion."""
    try:
        with writing() as session:
            moderator = auth.moderator(session)
            comment = case_of(session, moderator, comment_id, Action.FEATURE)
            act = featuring.feature(session, comment, moderator.actor)
            act_id = act.id if act else 0
    except Refused as refused:
        return conflict(comment_id, refused)
    return act_done(comment_id, act_id)


@blueprint.post("/cases/<row:comment_id>/feature/take-back")
def take_feature_back(comment_id: int) -> AnyResponse:
    """Show a comment in its own place alone again."""
    with writing() as session:
        moderator = auth.moderator(session)
        comment = case_of(session, moderator, comment_id, Action.FEATURE)
        act = featuring.take_back(session, comment, moderator.actor)
        act_id = act.id if act else 0
    return act_done(comment_id, act_id)
