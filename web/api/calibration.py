"""What a threshold would do before it is set, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import select

from jobs.transactions import reading
from models import Site
from moderation import policies
from moderation.calibration import estimates
from moderation.calibration import reading as past
from moderation.calibration.estimates import Load, Point, Share
from moderation.errors import NotFound
from moderation.permissions import Action
from moderation.signals.facts import UNLISTED
from web import auth
from web.api.moderation import blueprint
from web.api.schemas import Line


class CalibrationQuery(Schema):
    """Which site and which label; `at` asks for one threshold besides the curve."""

    site = Line(required=True, validate=validate.Length(min=1, max=60))
    label = Line(required=True, validate=validate.Length(min=1, max=40))
    at = fields.Float(load_default=None, validate=validate.Range(min=0, max=1))
    outside = fields.Boolean(
        load_default=True,
        metadata={"description": "Whether what moderators elsewhere said counts."},
    )


class ShareShape(Schema):
    """A share from 0 to 1 with its interval and counts; null where `missing` says why."""

    value = fields.Float(allow_none=True)
    low = fields.Float(allow_none=True)
    high = fields.Float(allow_none=True)
    hits = fields.Integer()
    of = fields.Integer()
    missing = fields.String(
        metadata={"description": "`few` decisions, `unsampled`, or empty where it is known."}
    )


class LoadShape(Schema):
    """Comments a day with an interval; `by_label_alone` of them held by nothing else."""

    value = fields.Float()
    low = fields.Float()
    high = fields.Float()
    by_label_alone = fields.Float()
    count = fields.Integer(metadata={"description": "In the last four weeks."})


class PointShape(Schema):
    """What one threshold would do."""

    threshold = fields.Float()
    precision = fields.Nested(ShareShape)
    recall = fields.Nested(ShareShape)
    workload = fields.Nested(LoadShape)


class CalibrationShape(Schema):
    """Today's threshold, the one asked for, and the curve from 0.00 to 1.00."""

    site = fields.String()
    label = fields.String()
    model = fields.String()
    policy_version = fields.Integer()
    decided = fields.Integer(metadata={"description": "Held comments that a person decided here."})
    outside = fields.Integer(
        metadata={"description": "Texts that moderators elsewhere judged, counted or not."}
    )
    outside_counts = fields.Boolean(metadata={"description": "Whether these are in the figures."})
    sampled = fields.Integer(metadata={"description": "Published ones that a person judged."})
    waiting = fields.Integer(metadata={"description": "Drawn ones that wait to be judged."})
    today = fields.Nested(PointShape)
    at = fields.Nested(PointShape, allow_none=True)
    curve = fields.List(fields.Nested(PointShape))


@blueprint.get("/calibration")
@blueprint.arguments(CalibrationQuery, location="query")
@blueprint.response(200, CalibrationShape)
def get_calibration(query: dict[str, Any]) -> dict[str, Any]:
    """Expected precision, recall and workload of a label over its thresholds."""
    with reading() as session:
        moderator = auth.moderator(session)
        site = session.scalar(select(Site).where(Site.slug == query["site"]))
        if site is None or not moderator.may(Action.READ_QUEUE, site.id):
            raise NotFound("There is no such site.")
        limits = policies.standing(session, site.id).thresholds.get(query["label"], UNLISTED)
        known = past.read(session, site.id, query["label"], limits, with_outside=query["outside"])
        evidence = known.evidence
        outside = known.outside if query["outside"] else 0
        return {
            "site": site.slug,
            "label": query["label"],
            "model": f"{known.model.name} {known.model.version}".strip(),
            "policy_version": site.policy_version,
            "decided": len(evidence.decided) - evidence.sampled - outside,
            "outside": known.outside,
            "outside_counts": query["outside"],
            "sampled": evidence.sampled,
            "waiting": known.waiting_samples,
            "today": _shape(estimates.at(evidence, limits.hold)),
            "at": None if query["at"] is None else _shape(estimates.at(evidence, query["at"])),
            "curve": [_shape(point) for point in estimates.curve(evidence)],
        }


def _shape(point: Point) -> dict[str, Any]:
    return {
        "threshold": point.threshold,
        "precision": _share(point.precision),
        "recall": _share(point.recall),
        "workload": _load(point.load),
    }


def _load(load: Load) -> dict[str, Any]:
    return {
        "value": load.value,
        "low": load.low,
        "high": load.high,
        "by_label_alone": load.only,
        "count": load.count,
    }


def _share(share: Share) -> dict[str, Any]:
    known = asdict(share)
    if share.missing:
        known |= {"value": None, "low": None, "high": None}
    return known
