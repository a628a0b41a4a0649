"""Turns the bodies of comments into what is stored, ahead of the storing and beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from time import monotonic

from discussion.transfer.beside import Beside, Source, convert
from discussion.transfer.bodies import Body
from discussion.transfer.staging import Staged


def converted(
    batches: Iterable[Sequence[Staged]], beside: Beside | None
) -> Iterator[tuple[Sequence[Staged], list[Body]]]:
    """Batches with the bodies of their comments.

    While the caller stores one, the next is converted beside it; what would take longer than the
    storing is converted here, so that neither waits for the other.
    """
    if beside is None:
        for batch in batches:
            yield batch, convert(_sources(batch))
        return
    share = _Share()
    waiting: Sequence[Staged] | None = None
    for batch in batches:
        bodies: list[Body] = []
        if waiting is not None:
            bodies = _finish(waiting, share, beside)
        sources = _sources(batch)
        share.begin(len(sources))
        beside.ask(sources[: share.cut])
        if waiting is not None:
            yield waiting, bodies
        waiting = batch
    if waiting is not None:
        yield waiting, _finish(waiting, share, beside)


def _sources(batch: Sequence[Staged]) -> list[Source]:
    return [(one.markup.value, one.body) for one in batch]


def _finish(batch: Sequence[Staged], share: _Share, beside: Beside) -> list[Body]:
    share.stored()
    own = convert(_sources(batch[share.cut :]))
    bodies, seconds = beside.answer()
    share.converted(seconds)
    return [*bodies, *own]


class _Share:
    """How many of a batch are converted beside: so many that both are ready at the same time."""

    def __init__(self) -> None:
        self._part = 1.0
        self._storing = 0.0
        self._begun = 0.0
        self._count = 0
        self.cut = 0

    def begin(self, count: int) -> None:
        """A batch of so many comes."""
        self._begun, self._count = monotonic(), count
        self.cut = round(count * self._part)

    def stored(self) -> None:
        """What was to be done beside the converting is done."""
        self._storing = monotonic() - self._begun

    def converted(self, seconds: float) -> None:
        """The part that was converted beside took so long."""
        if self.cut:
            # With all of it taking `whole`, both are ready when whole * part is what the storing
            # takes and whole * (1 - part).
            whole = seconds / self.cut * self._count
            self._part = max(0.1, min(1.0, (self._storing / max(whole, 1e-9) + 1) / 2))
