"""Finished pages of threads, kept as bytes for whoever asks next; compressed once; bounded."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

# What keeping a page takes besides its bytes, roughly; without it many small ones had no bound.
_AROUND = 400
# A page changes with every comment and vote: level 4 takes half of the time of 6 for 4 % more.
_LEVEL = 4


@dataclass(slots=True)
class Kept:
    """The JSON of a page, and the same compressed once somebody has asked for it."""

    plain: bytes
    packed: bytes = b""

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.plain) + len(self.packed) + _AROUND


class PagesKept:
    """So many bytes of pages by their marks; whatever was not asked for longest goes first.

    A mark names the thread, its version and all else that the bytes depend on: a page that changed
    has another mark, and nobody asks for the old one again. Safe to use from several threads.
    """

    def __init__(self, room: int) -> None:
        self.room = room
        self.size = 0
        self._pages: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, mark: str) -> Kept | None:
        """A page, if it is kept."""
        with self._lock:
            kept = self._pages.get(mark)
            if kept is not None:
                self._pages.move_to_end(mark)
            return kept

    def keep(self, mark: str, build: Callable[[], bytes]) -> Kept:
        """A page, built if need be; what is larger than the room is answered and not kept."""
        kept = self.find(mark)
        if kept is None:
            kept = Kept(build())
            with self._lock:
                self._take(mark, kept)
        return kept

    def packed(self, mark: str, kept: Kept) -> bytes:
        """The compressed bytes of a page that was found or kept."""
        if not kept.packed:
            made = gzip.compress(kept.plain, _LEVEL, mtime=0)
            with self._lock:
                # Out and in again: it takes more room now, if it is still there.
                is_here = self._pages.get(mark) is kept
                if is_here:
                    self._drop(mark)
                kept.packed = made
                if is_here:
                    self._take(mark, kept)
        return kept.packed

    def _take(self, mark: str, kept: Kept) -> None:
        if mark in self._pages:
            self._drop(mark)
        if kept.size > self.room:
            return
        self._pages[mark] = kept
        self.size += kept.size
        while self.size > self.room:
            self._drop(next(iter(self._pages)))

    def _drop(self, mark: str) -> None:
        self.size -= self._pages.pop(mark).size
