"""The page of the second look: one comment drawn by chance at a time, judged blind."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading, writing
from models import Comment, Opinion, Sample, SampleKind, db
from moderation import policies, second_look
from moderation.errors import Invalid, NotFound, Refused
from moderation.permissions import Action
from moderation.values import Reason
from web import auth
from web.api.schemas import LARGEST_ID
from web.auth import Moderator
from web.console import sites as which
from web.console.desk import blueprint

_OPINIONS = {"approve": Opinion.APPROVE, "reject": Opinion.REJECT}
_SAID = {
    "stays": "Noted — it stays in the thread.",
    "rejected": "Rejected — only its author can still read it.",
    "same": "Noted — the moderator before you said the same.",
    "differs": "Noted — the moderator before you said otherwise. A senior will look at it.",
}


@blueprint.get("/samples")
def show_samples() -> Response:
    """The next comment that was drawn, without anything that others or the model said of it."""
    return _page(_SAID.get(request.args.get("noted", ""), ""))


@blueprint.post("/samples/<row:sample_id>")
def give_opinion(sample_id: int) -> AnyResponse:
    """Note what this person says of it, and go on to the next."""
    opinion = _OPINIONS.get(request.form.get("opinion", ""))
    version = request.form.get("version", type=int)
    if opinion is None or version is None or not 0 < version <= LARGEST_ID:
        raise Invalid("Choose approve or reject.")
    try:
        with writing() as session:
            noted = _answer(session, auth.moderator(session), sample_id, opinion, version)
    except Refused as refused:
        return _page(refused.message, 409)
    return redirect(url_for(".show_samples", site=request.args.get("site") or None, noted=noted))


def _answer(
    session: Session, moderator: Moderator, sample_id: int, opinion: Opinion, version: int
) -> str:
    """What there is to say of it once it is noted."""
    open_to = list(which.of(session, moderator))
    sample = session.get(Sample, sample_id)
    if sample is None or sample.site_id not in open_to:
        raise NotFound("There is no such comment to look at.")
    moderator.require(Action.DECIDE, sample.site_id)
    reasons = request.form.getlist("reasons") if opinion is Opinion.REJECT else []
    comment = session.get_one(Comment, sample.comment_id)
    here = policies.standing(session, comment.site_id, comment.thread_id).reasons
    if not set(reasons) <= {one.key for one in here}:
        raise Invalid("Choose a reason from the list.")
    sample, decision_id = second_look.answer(
        session, sample_id, opinion, moderator.actor, open_to, reasons, version=version
    )
    if sample.kind is SampleKind.PUBLISHED:
        return "rejected" if decision_id else "stays"
    return "same" if second_look.agrees(session, sample) else "differs"


def _page(said: str, status: int = 200) -> Response:
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        asked = request.args.get("site", "")
        chosen = [one for one in which.chosen(sites, asked) if moderator.may(Action.DECIDE, one)]
        waiting = second_look.waiting(session, chosen, _number(moderator))
        parent: Comment | None = None
        reasons: tuple[Reason, ...] = ()
        if waiting.comment is not None:
            comment = waiting.comment
            parent = session.get(Comment, comment.parent_id) if comment.parent_id else None
            place = policies.standing(session, comment.site_id, comment.thread_id)
            reasons = place.reasons
        page = render_template(
            "console/samples.html",
            sites=sites,
            asked=asked,
            may_decide=bool(chosen),
            waiting=waiting,
            most=second_look.MOST_COUNTED,
            parent=parent,
            reasons=reasons,
            said={"text": said, "bad": status >= 400},
        )
        return Response(page, status, mimetype="text/html")


def _number(moderator: Moderator) -> int:
    return moderator.account.id if moderator.account else 0


@blueprint.context_processor
def _for_the_queue() -> dict[str, Any]:
    return {"second_looks": _count}


def _count() -> int:
    """How many comments wait for a second look by the person who is signed in; one query."""
    moderator = auth.moderator(db.session())
    open_to = [one for one in moderator.sites() if moderator.may(Action.DECIDE, one)]
    return second_look.count_waiting(db.session(), open_to, _number(moderator)) if open_to else 0
