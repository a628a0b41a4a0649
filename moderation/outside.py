"""What moderators elsewhere said of texts that were scored here: kept without the texts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import OutsideDecision, utcnow
from moderation.classifier.scores import Scores

# From here on a text is said to show a label.
BAD = 0.5


def record(
    session: Session,
    site_id: int,
    key_id: int,
    text: str,
    said: Mapping[str, float],
    scores: Scores,
    secret: str,
) -> None:
    """Keep what was said of each label, 0 to 1, beside the model's scores; the caller commits.

    Said again of the same text it replaces what was said before: a moderator who thinks better of
    it is one opinion and not two.
    """
    digest = hmac.new(
        secret.encode(), text.encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()
    rows = session.scalars(
        select(OutsideDecision).where(
            OutsideDecision.site_id == site_id,
            OutsideDecision.digest == digest,
            OutsideDecision.label.in_(said),
        )
    )
    known = {row.label: row for row in rows}
    for label, value in said.items():
        row = known.get(label)
        if row is None:
            row = OutsideDecision(site_id=site_id, digest=digest, label=label)
            session.add(row)
        row.key_id, row.said, row.created_at = key_id, value, utcnow()
        row.score = float(scores.values[label])
        row.model_name, row.model_version = scores.model_name, scores.model_version


def forget(session: Session, before: datetime) -> None:
    """Delete what was said before a moment."""
    session.execute(delete(OutsideDecision).where(OutsideDecision.created_at < before))
