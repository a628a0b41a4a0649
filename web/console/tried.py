"""A trial of word lists as the page shows it: excerpts cut into pieces, what was found marked."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.word_trial import Match, Trial, Written

_BEFORE, _LENGTH = 60, 280
_ENTRIES = 30


@dataclass(frozen=True)
class Piece:
    """Some of a text; `kind` is the list that it was found by, empty for what was not."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Shown:
    """A comment with what was found in it; `hidden` are entries that only a disguise has."""

    comment: Written
    pieces: list[Piece]
    hidden: list[str]


@dataclass(frozen=True)
class Page:
    """The trial, some of its entries and comments, and how many entries found nothing."""

    trial: Trial
    matches: list[Shown]
    idle: int

    @property
    def entries(self) -> list[tuple[str, str, int]]:
        """(list, entry, comments), the most frequent first."""
        return [(one.kind, one.entry, one.comments) for one in self.trial.entries[:_ENTRIES]]

    @property
    def more(self) -> int:
        """How many entries are left out."""
        return max(0, len(self.trial.entries) - _ENTRIES)


def page(trial: Trial, tried: int) -> Page:
    """What to show of a trial of so many entries."""
    return Page(trial, [_shown(one) for one in trial.matches], tried - len(trial.entries))


def _shown(match: Match) -> Shown:
    text = match.comment.text
    places = sorted((start, end, hit.kind) for hit in match.hits for start, end in hit.found.places)
    begin = max(0, places[0][0] - _BEFORE) if places else 0
    end = min(len(text), begin + _LENGTH)
    pieces = [Piece("…")] if begin else []
    reached = begin
    for start, stop, kind in places:
        if reached <= start < end:
            pieces += [Piece(text[reached:start]), Piece(text[start : min(stop, end)], kind)]
            reached = min(stop, end)
    pieces += [Piece(text[reached:end]), Piece("…" if end < len(text) else "")]
    hidden = [hit.found.entry for hit in match.hits if not hit.found.places]
    return Shown(match.comment, [one for one in pieces if one.text], list(dict.fromkeys(hidden)))
