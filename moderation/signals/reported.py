"""What readers said against a comment."""

from __future__ import annotations

from moderation.signals.facts import Facts, Signal

KIND = "reports"


def reported(facts: Facts) -> list[Signal]:
    """Enough open reports hold a comment: an edit does not free it from them."""
    if not facts.has_enough_reports:
        return []
    return [Signal(KIND, facts.rule(KIND).advice)]
