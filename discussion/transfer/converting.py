"""Turns the bodies of comments into what is stored, ahead of the storing and beside it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from discussion.transfer.bodies import Body, body_of
from discussion.transfer.records import Markup

if TYPE_CHECKING:
    # Not for the processes: with the database it takes four times the memory.
    from discussion.transfer.staging import Staged

# Fewer are converted sooner than a process has started.
_WORTH_A_PROCESS = 5_000

_Source = tuple[str, str]


def convert(sources: Sequence[_Source]) -> list[Body]:
    """Bodies, given as the name of their markup and the text."""
    return [body_of(Markup(markup), text) for markup, text in sources]


def converted(
    batches: Iterable[Sequence[Staged]], expected: int, processes: int = 1
) -> Iterator[tuple[Sequence[Staged], list[Body]]]:
    """Batches with the bodies of their comments. While the caller stores one, the next is converted
    in processes of their own, if so many comments are expected that it is worth it."""
    if expected < _WORTH_A_PROCESS or processes < 1:
        for batch in batches:
            yield batch, convert([(one.markup.value, one.body) for one in batch])
        return
    workers = [_Worker() for _ in range(processes)]
    try:
        yield from _ahead(batches, workers)
    finally:
        for worker in workers:
            worker.end()


def _ahead(
    batches: Iterable[Sequence[Staged]], workers: Sequence[_Worker]
) -> Iterator[tuple[Sequence[Staged], list[Body]]]:
    waiting: Sequence[Staged] | None = None
    for batch in batches:
        # One piece to a worker at a time: two that both wait to send would wait for ever.
        ready = [body for worker in workers for body in worker.answer()]
        size = -(-len(batch) // len(workers))
        for place, worker in enumerate(workers):
            worker.ask(batch[place * size : (place + 1) * size])
        if waiting is not None:
            yield waiting, ready
        waiting = batch
    if waiting is not None:
        yield waiting, [body for worker in workers for body in worker.answer()]


class _Worker:
    """A process that converts what it is sent, and ends when whoever sends is gone."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, others = context.Pipe()
        self._process = context.Process(target=_work, args=(others,), daemon=True)
        self._process.start()
        others.close()
        self._asked = 0

    def ask(self, batch: Sequence[Staged]) -> None:
        """Have these converted."""
        self._asked = len(batch)
        if batch:
            self._pipe.send([(one.markup.value, one.body) for one in batch])

    def answer(self) -> list[Body]:
        """What was asked for last, once it is ready."""
        if not self._asked:
            return []
        self._asked = 0
        return [Body(*parts) for parts in self._pipe.recv()]

    def end(self) -> None:
        """Let it go."""
        self._pipe.close()
        self._process.join(timeout=5)
        if self._process.is_alive():
            self._process.kill()


def _work(pipe: Connection) -> None:
    while True:
        try:
            asked = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send([(one.text, one.html, one.is_cleaned) for one in convert(asked)])
