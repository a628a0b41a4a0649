"""Readers' reports over HTTP."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from discussion import comments
from jobs.transactions import written
from models import ReportReason
from moderation import reports
from web import auth, limits
from web.api import schemas

blueprint = Blueprint("reports", __name__, url_prefix="/api/v1", description="Flags by readers.")

_LONGEST = 500


@blueprint.post("/comments/<row:comment_id>/reports")
@limits.writes
@blueprint.arguments(schemas.NewReport)
@blueprint.response(201, schemas.Reported)
@blueprint.alt_response(200, schema=schemas.Reported, success=True)
def report_comment(sent: dict[str, Any], comment_id: int) -> tuple[dict[str, Any], int]:
    """Tell the moderators what is wrong with a comment; one report a reader."""
    return report(sent, comment_id)


def report(sent: dict[str, Any], comment_id: int) -> tuple[dict[str, Any], int]:
    """Record what NewReport loaded; the second value is 201 for a first report, else 200."""
    text = comments.checked_text(sent["text"], _LONGEST) if sent["text"].strip() else ""
    auth.admit()
    return written(lambda session: _record(session, comment_id, ReportReason(sent["reason"]), text))


def _record(
    session: Session, comment_id: int, reason: ReportReason, text: str
) -> tuple[dict[str, Any], int]:
    comment = comments.public_to_mark(session, comment_id)
    reader, is_new = auth.reader_or_newcomer(session)
    first = reports.record(session, comment, reader, reason, text)
    token = {"reader_token": auth.token_for(reader)} if is_new else {}
    return {"reported": True, **token}, 201 if first else 200
