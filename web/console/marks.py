"""A comment's text in pieces, marked by how much of a score each carries and by whether a site's
word lists have it; for the case's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from moderation.cases import LabelScore
from web.console.listed import Place

# From which weight on a mark takes the next stronger of the four looks that the style sheet has.
_STEPS = (0.6, 0.75, 0.9)
# In the place of a label: the hits of the word lists alone.
LISTS = "lists"


@dataclass(frozen=True)
class Piece:
    """Some of the text; `step` is 0 unmarked, 1 weak to 4 strong; `weight` as in its span; `listed`
    the list that has it, or ""."""

    text: str
    step: int = 0
    weight: float = 0.0
    listed: str = ""


@dataclass(frozen=True)
class Marked:
    """The whole text as its author wrote it, with the words marked that carry one score, and those
    that are on lists; without a score these alone."""

    score: LabelScore | None
    pieces: list[Piece]

    @property
    def heaviest_first(self) -> list[Piece]:
        """The marked pieces, for those who hear the page instead of seeing it."""
        return sorted((one for one in self.pieces if one.step), key=lambda one: -one.weight)

    @property
    def has_listed(self) -> bool:
        """Whether any piece is on a list."""
        return any(one.listed for one in self.pieces)


def marked(text: str, score: LabelScore | None, places: Sequence[Place] = ()) -> Marked:
    """Cut a text at the spans of a score and at places, which each are in its order and do not
    overlap among themselves."""
    spans = score.spans if score else ()
    ends = [at for span in spans for at in (span.start, span.end)]
    ends += [at for place in places for at in (place.start, place.end)]
    cuts = sorted({0, len(text), *ends})
    pieces: list[Piece] = []
    for start, end in pairwise(cuts):
        weight = next((one.weight for one in spans if one.start <= start < one.end), 0.0)
        carries = any(one.start <= start < one.end for one in spans)
        step = 1 + sum(weight >= limit for limit in _STEPS) if carries else 0
        listed = next((one.kind for one in places if one.start <= start < one.end), "")
        pieces.append(Piece(text[start:end], step, weight, listed))
    return Marked(score, [piece for piece in pieces if piece.text])


def views(
    text: str, scores: Sequence[LabelScore], places: Sequence[Place] = ()
) -> dict[str, Marked]:
    """One view per label that words carry, of two models the later one's; and one of the word
    lists' hits, if there are any."""
    found = {score.label: marked(text, score, places) for score in scores if score.spans}
    return found | ({LISTS: marked(text, None, places)} if places else {})


def chosen(found: dict[str, Marked], asked: str | None) -> str:
    """Which view is shown: the one asked for, else the one furthest over its threshold.

    Empty is the comment as readers see it, also when that is asked for. Where no score is over
    its threshold, the word lists say more.
    """
    if asked == "" or asked in found:
        return asked or ""
    return max(found, key=lambda label: _excess(found[label].score), default="")


def _excess(score: LabelScore | None) -> float:
    return score.value - score.hold if score else 0.0
