"""What is known of who wrote a comment: new here, often rejected, too fast, or trusted."""

from __future__ import annotations

from moderation.signals.facts import Facts, Signal

NEWCOMER, REJECTIONS, FLOOD, TRUSTED = "newcomer", "rejections", "flood", "trusted"
# Fewer decisions say nothing about a person.
_FEWEST_DECIDED = 4


def newcomer(facts: Facts) -> list[Signal]:
    """One of the first comments of an author here: fewer than the limit were published before."""
    rule, author = facts.rule(NEWCOMER), facts.author
    if author is None or author.published >= rule.limit:
        return []
    return [Signal(NEWCOMER, rule.advice, value=float(author.published), threshold=rule.limit)]


def rejections(facts: Facts) -> list[Signal]:
    """The share of an author's comments that were rejected, once four were decided."""
    rule, author = facts.rule(REJECTIONS), facts.author
    if author is None:
        return []
    decided = author.published + author.rejected
    if decided < _FEWEST_DECIDED or author.rejected / decided < rule.limit:
        return []
    evidence = {"rejected": author.rejected, "published": author.published}
    return [
        Signal(
            REJECTIONS,
            rule.advice,
            value=round(author.rejected / decided, 4),
            threshold=rule.limit,
            evidence=evidence,
        )
    ]


def flood(facts: Facts) -> list[Signal]:
    """More comments by one author within ten minutes than the limit, this one counted."""
    rule, author = facts.rule(FLOOD), facts.author
    if author is None or author.lately + 1 <= rule.limit:
        return []
    return [Signal(FLOOD, rule.advice, value=author.lately + 1.0, threshold=rule.limit)]


def trusted(facts: Facts) -> list[Signal]:
    """As many published comments as the limit and none rejected speak for an author.

    With the advice to publish, a rejection by another check becomes a person's to decide.
    """
    rule, author = facts.rule(TRUSTED), facts.author
    if author is None or author.rejected or author.published < rule.limit:
        return []
    return [Signal(TRUSTED, rule.advice, value=float(author.published), threshold=rule.limit)]
