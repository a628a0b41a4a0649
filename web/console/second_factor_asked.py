"""Leads who lacks the second factor that a site asks for to where they set one up."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading
from models import Site, db
from moderation.errors import Forbidden
from web import auth
from web.console import signed_in
from web.console.asks import is_by_script
from web.console.desk import blueprint

_OWN = "/console/me"


@blueprint.before_request
def _lead() -> AnyResponse | None:
    """Let in to one's own settings, and to the sites that ask for no more than one has."""
    if request.endpoint == "console.static" or not g.get(signed_in.OWES, False):
        return None
    if request.path == _OWN or request.path.startswith(f"{_OWN}/"):
        return None
    with reading() as session:
        moderator = auth.moderator(session)
        owing = moderator.owing()
        slugs = set(session.scalars(select(Site.slug).where(Site.id.in_(owing))))
        if not owing or (moderator.sites() and request.args.get("site") not in slugs):
            return None
    if is_by_script() or request.method not in ("GET", "HEAD"):
        raise Forbidden(auth.SECOND_FACTOR)
    return redirect(url_for("console.show_me", _anchor="factors"))


def owed() -> list[str]:
    """The names of the sites that are closed to this person; asks only for who owes any."""
    if not g.get(signed_in.OWES, False):
        return []
    session = db.session()
    owing = auth.moderator(session).owing()
    return list(session.scalars(select(Site.name).where(Site.id.in_(owing)).order_by(Site.name)))


@blueprint.app_context_processor
def _common() -> dict[str, Any]:
    return {"second_factor_owed": owed}
