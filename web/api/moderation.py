"""The moderator's desk over HTTP, for staff and for programs with a key."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.transactions import reading, writing
from models import Comment, Decision, Site, Status
from moderation import casework, escalation, queue
from moderation.errors import Forbidden, NotFound
from moderation.filters import Filter
from moderation.permissions import Action
from moderation.queue import Queue, QueueOrder
from web import auth, explaining, undoing
from web.api import case_schemas as schemas
from web.api.views import case_shape, decision_shape
from web.csrf import csrf

blueprint = Blueprint(
    "moderation", __name__, url_prefix="/api/v1/moderation", description="The desk."
)

_AFTER = {"approve": Status.PUBLISHED, "reject": Status.REJECTED}


@blueprint.before_request
def _require_token_of_session() -> None:
    # A key travels only when a program sends it; a session's cookie travels by itself. Who has
    # neither is told to sign in, further down.
    if current_user.is_authenticated and not auth.is_by_key():
        csrf.protect()


@blueprint.get("/queue")
@blueprint.arguments(schemas.QueueQuery, location="query")
@blueprint.response(200, schemas.QueuePageShape)
def get_queue(query: dict[str, Any]) -> dict[str, Any]:
    """Comments that wait, or others as wanted, with everything that was found about them."""
    state = Queue(query["state"])
    with reading() as session:
        moderator = auth.moderator(session)
        sites = asked_sites(session, moderator, query["site"])
        page = queue.page(
            session,
            sites,
            state,
            QueueOrder(query["order"]) if query["order"] else queue.usual_order(state),
            query["cursor"],
            query["limit"],
            filter_of_query(query),
        )
        waiting = queue.counts(session, sites)
        return {
            "cases": [case_shape(case) for case in page.cases],
            "next": page.next,
            "looked_at": page.looked_at,
            "counts": {name.value: count for name, count in waiting.items()},
        }


def filter_of_query(query: dict[str, Any]) -> Filter:
    """The filter of a request that was read with QueueFilter."""
    names = ("section", "label", "least", "most", "signal", "language", "since", "until", "words")
    told = {name: query[name] for name in names}
    return Filter(thread_id=query["thread"], author_id=query["author"], **told)


def asked_sites(session: Session, moderator: auth.Moderator, slug: str) -> list[int]:
    """The sites whose desk is asked for, "" meaning all of one's own. Raises Forbidden."""
    sites = moderator.sites()
    if not slug:
        return sites
    site_id = session.scalar(select(Site.id).where(Site.slug == slug))
    if site_id and moderator.owes_second_factor(site_id):
        raise Forbidden(auth.SECOND_FACTOR)
    if site_id not in sites:
        raise Forbidden("You may not read the queue of this site.")
    return [site_id] if site_id else []


@blueprint.get("/cases/<row:comment_id>")
@blueprint.response(200, schemas.CaseAnswer)
def get_case(comment_id: int) -> dict[str, Any]:
    """One comment with its scores and the words that carry them, signals, reports and decisions."""
    with reading() as session:
        comment = _readable(session, comment_id)
        question = explaining.question(session, comment)
    explaining.answer(question)
    with reading() as session:
        return {"case": case_shape(queue.case(session, _readable(session, comment_id)))}


@blueprint.post("/cases/<row:comment_id>/decisions")
@blueprint.arguments(schemas.NewDecision)
@blueprint.response(201, schemas.Decided)
def decide_case(sent: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Approve or reject; 409 when the comment changed after `version` was read."""
    with writing() as session:
        moderator = auth.moderator(session, on_page=True)
        comment = queue.comment(session, comment_id, to_decide=True)
        _require(moderator, escalation.needed(comment), comment.site_id)
        decision = casework.decide(
            session,
            comment,
            _AFTER[sent["decision"]],
            moderator.actor,
            sent["reasons"],
            version=sent["version"],
            note=sent["note"],
        )
        return _decided(session, decision)


@blueprint.post("/decisions/<row:decision_id>/undo")
@blueprint.response(201, schemas.Decided)
def undo_decision(decision_id: int) -> dict[str, Any]:
    """Take a moderator's decision back, as long as none has followed it."""
    with writing() as session:
        moderator = auth.moderator(session, on_page=True)
        decision = session.get(Decision, decision_id)
        if decision is None:
            raise NotFound("There is no such decision.")
        _require(moderator, Action.UNDO, decision.site_id)
        comment = queue.comment(session, decision.comment_id, to_decide=True)
        undoing.require(session, comment, decision, moderator)
        return _decided(session, casework.undo(session, decision, comment, moderator.actor))


def _readable(session: Session, comment_id: int) -> Comment:
    moderator = auth.moderator(session)
    comment = queue.comment(session, comment_id)
    _require(moderator, Action.READ_QUEUE, comment.site_id)
    return comment


def _require(moderator: auth.Moderator, action: Action, site_id: int) -> None:
    # What another site has is answered like what nobody has.
    if not moderator.may(Action.READ_QUEUE, site_id):
        raise NotFound("There is no such comment.")
    moderator.require(action, site_id)


def _decided(session: Session, decision: Decision) -> dict[str, Any]:
    session.flush()
    case = queue.case(session, queue.comment(session, decision.comment_id))
    return {"decision": decision_shape(decision), "case": case_shape(case)}
