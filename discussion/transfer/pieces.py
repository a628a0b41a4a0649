"""Long lists in pieces, each as long as one statement takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

One = TypeVar("One")
_AT_ONCE = 900


def pieces(many: Sequence[One], size: int = _AT_ONCE) -> Iterator[Sequence[One]]:
    """The same in their order, `size` at a time."""
    for begin in range(0, len(many), size):
        yield many[begin : begin + size]
