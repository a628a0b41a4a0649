"""The page Batches: choose many comments by their scores, see some, decide all, take all back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs import batches as working
from jobs.transactions import reading, writing
from models import Batch, BatchState, Site, utcnow
from moderation import batches, policies, spread
from moderation.errors import Invalid, NotFound, Refused
from moderation.permissions import Action
from moderation.values import Reason
from web import auth
from web.api.schemas import LARGEST_ID
from web.auth import Moderator
from web.console import asked as asking
from web.console import batch_asked, batch_choice, batch_words
from web.console import sites as which
from web.console.asks import is_by_script
from web.console.batch_asked import BatchAsked
from web.console.desk import blueprint

_LISTED = 20
# Seconds that a request is busy with a batch: as it is begun, and each that the script sends.
_AT_FIRST, _BY_SCRIPT = 2.0, 1.0


@dataclass(frozen=True)
class Plan:
    """What a form is about to do: with how many comments, which, and what becomes of them."""

    site: Site
    asked: BatchAsked
    decision: str
    reason: Reason | None
    count: int

    def in_words(self, session: Session) -> str:
        """The same as a sentence without its full stop."""
        asked, after = self.asked, batch_asked.AFTER[self.decision]
        names = batch_words.named(session, self.site.id, [asked.wanted])
        return batch_words.to_do(after, self.count, asked.state, asked.wanted, names)


@blueprint.get("/batches")
def show_batches() -> str:
    """The scores of a queue, some of the comments in a range of them, and past batches."""
    asked = batch_asked.read(request.args)
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        if not sites and not asked.site:
            return render_template("console/batches.html", site=None, sites=sites, asked=asked)
        site = _site(sites, asked.site)
        asked = replace(asked, site=site.slug)
        may_decide = moderator.may(Action.DECIDE_BATCH, site.id)
        return render_template(
            "console/batches.html",
            sites=sites,
            site=site,
            asked=asked,
            asking=asking,
            queues=batch_asked.QUEUES,
            tell=batch_words,
            may_decide=may_decide,
            said="",
            **_past(session, site, moderator),
            **(batch_choice.of(session, site, asked) if may_decide else {}),
        )


def _past(session: Session, site: Site, moderator: Moderator) -> dict[str, Any]:
    """The batches of a site, newest first."""
    before = request.args.get("before", 0, type=int)
    query = select(Batch).where(Batch.site_id == site.id).order_by(Batch.id.desc())
    if 0 < before <= LARGEST_ID:
        query = query.where(Batch.id < before)
    found = session.scalars(query.limit(_LISTED + 1)).all()
    listed = found[:_LISTED]
    return {
        "past": batch_words.page_of(session, site, listed, moderator.actor.id),
        "older": listed[-1].id if len(found) > _LISTED else 0,
        "is_older": before > 0,
    }


@blueprint.get("/batches/sure")
def confirm_batch() -> Response:
    """Say in words what would happen, and ask."""
    asked = batch_asked.read(request.args)
    with reading() as session:
        moderator, site = _decider(session, asked.site)
        found = spread.read(session, site.id, asked.state, asked.wanted)
        # From here on the form is about these: what comes in while somebody reads stays out.
        wanted = found.bounded(asked.wanted)
        wanted = replace(wanted, until=wanted.until or utcnow())
        count = found.count(wanted.least, wanted.most)
        plan = _plan(session, site, replace(asked, site=site.slug, wanted=wanted), count)
        return _sure(session, moderator, plan)


@blueprint.post("/batches")
def begin_batch() -> AnyResponse:
    """Begin what was confirmed, and work it off as far as a request may take."""
    asked = batch_asked.read_fixed(request.form)
    seen = request.form.get("count", type=int)
    if seen is None:
        raise Invalid("This page is too old. Go back, then choose again.")
    with reading() as session:
        moderator, site = _decider(session, asked.site)
        found = spread.read(session, site.id, asked.state, asked.wanted)
        plan = _plan(session, site, asked, found.count(asked.wanted.least, asked.wanted.most))
        if not plan.count or plan.count > seen:
            return _sure(session, moderator, plan, 409)
    with writing() as session:
        moderator, site = _decider(session, asked.site)
        batch = batches.begin(
            session,
            site.id,
            [asked.state],
            asked.wanted,
            batch_asked.AFTER[plan.decision],
            moderator.actor,
            [plan.reason.key] if plan.reason else [],
            expected=plan.count,
        )
        session.flush()
        batch_id = batch.id
    working.run(batch_id, _AT_FIRST)
    return redirect(url_for(".show_batch", batch_id=batch_id))


def _plan(session: Session, site: Site, asked: BatchAsked, count: int) -> Plan:
    """Raises Invalid for a decision or a reason that is not open here."""
    decision, key = request.values.get("decision", ""), request.values.get("reason", "")
    if decision not in batch_asked.OPEN[asked.state]:
        raise Invalid("Choose what becomes of them.")
    reason = None
    if decision == "reject" and key:
        here = policies.standing(session, site.id).reasons
        reason = next((one for one in here if one.key == key), None)
        if reason is None:
            raise Invalid("Choose a reason from the list.")
    return Plan(site, asked, decision, reason, count)


def _sure(session: Session, moderator: Moderator, plan: Plan, status: int = 200) -> Response:
    page = render_template(
        "console/batch_sure.html",
        plan=plan,
        said=plan.in_words(session),
        is_again=status == 409,
        tell=batch_words,
        is_mine_alone=len(moderator.sites()) == 1,
    )
    return Response(page, status, mimetype="text/html")


@blueprint.get("/batches/<row:batch_id>")
def show_batch(batch_id: int) -> str:
    """One batch, and how far it is."""
    with reading() as session:
        moderator = auth.moderator(session)
        batch, site = _batch(session, moderator, batch_id)
        return render_template(
            "console/batch.html", site=site, **_batch_parts(session, moderator, batch, site)
        )


@blueprint.post("/batches/<row:batch_id>/run")
def run_batch(batch_id: int) -> AnyResponse:
    """Go on with a batch, or with its taking back."""
    with reading() as session:
        moderator = auth.moderator(session)
        batch, site = _batch(session, moderator, batch_id)
        moderator.require(Action.DECIDE_BATCH, site.id)
        state, actor = batch.state, moderator.actor
    seconds = _BY_SCRIPT if is_by_script() else working.SECONDS
    if state is BatchState.RUNNING:
        working.run(batch_id, seconds)
    elif state is BatchState.UNDOING:
        _take_back(batch_id, actor, seconds)
    return _now(batch_id)


@blueprint.post("/batches/<row:batch_id>/undo")
def undo_batch(batch_id: int) -> AnyResponse:
    """Take all of a batch back, but what was decided again since."""
    with reading() as session:
        moderator = auth.moderator(session)
        _, site = _batch(session, moderator, batch_id)
        moderator.require(Action.DECIDE_BATCH, site.id)
        actor = moderator.actor
    _take_back(batch_id, actor, _AT_FIRST)
    return _now(batch_id)


def _take_back(batch_id: int, actor: Any, seconds: float) -> None:
    try:
        working.take_back(batch_id, actor, seconds)
    except Refused:
        # A colleague's request was there first, and ended what this one wants.
        return


def _now(batch_id: int) -> AnyResponse:
    """How far it is: to the script in JSON, to a plain form on its page."""
    if not is_by_script():
        return redirect(url_for(".show_batch", batch_id=batch_id))
    with reading() as session:
        moderator = auth.moderator(session)
        batch, site = _batch(session, moderator, batch_id)
        parts = _batch_parts(session, moderator, batch, site)
        part = render_template("console/_batch_state.html", **parts)
        return jsonify(batch_words.as_answer(parts["one"]) | {"part": part})


def _batch_parts(
    session: Session, moderator: Moderator, batch: Batch, site: Site
) -> dict[str, Any]:
    one = batch_words.page_of(session, site, [batch], moderator.actor.id)[0]
    return {
        "one": one,
        "may_decide": moderator.may(Action.DECIDE_BATCH, site.id),
        "given": _reasons(session, site, batch.reasons),
    }


def _reasons(session: Session, site: Site, keys: Sequence[str]) -> list[str]:
    names = {one.key: one.name for one in policies.standing(session, site.id).reasons}
    return [names.get(key, key) for key in keys]


def _batch(session: Session, moderator: Moderator, batch_id: int) -> tuple[Batch, Site]:
    batch = session.get(Batch, batch_id)
    # What another site has is answered like what nobody has.
    if batch is None or not moderator.may(Action.READ_QUEUE, batch.site_id):
        raise NotFound("There is no such batch.")
    return batch, session.get_one(Site, batch.site_id)


def _decider(session: Session, slug: str) -> tuple[Moderator, Site]:
    moderator = auth.moderator(session)
    site = _site(which.of(session, moderator), slug)
    moderator.require(Action.DECIDE_BATCH, site.id)
    return moderator, site


def _site(sites: dict[int, Site], slug: str) -> Site:
    """The site that is asked for, or the first one. Raises NotFound for one of other people."""
    found = which.chosen(sites, slug)
    if not found:
        raise NotFound("There is no such site.")
    return sites[found[0]]
