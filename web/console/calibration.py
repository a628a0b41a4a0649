"""The page on which a site sees what a threshold would do before it sets it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading, writing
from models import Site, utcnow
from moderation import policies, second_look
from moderation.calibration import estimates, last_week, rejecting
from moderation.calibration import reading as past
from moderation.calibration.agreement import agreement
from moderation.calibration.drift import drift
from moderation.calibration.estimates import Point
from moderation.calibration.reading import Known
from moderation.calibration.targets import USUAL, Suggestion, Target, suggest
from moderation.errors import Invalid, ModelUnavailable, NotFound, StaleVersion, Unchanged
from moderation.permissions import Action
from moderation.signals.facts import NEVER, UNLISTED, Thresholds
from moderation.values import Values
from web import auth
from web.api.schemas import LARGEST_ID
from web.auth import Moderator
from web.console import calibration_words, curves
from web.console import rejecting as rejecting_page
from web.console import sites as which
from web.console.desk import blueprint
from web.runtime import runtime


@dataclass(frozen=True)
class Said:
    """What there is to say above the page."""

    text: str = ""
    status: int = 200


@blueprint.get("/calibration")
def show_calibration() -> Response:
    """Precision, recall and workload over the thresholds of a label, and what drifts."""
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        if not sites and not request.args.get("site"):
            return Response(render_template("console/calibration.html", site=None, sites=sites))
        return _page(session, moderator, sites, Said(_applied(_site(sites))))


@blueprint.post("/calibration")
def apply_threshold() -> AnyResponse:
    """Make the chosen threshold the site's, with the figures that spoke for it as the note."""
    version, label = request.form.get("version", type=int), request.form.get("label", "")
    threshold = _number("at", request.form)
    if version is None or not 0 < version <= LARGEST_ID or threshold is None:
        raise Invalid("Give a threshold from 0 to 1.", field="at")
    try:
        with writing() as session:
            moderator = auth.moderator(session)
            site = _site(which.of(session, moderator))
            moderator.require(Action.CHANGE_POLICY, site.id)
            slug = site.slug
            made = _apply(session, site, moderator, label, threshold, version)
    except StaleVersion as stale:
        return _again(Said(f"{stale.message} Nothing was changed.", 409))
    except Unchanged as unchanged:
        return _again(Said(f"Nothing changed. {unchanged.message}"))
    except Invalid as invalid:
        return _again(Said(invalid.message, 400))
    of = "reject" if _is_of_rejecting() else None
    return redirect(url_for(".show_calibration", site=slug, label=label, of=of, applied=made))


def _apply(
    session: Session, site: Site, moderator: Moderator, label: str, threshold: float, version: int
) -> int:
    values = policies.standing(session, site.id)
    if label not in _labels(values):
        raise Invalid("There is no such label.")
    limits = values.thresholds.get(label, UNLISTED)
    known = past.read(session, site.id, label, limits, with_outside=_counts_outside())
    if _is_of_rejecting():
        pair = rejecting_page.changed(limits, threshold)
        point = rejecting.at(known.evidence, threshold)
        note = rejecting_page.note(label, limits.reject, point)
        return _change(session, site, moderator, {label: pair}, version, note)
    if threshold > limits.reject:
        raise Invalid(
            f"From {limits.reject:.2f} on this label rejects at once. Choose less, or change that "
            "on the policy’s page."
        )
    note = calibration_words.note(label, limits.hold, estimates.at(known.evidence, threshold))
    return _change(session, site, moderator, {label: [threshold, limits.reject]}, version, note)


def _change(
    session: Session,
    site: Site,
    moderator: Moderator,
    thresholds: dict[str, list[float]],
    version: int,
    note: str,
) -> int:
    changes = {"thresholds": thresholds}
    return policies.change(session, site, changes, moderator.actor, version=version, note=note)


def _is_of_rejecting() -> bool:
    """Whether the threshold that rejects is asked for, and not the one that holds."""
    return request.values.get("of") == "reject"


def _counts_outside() -> bool:
    """Whether what moderators elsewhere said is among the figures."""
    return request.values.get("outside") != "no"


def _again(said: Said) -> Response:
    with reading() as session:
        moderator = auth.moderator(session)
        return _page(session, moderator, which.of(session, moderator), said)


