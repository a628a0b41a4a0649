"""Sanctions over HTTP: imposed and lifted at the desk, acknowledged by the author."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.transactions import reading, writing
from models import FOREVER, Account, Sanction, SanctionKind, Site
from moderation import sanctions
from moderation.errors import Invalid, NotFound
from moderation.permissions import Action
from web import auth, limits, posting
from web.api import sanction_schemas as schemas
from web.api.moderation import blueprint as desk
from web.api.views import sanction_told

blueprint = Blueprint("sanctions", __name__, url_prefix="/api/v1", description="What is imposed.")


@desk.get("/authors/<row:account_id>/sanctions")
@desk.arguments(schemas.WhichSite, location="query")
@desk.response(200, schemas.SanctionList)
def list_sanctions(query: dict[str, Any], account_id: int) -> dict[str, Any]:
    """Every sanction of an author on a site, newest first; `stands` says which bind now."""
    with reading() as session:
        moderator = auth.moderator(session)
        site_id = _site(session, moderator, query["site"])
        _author(session, site_id, account_id)
        found = sanctions.of_author(session, site_id, account_id)
        return {"sanctions": [_shape(one) for one in found]}


@desk.post("/authors/<row:account_id>/sanctions")
@desk.arguments(schemas.WhichSite, location="query")
@desk.arguments(schemas.NewSanction)
@desk.response(201, schemas.Imposed)
def impose_sanction(query: dict[str, Any], sent: dict[str, Any], account_id: int) -> dict[str, Any]:
    """Warn, mute, hold or ban; one that stands of the same kind is replaced (`replaces`)."""
    with writing() as session:
        moderator = auth.moderator(session)
        site_id = _site(session, moderator, query["site"])
        author = _author(session, site_id, account_id)
        moderator.require(Action.SANCTION, site_id)
        made, replaced = sanctions.impose(
            session,
            site_id,
            author,
            SanctionKind(sent["kind"]),
            sent["told"],
            moderator.actor,
            until=sent["until"] or FOREVER,
            comment_id=sent["comment_id"] or 0,
        )
        return {"sanction": _shape(made), "replaces": replaced.id if replaced else None}


@desk.post("/sanctions/<row:sanction_id>/lift")
@desk.response(200, schemas.OneSanction)
def lift_sanction(sanction_id: int) -> dict[str, Any]:
    """Take a sanction back; 409 for one that binds nobody any more."""
    with writing() as session:
        moderator = auth.moderator(session)
        found = session.get(Sanction, sanction_id)
        if found is None or not moderator.may(Action.READ_QUEUE, found.site_id):
            raise NotFound("There is no such sanction.")
        moderator.require(Action.SANCTION, found.site_id)
        sanctions.lift(session, found, moderator.actor)
        return {"sanction": _shape(found)}


@blueprint.post("/sanctions/<row:sanction_id>/acknowledgement")
@limits.writes
@blueprint.response(200, schemas.Acknowledged)
def acknowledge_warning(sanction_id: int) -> dict[str, Any]:
    """Say that one has read a warning, with one's reader token; answers what still stands."""
    return acknowledge(sanction_id)


def acknowledge(sanction_id: int) -> dict[str, Any]:
    """Note that the reader of the request has read a warning of theirs."""
    with writing() as session:
        reader = posting.author(session)
        found = sanctions.acknowledge(session, sanction_id, reader)
        session.flush()
        left = sanctions.standing(session, found.site_id, reader.id)
        return {"sanctions": [sanction_told(one) for one in left]}


def _site(session: Session, moderator: auth.Moderator, slug: str) -> int:
    """The site asked for; one that is not this person's is answered like none at all."""
    sites = moderator.sites()
    if not slug:
        if len(sites) != 1:
            raise Invalid("Say which site: send site with its short name.", field="site")
        return sites[0]
    site_id = session.scalar(select(Site.id).where(Site.slug == slug))
    if site_id not in sites:
        raise NotFound("There is no such author.")
    return site_id or 0


def _author(session: Session, site_id: int, account_id: int) -> Account:
    found = session.get(Account, account_id)
    if found is None or not sanctions.has_written(session, site_id, account_id):
        raise NotFound("There is no such author.")
    return found


def _shape(one: Sanction) -> dict[str, Any]:
    """A sanction as moderators see it: what its author is told, and who imposed it."""
    return {
        **sanction_told(one),
        "author_id": one.account_id,
        "site_id": one.site_id,
        "comment_id": one.comment_id or None,
        "state": one.state.value,
        "stands": bool(sanctions.in_force([one])),
        "actor_kind": one.actor_kind.value,
        "actor_name": one.actor_name,
    }
