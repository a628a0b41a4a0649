"""Votes over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from discussion import comments, votes
from jobs.transactions import written
from web import auth, limits
from web.api import schemas

blueprint = Blueprint("votes", __name__, url_prefix="/api/v1", description="Up and down.")


@blueprint.put("/comments/<row:comment_id>/vote")
@limits.votes
@blueprint.arguments(schemas.VoteValue)
@blueprint.response(200, schemas.Votes)
def cast_vote(sent: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Vote up (1) or down (-1); the last vote of a reader counts."""
    return vote(comment_id, sent["value"])


@blueprint.delete("/comments/<row:comment_id>/vote")
@limits.votes
@blueprint.response(200, schemas.Votes)
def undo_vote(comment_id: int) -> dict[str, Any]:
    """Undo one's vote."""
    return vote(comment_id, 0)


def vote(comment_id: int, value: int) -> dict[str, Any]:
    """The reader's vote on a comment, 1, -1 or 0 for none; answers the totals."""
    if value:
        auth.admit()
    return written(lambda session: _cast(session, comment_id, value))


def _cast(session: Session, comment_id: int, value: int) -> dict[str, Any]:
    comment = comments.public_to_mark(session, comment_id)
    if value == 0 and auth.reader(session) is None:
        return {"up": comment.up, "down": comment.down, "vote": 0}
    voter, is_new = auth.reader_or_newcomer(session)
    up, down = votes.cast(session, comment, voter, value)
    token = {"reader_token": auth.token_for(voter)} if is_new else {}
    return {"up": up, "down": down, "vote": value, **token}
