"""Many comments decided as one over HTTP, and taken back as one."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import batches as working
from jobs.transactions import reading, writing
from models import Batch, Site, Status
from moderation import batches, policies
from moderation.errors import Invalid, NotFound
from moderation.filters import Filter
from moderation.permissions import Action
from web import auth
from web.api.case_schemas import QueueFilter
from web.api.moderation import blueprint, filter_of_query
from web.api.schemas import Line
from web.console.batch_asked import OPEN

_AFTER = {"approve": Status.PUBLISHED, "reject": Status.REJECTED}
_MOST_LISTED = 50

__all__ = ["blueprint"]


class NewBatch(QueueFilter):
    """Which comments of which site, and what becomes of all of them."""

    site = Line(required=True, validate=validate.Length(min=1, max=60))
    state = fields.String(required=True, validate=validate.OneOf(["held", "published", "rejected"]))
    decision = fields.String(required=True, validate=validate.OneOf(list(_AFTER)))
    reasons = fields.List(
        Line(validate=validate.Length(min=1, max=100)),
        load_default=list,
        validate=validate.Length(max=20),
    )


class BatchShape(Schema):
    """A batch, and how far it is."""

    id = fields.Integer()
    site_id = fields.Integer()
    state = fields.String(metadata={"description": "running, done, undoing or undone."})
    before = fields.List(fields.String())
    filter = fields.Dict()
    after = fields.String()
    reasons = fields.List(fields.String())
    decided = fields.Integer()
    taken_back = fields.Integer()
    actor_name = fields.String()
    created_at = fields.AwareDateTime()


class BatchAnswer(Schema):
    """One batch."""

    batch = fields.Nested(BatchShape)


class BatchList(Schema):
    """The newest batches."""

    batches = fields.List(fields.Nested(BatchShape))


@blueprint.get("/batches")
@blueprint.response(200, BatchList)
def list_batches() -> dict[str, Any]:
    """The newest batches of the sites that are open to the caller."""
    with reading() as session:
        sites = auth.moderator(session).sites()
        found = session.scalars(
            select(Batch)
            .where(Batch.site_id.in_(sites))
            .order_by(Batch.id.desc())
            .limit(_MOST_LISTED)
        )
        return {"batches": [_shape(batch) for batch in found]}


@blueprint.post("/batches")
@blueprint.arguments(NewBatch)
@blueprint.response(201, BatchAnswer)
def begin_batch(sent: dict[str, Any]) -> dict[str, Any]:
    """Decide all comments that are like this now; `running` if that takes longer than a request."""
    wanted: Filter = filter_of_query(sent)
    with writing() as session:
        moderator = auth.moderator(session)
        site_id = session.scalar(select(Site.id).where(Site.slug == sent["site"])) or 0
        _require(moderator, site_id)
        if sent["decision"] not in OPEN[Status(sent["state"])]:
            raise Invalid(
                f"Comments that are {sent['state']} cannot all be {sent['decision']}d at once: "
                "decide them one by one.",
                field="decision",
            )
        known = {one.key for one in policies.standing(session, site_id).reasons}
        if not set(sent["reasons"]) <= known:
            raise Invalid(f"Choose a reason from the list: {sorted(known)}.", field="reasons")
        batch = batches.begin(
            session,
            site_id,
            [Status(sent["state"])],
            wanted,
            _AFTER[sent["decision"]],
            moderator.actor,
            sent["reasons"],
        )
        session.flush()
        batch_id = batch.id
    working.run(batch_id)
    return _answer(batch_id)


@blueprint.post("/batches/<row:batch_id>/run")
@blueprint.response(200, BatchAnswer)
def run_batch(batch_id: int) -> dict[str, Any]:
    """Go on with a batch that was not done yet."""
    with reading() as session:
        _batch(session, auth.moderator(session), batch_id)
    working.run(batch_id)
    return _answer(batch_id)


@blueprint.post("/batches/<row:batch_id>/undo")
@blueprint.response(200, BatchAnswer)
def undo_batch(batch_id: int) -> dict[str, Any]:
    """Take all of a batch back, but what was decided again since; ask again while `undoing`."""
    with reading() as session:
        moderator = auth.moderator(session)
        _batch(session, moderator, batch_id)
        actor = moderator.actor
    working.take_back(batch_id, actor)
    return _answer(batch_id)


def _batch(session: Session, moderator: auth.Moderator, batch_id: int) -> Batch:
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFound("There is no such batch.")
    _require(moderator, batch.site_id)
    return batch


def _require(moderator: auth.Moderator, site_id: int) -> None:
    # What another site has is answered like what nobody has.
    if not moderator.may(Action.READ_QUEUE, site_id):
        raise NotFound("There is no such site or batch.")
    moderator.require(Action.DECIDE_BATCH, site_id)


def _answer(batch_id: int) -> dict[str, Any]:
    with reading() as session:
        return {"batch": _shape(session.get_one(Batch, batch_id))}


def _shape(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "site_id": batch.site_id,
        "state": batch.state.value,
        "before": batch.criteria["before"],
        "filter": batch.criteria["filter"],
        "after": batch.after.value,
        "reasons": batch.reasons,
        "decided": batch.decided,
        "taken_back": batch.taken_back,
        "actor_name": batch.actor_name,
        "created_at": batch.created_at,
    }
