"""That a member of the site's staff wrote a comment: nothing holds it, everything is recorded."""

from __future__ import annotations

from models import Advice
from moderation.signals.facts import Facts, Signal

BY_STAFF = "by-staff"


def by_staff(facts: Facts) -> list[Signal]:
    """Speaks for whatever the site's own people write; the policy lets it outweigh all else."""
    return [Signal(BY_STAFF, Advice.PUBLISH)] if facts.by_staff else []
