"""That a site's moderators want to read all that an author writes."""

from __future__ import annotations

from models import Advice
from moderation.signals.facts import Facts, Signal

KIND = "sanctioned"


def sanctioned(facts: Facts) -> list[Signal]:
    """A standing sanction holds a comment: no rule of the site switches that off."""
    if not facts.sanction:
        return []
    return [Signal(KIND, Advice.HOLD, evidence={"sanction": facts.sanction})]
