"""A comment's text in pieces, marked by how much of a score each carries; for the case's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from moderation.cases import LabelScore

# From which weight on a mark takes the next stronger of the four looks that the style sheet has.
_STEPS = (0.6, 0.75, 0.9)


@dataclass(frozen=True)
class Piece:
    """Some of the text; `step` is 0 unmarked, 1 weak to 4 strong; `weight` as in its span."""

    text: str
    step: int = 0
    weight: float = 0.0


@dataclass(frozen=True)
class Marked:
    """The whole text as its author wrote it, with the words marked that carry one score."""

    score: LabelScore
    pieces: list[Piece]

    @property
    def heaviest_first(self) -> list[Piece]:
        """The marked pieces, for those who hear the page instead of seeing it."""
        return sorted((one for one in self.pieces if one.step), key=lambda one: -one.weight)


def marked(text: str, score: LabelScore) -> Marked:
    """Cut a text at the spans of a score, which are in its order and do not overlap."""
    pieces: list[Piece] = []
    reached = 0
    for span in score.spans:
        pieces.append(Piece(text[reached : span.start]))
        step = 1 + sum(span.weight >= limit for limit in _STEPS)
        pieces.append(Piece(text[span.start : span.end], step, span.weight))
        reached = span.end
    pieces.append(Piece(text[reached:]))
    return Marked(score, [piece for piece in pieces if piece.text])


def views(text: str, scores: Sequence[LabelScore]) -> dict[str, Marked]:
    """One view per label that words carry; of two models the later one's."""
    return {score.label: marked(text, score) for score in scores if score.spans}


def chosen(found: dict[str, Marked], asked: str | None) -> str:
    """Which view is shown: the one asked for, else the one furthest over its threshold.

    Empty is the comment as readers see it, also when that is asked for.
    """
    if asked == "" or asked in found:
        return asked or ""
    return max(found, key=lambda label: _excess(found[label].score), default="")


def _excess(score: LabelScore) -> float:
    return score.value - score.hold
