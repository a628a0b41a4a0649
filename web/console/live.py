"""What an open desk asks again and again: whose hands the cases are in, and how many wait."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading, written
from models import Comment
from moderation import claims, escalation, queue
from moderation.errors import Invalid
from moderation.permissions import Action
from web import auth
from web.api.schemas import LARGEST_ID
from web.console import asked
from web.console import sites as which
from web.console.desk import blueprint

# As many as a page of the queue has, and some that came in since.
_MOST = 60


@blueprint.post("/claims")
def take_cases() -> Response:
    """Put the first free ones of some cases into this moderator's hands, for five minutes.

    The form has pairs of `case` and `version` in the order of the list, beginning with the one
    that is read. The answer names those that are `mine`, who has which `others`, and which are
    `gone`: changed since the page had them.
    """
    seen = _seen()
    answer = written(lambda session: _take(session, seen))
    return jsonify(answer)


def _seen() -> dict[int, int]:
    try:
        cases = [int(one) for one in request.form.getlist("case")]
        versions = [int(one) for one in request.form.getlist("version")]
        seen = dict(zip(cases, versions, strict=True))
    except ValueError:
        raise Invalid("Send a version with each case.") from None
    if len(seen) > _MOST or not all(0 < number <= LARGEST_ID for number in seen):
        raise Invalid(f"Send {_MOST} cases at most.")
    return seen


def _take(session: Session, seen: dict[int, int]) -> dict[str, Any]:
    moderator = auth.moderator(session)
    rows = session.scalars(select(Comment).where(Comment.id.in_(seen))).all()
    there = {
        comment.id: comment.version
        for comment in rows
        if moderator.may(Action.READ_QUEUE, comment.site_id)
    }
    # Who only looks keeps nothing from those who decide.
    theirs = {one.id for one in rows if moderator.may(escalation.needed(one), one.site_id)}
    waiting = [number for number, version in seen.items() if there.get(number) == version]
    free = [number for number in waiting if number in theirs]
    hands = claims.take(session, free, moderator.actor.id)
    return {
        "mine": hands.mine,
        "others": {str(number): name for number, name in hands.others.items()},
        "gone": [number for number in seen if number not in waiting],
    }


@blueprint.get("/counts")
def show_counts() -> AnyResponse:
    """How many comments wait in each queue; 304 where nothing changed."""
    with reading() as session:
        moderator = auth.moderator(session)
        chosen = which.chosen(which.of(session, moderator), request.args.get("site", ""))
        waiting = queue.counts(session, chosen)
    answer = jsonify({state.value: asked.told(count) for state, count in waiting.items()})
    answer.add_etag()
    return answer.make_conditional(request)
