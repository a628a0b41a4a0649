"""Featured comments over HTTP: put above a discussion, and taken back."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Comment
from moderation import featuring, queue
from moderation.errors import NotFound
from moderation.permissions import Action
from web import auth
from web.api.moderation import blueprint as desk


class Featured(Schema):
    """Whether a comment is shown above its discussion."""

    comment_id = fields.Integer()
    featured = fields.Boolean()


@desk.put("/comments/<row:comment_id>/feature")
@desk.response(200, Featured)
def feature_comment(comment_id: int) -> dict[str, Any]:
    """Show a published comment above its discussion; 409 for one that is not published."""
    with writing() as session:
        moderator, comment = _chosen(session, comment_id)
        featuring.feature(session, comment, moderator.actor)
    return {"comment_id": comment_id, "featured": True}


@desk.delete("/comments/<row:comment_id>/feature")
@desk.response(200, Featured)
def take_feature_back(comment_id: int) -> dict[str, Any]:
    """Show a comment in its own place alone again."""
    with writing() as session:
        moderator, comment = _chosen(session, comment_id)
        featuring.take_back(session, comment, moderator.actor)
    return {"comment_id": comment_id, "featured": False}


def _chosen(session: Session, comment_id: int) -> tuple[auth.Moderator, Comment]:
    moderator = auth.moderator(session)
    comment = queue.comment(session, comment_id, to_decide=True)
    # What another site has is answered like what nobody has.
    if not moderator.may(Action.READ_QUEUE, comment.site_id):
        raise NotFound("There is no such comment.")
    moderator.require(Action.FEATURE, comment.site_id)
    return moderator, comment
