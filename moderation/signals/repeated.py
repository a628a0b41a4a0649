"""What it says of a comment that the same words were posted before, here or by others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from moderation.signals.facts import Earlier, Facts, Signal

OWN, OTHERS = "repeated-own", "repeated-others"
# Everybody says "thank you": only what is longer can be copied from somebody else.
_SHORTEST_OWN, _SHORTEST_OTHERS = 3, 8
_RUN = 3
_WORD = re.compile(r"\w+")
_MOST_WORDS = 2_000
_SHORT = 1_000


def repeated_own(facts: Facts) -> list[Signal]:
    """A text much like one that its author posted lately."""
    return _alike(facts, OWN, facts.author.texts if facts.author else (), _SHORTEST_OWN)


def repeated_others(facts: Facts) -> list[Signal]:
    """A text much like one that somebody else posted lately."""
    return _alike(facts, OTHERS, facts.others_texts, _SHORTEST_OTHERS)


def _alike(facts: Facts, kind: str, earlier: Sequence[Earlier], shortest: int) -> list[Signal]:
    rule = facts.rule(kind)
    words = _words(facts.text)
    if len(words) < shortest:
        return []
    own = _runs(words)
    nearest = max(
        ((similarity(own, _runs_of(one.text)), one.comment_id) for one in earlier),
        default=(0.0, 0),
    )
    if nearest[0] < rule.limit:
        return []
    evidence = {"comment": nearest[1]}
    return [Signal(kind, rule.advice, value=round(nearest[0], 4), threshold=rule.limit,
                   evidence=evidence)]  # fmt: skip


def similarity(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """The share of runs of three words that two texts have in common (Jaccard), 0 to 1.

    Source: Broder 1997, "On the resemblance and containment of documents".
    """
    both = len(one | other)
    return len(one & other) / both if both else 0.0


def _runs_of(text: str) -> frozenset[tuple[str, ...]]:
    return _runs_of_short(text) if len(text) <= _SHORT else _runs(_words(text))


# Each comment of a day is compared with a hundred others. Long ones are few, and would fill memory.
@lru_cache(maxsize=512)
def _runs_of_short(text: str) -> frozenset[tuple[str, ...]]:
    return _runs(_words(text))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())[:_MOST_WORDS]


def _runs(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    if len(words) < _RUN:
        return frozenset({tuple(words)})
    return frozenset(_windows(words))


def _windows(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(words[at:] for at in range(_RUN)), strict=False)
