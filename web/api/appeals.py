"""Authors' objections to rejections over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from discussion import comments
from jobs.transactions import written
from moderation import appeals
from web import limits, posting
from web.api import schemas
from web.api.views import own_shapes

blueprint = Blueprint(
    "appeals", __name__, url_prefix="/api/v1", description="Objections by authors."
)


@blueprint.post("/comments/<row:comment_id>/appeal")
@limits.writes
@blueprint.arguments(schemas.NewAppeal)
@blueprint.response(201, schemas.Posted)
def object_to_rejection(sent: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Object to the rejection of one's own comment, once; a person looks at it again."""
    return object_to(sent, comment_id)


def object_to(sent: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Record what NewAppeal loaded; answers the comment with where the objection stands."""
    text = sent["text"].strip()
    if text:
        # What cannot be stored is refused; how long it may be is the objection's own rule.
        text = comments.checked_text(text, len(text))
    return written(lambda session: _object(session, comment_id, text))


def _object(session: Session, comment_id: int, text: str) -> dict[str, Any]:
    author = posting.author(session)
    comment = comments.own(session, comment_id, author)
    appeals.make(session, comment, author, text)
    return {"comment": own_shapes(session, [comment])[0]}
