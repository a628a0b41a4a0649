"""Which sites a person at the desk sees, and which of them an address asks for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Site
from moderation.errors import NotFound
from web.auth import Moderator


def of(session: Session, moderator: Moderator) -> dict[int, Site]:
    """The sites whose queue is open to a person, by number and in the order of their names."""
    found = session.scalars(select(Site).where(Site.id.in_(moderator.sites())).order_by(Site.name))
    return {site.id: site for site in found}


def chosen(sites: dict[int, Site], slug: str) -> list[int]:
    """The sites asked for; a site that is not this person's is answered like none at all."""
    found = [number for number, site in sites.items() if not slug or site.slug == slug]
    if slug and not found:
        raise NotFound("There is no such site.")
    return found
