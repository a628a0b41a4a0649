"""The figures of a period over HTTP, and the shape that the desk's own exports share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from jobs.transactions import reading
from models import Site, utcnow
from moderation import insight
from moderation.insight import Figures, Insight, Viewer
from moderation.periods import Period, period
from moderation.permissions import Action
from web import auth
from web.api.moderation import asked_sites, blueprint
from web.api.schemas import Line

USUAL_DAYS = 30
_IN_REACH = validate.Range(date(2000, 1, 1), date(9000, 12, 31))


class InsightQuery(Schema):
    """Which sites and which days of UTC; the last 30 where nothing is said."""

    site = Line(load_default="", validate=validate.Length(max=60))
    since = fields.Date(load_default=None, validate=_IN_REACH)
    until = fields.Date(load_default=None, validate=_IN_REACH)
    by = fields.String(load_default="", validate=validate.OneOf(["", "day", "week"]))


class AutomaticShape(Schema):
    """What the policy decided by itself."""

    published = fields.Integer()
    held = fields.Integer()
    rejected = fields.Integer()


class HumanShape(Schema):
    """What people and programs decided."""

    approved = fields.Integer()
    rejected = fields.Integer()
    held = fields.Integer()


class WaitShape(Schema):
    """From being held, or unscored, to the decision; null where nothing waited."""

    count = fields.Integer()
    median_seconds = fields.Integer(allow_none=True)
    p90_seconds = fields.Integer(allow_none=True)


class FiguresShape(Schema):
    """Numbers of comments and decisions."""

    written = fields.Integer()
    automatic = fields.Nested(AutomaticShape)
    human = fields.Nested(HumanShape)
    undone = fields.Integer(metadata={"description": "Decisions of the period, taken back since."})
    overturned = fields.Integer(
        metadata={"description": "Decisions of the period against which an appeal was granted."}
    )
    wait = fields.Nested(WaitShape)


class StepShape(FiguresShape):
    """One day or week."""

    begins = fields.String(metadata={"description": "Its first day within the period."})


class SiteFigures(FiguresShape):
    """One site."""

    site = fields.String()


class PersonFigures(FiguresShape):
    """One moderator or program."""

    kind = fields.String(metadata={"description": "`staff` or `api-key`."})
    id = fields.Integer()
    name = fields.String()


class ReasonCount(Schema):
    """A recorded reason and how often it was given."""

    reason = fields.String()
    count = fields.Integer()


class InsightShape(Schema):
    """All figures of a period."""

    since = fields.String()
    until = fields.String()
    by = fields.String()
    time_zone = fields.String()
    total = fields.Nested(FiguresShape)
    steps = fields.List(fields.Nested(StepShape))
    sites = fields.List(fields.Nested(SiteFigures))
    people = fields.List(fields.Nested(PersonFigures))
    why_held = fields.List(fields.Nested(ReasonCount))
    why_rejected = fields.List(fields.Nested(ReasonCount))


@blueprint.get("/insight")
@blueprint.arguments(InsightQuery, location="query")
@blueprint.response(200, InsightShape)
def get_insight(query: dict[str, Any]) -> dict[str, Any]:
    """What a period brought and what became of it, per day or week, site and moderator."""
    with reading() as session:
        moderator = auth.moderator(session)
        numbers = asked_sites(session, moderator, query["site"])
        asked = _period(query)
        found = insight.read(session, numbers, asked, viewer(moderator, numbers))
        rows = session.scalars(select(Site).where(Site.id.in_(numbers)))
        return shape(found, {site.id: site for site in rows})


def _period(query: dict[str, Any]) -> Period:
    until = query["until"] or utcnow().date()
    since = query["since"] or until - timedelta(days=USUAL_DAYS - 1)
    return period(since, until, query["by"])


def viewer(moderator: auth.Moderator, site_ids: list[int]) -> Viewer:
    """What somebody may see of the figures of others."""
    open_to = [one for one in site_ids if moderator.may(Action.READ_STAFF_FIGURES, one)]
    return Viewer(moderator.actor, frozenset(open_to))


def shape(found: Insight, sites: Mapping[int, Site]) -> dict[str, Any]:
    """All figures as JSON, for the API and for what the page hands out."""
    people = [
        {"kind": one.kind.value, "id": one.id, "name": one.name, **figures(one.figures)}
        for one in found.people
    ]
    return {
        "since": found.period.since.isoformat(),
        "until": found.period.until.isoformat(),
        "by": "week" if found.period.is_weekly else "day",
        "time_zone": "UTC",
        "total": figures(found.total),
        "steps": [
            {"begins": begins.isoformat(), **figures(one)}
            for begins, one in zip(found.period.steps, found.steps, strict=True)
        ],
        "sites": [{"site": sites[one].slug, **figures(its)} for one, its in found.sites.items()],
        "people": people,
        "why_held": [{"reason": name, "count": count} for name, count in found.why_held],
        "why_rejected": [{"reason": name, "count": count} for name, count in found.why_rejected],
    }


def figures(one: Figures) -> dict[str, Any]:
    """One set of figures as JSON."""
    there = one.wait.count > 0
    return {
        "written": one.written,
        "automatic": {"published": one.released, "held": one.held, "rejected": one.refused},
        "human": {"approved": one.approved, "rejected": one.rejected, "held": one.returned},
        "undone": one.undone,
        "overturned": one.overturned,
        "wait": {
            "count": one.wait.count,
            "median_seconds": one.wait.median if there else None,
            "p90_seconds": one.wait.ninth if there else None,
        },
    }