def _page(session: Session, moderator: Moderator, sites: dict[int, Site], said: Said) -> Response:
    site = _site(sites)
    values = policies.standing(session, site.id)
    labels = _labels(values)
    label = _label(labels, values)
    limits = values.thresholds.get(label, UNLISTED)
    known = past.read(session, site.id, label, limits, with_outside=_counts_outside())
    chosen = _number("at", request.values)
    today = estimates.at(known.evidence, limits.hold)
    if _is_of_rejecting():
        chosen = limits.reject if chosen is None else chosen
        one_in = _number("one_in", request.values, most=rejecting_page.MOST_ONE_IN)
        study = rejecting_page.shown(session, site, label, limits, known, chosen, one_in)
    else:
        study = _holding(session, site, label, limits, known, chosen)
    trend = drift(known.evidence.decided, utcnow())
    is_senior = moderator.may(Action.DECIDE_ESCALATED, site.id)
    page = render_template(
        "console/calibration.html",
        sites=sites,
        site=site,
        said=said,
        labels=labels,
        label=label,
        limits=limits,
        known=known,
        needs=calibration_words.needs(known.evidence, today, known.waiting_samples),
        agreed=agreement(second_look.verdicts(session, site.id)),
        differing=second_look.disagreements(session, site.id) if is_senior else None,
        trend=trend,
        weeks=curves.bars(trend),
        may_change=moderator.may(Action.CHANGE_POLICY, site.id),
        tell=calibration_words,
        is_empty=_is_empty(known),
        counts_outside=_counts_outside(),
        **study,
    )
    return Response(page, said.status, mimetype="text/html")


def _holding(
    session: Session,
    site: Site,
    label: str,
    limits: Thresholds,
    known: Known,
    chosen: float | None,
) -> dict[str, Any]:
    """What the page's template takes for the threshold that holds."""
    points = estimates.curve(known.evidence)
    chosen = limits.hold if chosen is None else chosen
    return {
        "of": "hold",
        "today_at": limits.hold,
        "point": estimates.at(known.evidence, chosen),
        "charts": curves.charts(points),
        "table": json.dumps([_row(one) for one in points], separators=(",", ":")),
        "wishes": _wishes(points),
        "otherwise": last_week.otherwise(
            session, site.id, label, known.model, min(limits.hold, NEVER), chosen
        ),
    }


def _is_empty(known: Known) -> bool:
    return not known.evidence.decided and not known.evidence.screened


def _row(point: Point) -> dict[str, str | float]:
    """What the script shows at once while the threshold is dragged."""
    tell = calibration_words
    return {
        "p": "" if point.precision.missing else tell.percent(point.precision.value),
        "pw": "" if point.precision.missing else tell.within(point.precision),
        "pb": tell.behind(point.precision, "held cases"),
        "r": "" if point.recall.missing else tell.percent(point.recall.value),
        "rw": "" if point.recall.missing else tell.within(point.recall),
        "rb": tell.behind(point.recall, "rejected ones"),
        "l": tell.daily(point.load.value),
        "lw": tell.spread(point.load),
        "lo": tell.daily(point.load.only),
        "a": tell.aloud(point),
    }


def _wishes(points: list[Point]) -> list[Suggestion]:
    """What is suggested for each target, with what was asked for or what is usual."""
    found = []
    for target, usual in USUAL.items():
        wanted = _number(target.value, request.values, most=100_000.0)
        if wanted is not None and target is not Target.LOAD:
            wanted = min(wanted, 100.0) / 100
        found.append(suggest(points, target, usual if wanted is None else wanted))
    return found


def _number(name: str, given: Any, most: float = 1.0) -> float | None:
    """A number that was typed; None for anything else."""
    value: float | None = given.get(name, type=float)
    if value is None or not math.isfinite(value) or not 0 <= value <= most:
        return None
    return value


def _site(sites: dict[int, Site]) -> Site:
    """The site that is asked for, or the first one. Raises NotFound for one of other people."""
    found = which.chosen(sites, request.args.get("site", ""))
    if not found:
        raise NotFound("There is no such site.")
    return sites[found[0]]


def _labels(values: Values) -> tuple[str, ...]:
    """The labels of the model, once it is loaded; else those that the site has thresholds for."""
    try:
        return runtime().classifier.labels
    except ModelUnavailable:
        return tuple(values.thresholds)


def _label(labels: tuple[str, ...], values: Values) -> str:
    """The label that is asked for, or the first that holds anything."""
    asked = request.values.get("label", "")
    if asked in labels:
        return asked
    if asked:
        raise NotFound("There is no such label.")
    holding = [one for one in labels if values.thresholds.get(one, UNLISTED).hold < NEVER]
    return next(iter((*holding, *labels)), "")


def _applied(site: Site) -> str:
    number = request.args.get("applied", 0, type=int)
    if not 0 < number <= site.policy_version:
        return ""
    return f"Applied as version {number}. Comments are judged by it from now on."
