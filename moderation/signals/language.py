"""What the language of a comment says: a text that the model cannot read was not judged by it."""

from __future__ import annotations

from moderation.signals.facts import Facts, Signal

KIND = "language"


def language(facts: Facts) -> list[Signal]:
    """A text that is certainly in none of the model's languages waits for a person, or carries a
    note where the site prefers that; what is uncertain is left to the model."""
    found, reads = facts.language, facts.reads
    if not found.is_foreign_to(reads):
        return []
    return [
        Signal(
            KIND,
            facts.rule(KIND).advice,
            found.code,
            found.certainty,
            evidence={
                "language": found.code,
                "certainty": found.certainty,
                "model": facts.model,
                "reads": list(reads),
            },
        )
    ]
