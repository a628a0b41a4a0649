"""Comments over HTTP: post, read, edit, withdraw, preview."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from discussion import comments, threads
from discussion import reading as read
from discussion.reading import Sort
from jobs.transactions import reading
from models import Comment
from models.policy import WHOLE_SITE
from moderation import policies
from moderation.errors import Invalid
from web import auth, limits, posting, previewing
from web.api import schemas
from web.api.views import comment_shape, list_shape, own_shapes, thread_shape

blueprint = Blueprint("comments", __name__, url_prefix="/api/v1", description="What people say.")


@blueprint.post("/threads/<row:thread_id>/comments")
@limits.writes
@blueprint.arguments(schemas.NewComment)
@blueprint.response(201, schemas.Posted)
def post_comment(sent: dict[str, Any], thread_id: int) -> dict[str, Any]:
    """Post a comment; `status` in the answer says whether it is published, held or unscored.

    Send an Idempotency-Key (16 to 200 characters) and the request can be repeated safely.
    """
    submitted = posting.submitted(sent, request.headers.get("Idempotency-Key", ""))
    return posting.post(lambda session: threads.get(session, thread_id), submitted)


@blueprint.get("/comments/<row:comment_id>")
@limits.reads
@blueprint.arguments(schemas.ReplyOrder, location="query")
@blueprint.response(200, schemas.OneComment)
def get_comment(query: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """A comment by permalink, with what stands above it; its author sees it in any status."""
    with reading() as session:
        reader = auth.reader(session)
        own = comments.own_unpublished(session, comment_id, reader.id) if reader else None
        if own is not None:
            return _own_alone(session, own)
        view, ancestors = read.one(session, comment_id, Sort(query["sort"]))
        thread = threads.get(session, view.thread_id)
        return {
            "comment": schemas.CommentShape().dump(comment_shape(view, thread.url)),
            "ancestors": [comment_shape(above, thread.url) for above in ancestors],
            "thread": thread_shape(session, thread),
        }


def _own_alone(session: Session, own: Comment) -> dict[str, Any]:
    shape = schemas.OwnCommentShape().dump(own_shapes(session, [own])[0])
    above = read.ancestors(session, own.parent_id)
    return {
        "comment": shape,
        "ancestors": [comment_shape(one, own.thread.url) for one in above],
        "thread": thread_shape(session, own.thread),
    }


@blueprint.get("/comments/<row:comment_id>/replies")
@limits.reads
@blueprint.arguments(schemas.ReplyListing, location="query")
@blueprint.response(200, schemas.CommentList)
def list_replies(query: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Direct replies to a comment with what stands below them."""
    with reading() as session:
        page = read.replies(
            session, comment_id, Sort(query["sort"]), query["cursor"], query["limit"]
        )
        above = session.get_one(Comment, comment_id)
        return list_shape(page, above.thread.url)


@blueprint.patch("/comments/<row:comment_id>")
@limits.writes
@blueprint.arguments(schemas.ChangedText)
@blueprint.response(200, schemas.Posted)
def edit_comment(sent: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Change one's own comment; the new text is hidden until it has been judged."""
    return posting.edit(comment_id, sent["text"])


@blueprint.delete("/comments/<row:comment_id>")
@limits.writes
@blueprint.response(200, schemas.Posted)
def withdraw_comment(comment_id: int) -> dict[str, Any]:
    """Take one's own comment back; replies keep their place."""
    return posting.withdraw(comment_id)


@blueprint.post("/preview")
@limits.previews
@blueprint.arguments(schemas.PreviewText)
@blueprint.response(200, schemas.Preview)
def preview(sent: dict[str, Any]) -> dict[str, Any]:
    """How a text would look, and whether a moderator would look first; stores nothing."""
    return previewing.look(sent["text"], lambda session: _destination(session, sent))


def _destination(session: Session, sent: dict[str, Any]) -> policies.Place:
    if sent["thread_id"] is not None:
        thread = threads.get(session, sent["thread_id"])
        return thread.site_id, thread.id
    if not sent["url"]:
        raise Invalid("Say where the comment would go: send thread_id or url.", field="url")
    page = threads.locate(session, sent["url"])
    begun = threads.find(session, page)
    return page.site.id, begun.id if begun else WHOLE_SITE
