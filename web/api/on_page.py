"""Staff on a publisher's page over HTTP: a token for a code, and what only they see of a thread."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from discussion import threads
from jobs.transactions import reading, writing
from models import Account, Site, Thread
from moderation import in_thread, page_codes, policies
from moderation.errors import NotFound
from moderation.permissions import Action, allowed
from web import auth, limits, staff_tokens
from web.api import page_schemas as schemas
from web.api.page_views import desk_shape

blueprint = Blueprint(
    "staff-tokens", __name__, url_prefix="/api/v1", description="Staff on a page of their site."
)
desk = Blueprint(
    "on-page",
    __name__,
    url_prefix="/api/v1/moderation/threads",
    description="What only the staff of a site see of its threads.",
)


@blueprint.post("/staff-tokens")
@limits.writes
@blueprint.arguments(schemas.PageCode)
@blueprint.response(201, schemas.StaffToken)
def redeem_code(sent: dict[str, Any]) -> dict[str, Any]:
    """A staff token for a code of the console; only once, and only for a page of its site."""
    origin = request.headers.get("Origin", "")
    with writing() as session:
        found = page_codes.redeem(session, sent["code"], origin, limits.requester())
        account, site_id = found.account, found.site_id
        if not allowed(account, Action.READ_QUEUE, site_id):
            raise NotFound("You have no role on this site any more.")
        return {
            "staff_token": staff_tokens.token_for(account, site_id, found.session_id),
            "seconds": staff_tokens.LIFETIME_SECONDS,
            "site": session.get_one(Site, site_id).slug,
            "name": account.name or account.email,
            "writes": _writes(account, site_id),
        }


def _writes(account: Account, site_id: int) -> bool:
    return bool(account.name) and allowed(account, Action.DECIDE, site_id)


@desk.get("/<row:thread_id>/comments")
@limits.reads
@desk.arguments(schemas.UnpublishedQuery, location="query")
@desk.response(200, schemas.UnpublishedShape)
def list_unpublished(query: dict[str, Any], thread_id: int) -> dict[str, Any]:
    """Held, unscored and rejected comments of a thread, newest first, and why they are so."""
    with reading() as session:
        moderator = auth.moderator(session, on_page=True)
        thread = _thread(session, moderator, thread_id)
        page = in_thread.unpublished(session, thread, query["below"], query["limit"])
        here = policies.standing(session, thread.site_id, thread.id)
        return {
            "comments": [desk_shape(case, moderator) for case in page.cases],
            "next": page.next,
            "waiting": page.waiting,
            "reasons": [
                {"key": one.key, "name": one.name, "told": one.told} for one in here.reasons
            ],
        }


@desk.get("/<row:thread_id>/comments/<row:comment_id>")
@limits.reads
@desk.response(200, schemas.DeskComment)
def get_in_thread(thread_id: int, comment_id: int) -> dict[str, Any]:
    """One comment of a thread in any status, as its staff see it."""
    with reading() as session:
        moderator = auth.moderator(session, on_page=True)
        thread = _thread(session, moderator, thread_id)
        return desk_shape(in_thread.one(session, thread, comment_id), moderator)


def _thread(session: Session, moderator: auth.Moderator, thread_id: int) -> Thread:
    # What another site has is answered like what nobody has.
    thread = threads.get(session, thread_id)
    if not moderator.may(Action.READ_QUEUE, thread.site_id):
        raise NotFound("There is no such thread.")
    return thread
