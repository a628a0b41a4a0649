"""The page Insight: what a period brought, as figures, charts and tables, and the same to take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, json, render_template, request, url_for
from sqlalchemy.orm import Session

from discussion.transfer import sheets
from jobs.transactions import reading
from models import Site, utcnow
from moderation import insight
from moderation.errors import Invalid
from moderation.insight import Insight
from moderation.periods import Period, last_days, last_weeks, period
from moderation.permissions import Action
from web import auth
from web.api.insight import USUAL_DAYS, shape, viewer
from web.console import figures
from web.console import sites as which
from web.console.desk import blueprint

PRESETS = {"7d": "7 days", "30d": "30 days", "12w": "12 weeks"}
_USUAL = "30d"


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a site ("" for all), a preset or dates of one's own, and steps."""

    site: str
    preset: str
    since: str
    until: str
    by: str

    @property
    def period(self) -> Period:
        """The period that is meant. Raises Invalid."""
        today = utcnow().date()
        if self.preset == "12w":
            return last_weeks(today, 12)
        if self.preset:
            return last_days(today, 7 if self.preset == "7d" else USUAL_DAYS)
        return period(_date(self.since, "since"), _date(self.until, "until"), self.by)

    @property
    def query(self) -> dict[str, Any]:
        """The same for an address."""
        named = {
            "site": self.site,
            "range": self.preset if self.preset != _USUAL else "",
            "since": self.since,
            "until": self.until,
            "by": self.by,
        }
        return {name: value for name, value in named.items() if value}


@blueprint.get("/insight")
def show_insight() -> Response:
    """The figures of a period, on a page."""
    asked, wrong = _asked(), ""
    try:
        meant = asked.period
    except Invalid as error:
        asked, wrong = Asked(asked.site, _USUAL, "", "", ""), error.message
        meant = asked.period
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        chosen = which.chosen(sites, asked.site)
        found = insight.read(session, chosen, meant, viewer(moderator, chosen))
        page = render_template(
            "console/insight.html",
            asked=asked,
            sites=sites,
            found=found,
            wrong=wrong,
            presets=PRESETS,
            tell=figures,
            sees_all=_sees_all(moderator, chosen),
            address=lambda **changes: url_for(".show_insight", **_changed(asked, changes)),
            taken=lambda kind, **more: url_for(f".take_insight_{kind}", **asked.query, **more),
        )
    return Response(page, 422 if wrong else 200, mimetype="text/html")


@blueprint.get("/insight.json")
def take_insight_json() -> Response:
    """What the page shows, as JSON."""
    with reading() as session:
        found, sites = _found(session)
        answer = json.dumps(shape(found, sites), indent=1)
    return _file(
        answer, "application/json", f"insight-{found.period.since}-{found.period.until}.json"
    )


@blueprint.get("/insight.csv")
def take_insight_csv() -> Response:
    """One of the page's tables, as CSV."""
    part = request.args.get("table", "steps")
    with reading() as session:
        found, sites = _found(session)
        if part not in figures.TABLES:
            raise Invalid("There is no such table. Take one from the page.")
        rows = figures.TABLES[part](found, sites)
    name = f"insight-{part}-{found.period.since}-{found.period.until}.csv"
    return _file(sheets.written(rows), "text/csv", name)


def _found(session: Session) -> tuple[Insight, Mapping[int, Site]]:
    asked = _asked()
    moderator = auth.moderator(session)
    sites = which.of(session, moderator)
    chosen = which.chosen(sites, asked.site)
    return insight.read(session, chosen, asked.period, viewer(moderator, chosen)), sites


def _file(text: str, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, mimetype=kind, headers=headers)


def _asked() -> Asked:
    """What the address says; dates of one's own stand above a preset."""
    given = request.args
    by = given.get("by", "") if given.get("by") in ("day", "week") else ""
    site, since, until = given.get("site", ""), given.get("since", ""), given.get("until", "")
    if since or until:
        return Asked(site, "", since, until or utcnow().date().isoformat(), by)
    preset = given.get("range", _USUAL)
    return Asked(site, preset if preset in PRESETS else _USUAL, "", "", "")


def _date(typed: str, field: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("Give both days as dates, such as 2026-01-31.", field=field) from None


def _changed(asked: Asked, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The query of another preset: dates of one's own are left behind."""
    kept = {"site": asked.site} if asked.site else {}
    return kept | {name: value for name, value in changes.items() if value}


def _sees_all(moderator: auth.Moderator, chosen: list[int]) -> bool:
    return any(moderator.may(Action.READ_STAFF_FIGURES, one) for one in chosen)
