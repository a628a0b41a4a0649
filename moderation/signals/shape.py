"""What the mere shape of a text says: very long, or shouted."""

from __future__ import annotations

from moderation.signals.facts import Facts, Signal

LONG, CAPITALS = "long", "capitals"
# Letters that a text needs before its capitals are shouting: "OK, NATO and the EU" are not.
_FEWEST_LETTERS = 24


def long(facts: Facts) -> list[Signal]:
    """More characters than the limit."""
    rule = facts.rule(LONG)
    if len(facts.text) <= rule.limit:
        return []
    return [Signal(LONG, rule.advice, value=float(len(facts.text)), threshold=rule.limit)]


def capitals(facts: Facts) -> list[Signal]:
    """A share of capital letters over the limit, among the letters that come in two cases."""
    rule = facts.rule(CAPITALS)
    upper = sum(char.isupper() for char in facts.text)
    cased = upper + sum(char.islower() for char in facts.text)
    if cased < _FEWEST_LETTERS or upper / cased < rule.limit:
        return []
    return [Signal(CAPITALS, rule.advice, value=round(upper / cased, 4), threshold=rule.limit)]
