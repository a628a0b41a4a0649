"""Which discussion a page without script shows, and whose pages may frame it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import g
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion import threads
from discussion.reading import Sort
from models import Site, SiteOrigin, Thread, ThreadState
from moderation import policies
from moderation.errors import Invalid
from web.api.schemas import Line, PageAddress

_BY_ID = "id:"


class Shown(Schema):
    """How a page is shown: which part, in which language, and after which act."""

    sort = fields.String(load_default="", validate=validate.OneOf(["", *Sort]))
    cursor = Line(load_default="", validate=validate.Length(max=200))
    lang = Line(load_default="", validate=validate.Length(max=35))
    said = Line(load_default="", validate=validate.Length(max=40))


class PageShown(Shown, PageAddress):
    """The page of an article; with `q`, what is found there."""

    section = Line(load_default="", validate=validate.Length(max=120))
    q = Line(load_default="", validate=validate.Length(max=200))


class Back(Schema):
    """Where somebody was who votes: a branch, or the article's page, in which order and part."""

    at = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31 - 1))
    sort = fields.String(load_default="", validate=validate.OneOf(["", *Sort]))
    cursor = Line(load_default="", validate=validate.Length(max=200))


class Ballot(Schema):
    """The value of the button that was pressed: 1, -1, or 0 to take the vote back."""

    value = fields.Integer(required=True, validate=validate.OneOf([1, -1, 0]))


class Point(Schema):
    """The value of the article's button: 1 to give a point, 0 to take it back."""

    value = fields.Integer(required=True, validate=validate.OneOf([1, 0]))


class Hidden(Schema):
    """The value of the button about an author: 1 to hide them, 0 to show them again."""

    value = fields.Integer(required=True, validate=validate.OneOf([1, 0]))


def loaded(schema: type[Schema], sent: dict[str, Any]) -> dict[str, Any]:
    """What a schema makes of a form or a query; what it does not know is let be. Raises Invalid."""
    try:
        return dict(schema(unknown=EXCLUDE).load(sent))
    except ValidationError as error:
        name, why = next(iter(error.messages_dict.items()))
        raise Invalid(f"{name}: {why[0] if isinstance(why, list) else why}", field=name) from None


@dataclass(frozen=True)
class Place:
    """One article's discussion, as plain values; `thread_id` is 0 while nobody has begun it."""

    site_id: int
    site_name: str
    site_slug: str
    origins: tuple[str, ...]
    url: str
    page_id: str
    title: str
    thread_id: int = 0
    version: int = 0
    is_open: bool = True
    moderation: str = "post"
    count: int = 0
    points: int = 0
    begun: datetime = datetime.max.replace(tzinfo=UTC)

    @property
    def heading(self) -> str:
        """What the article is called: by its title, else by its address without the scheme."""
        return self.title or self.url.partition("://")[2]


def of_thread(session: Session, thread: Thread) -> Place:
    """The place of a discussion that has begun."""
    by_id = thread.identity.startswith(_BY_ID)
    return _framed(
        Place(
            **_site(session, thread.site),
            url=thread.url,
            page_id=thread.identity.removeprefix(_BY_ID) if by_id else "",
            title=thread.title,
            thread_id=thread.id,
            version=thread.version,
            is_open=thread.state is ThreadState.OPEN,
            moderation=policies.moderation(session, thread.site_id, thread.id).value,
            count=thread.comment_count,
            points=thread.points,
            begun=thread.created_at,
        )
    )


def of_page(session: Session, asked: dict[str, Any]) -> Place:
    """The place that a page's address names. Raises Invalid, UnknownOrigin."""
    page = threads.locate(session, asked["url"], asked["page_id"], asked["site"])
    thread = threads.find(session, page)
    if thread is not None:
        return of_thread(session, thread)
    return _framed(
        Place(
            **_site(session, page.site),
            url=page.address.url,
            page_id=asked["page_id"],
            title=asked["title"],
            moderation=policies.moderation(session, page.site.id).value,
        )
    )


def _site(session: Session, site: Site) -> dict[str, Any]:
    origins = session.scalars(
        select(SiteOrigin.origin).where(SiteOrigin.site_id == site.id).order_by(SiteOrigin.origin)
    )
    return {
        "site_id": site.id,
        "site_name": site.name,
        "site_slug": site.slug,
        "origins": tuple(origins),
    }


def _framed(place: Place) -> Place:
    """Let the pages of the place's site, and no others, frame the answer."""
    g.frame_origins = place.origins
    return place
