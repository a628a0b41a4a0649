"""Counts requests in this process's memory, for limits.py: what `memory://` means here.

The library's own storage for that begins a thread with nearly every request, to look through all
that it keeps for what is over. Here that is looked for once a minute, by whoever comes then.
"""

from __future__ import annotations

import threading
import time

from limits.storage import Storage

_SWEPT_EVERY = 60.0


class Counts(Storage):
    """How often each key was counted, and until when that holds; safe from any thread."""

    # A storage is found by its scheme: the last one that names it counts.
    STORAGE_SCHEME = ["memory"]  # noqa: RUF012

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[int, float]] = {}
        self._next_sweep = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """What can go wrong; nothing does."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a key; how often it was counted since its first time, `expiry` seconds ago at
        most."""
        with self._lock:
            now = time.time()
            if now >= self._next_sweep:
                self._sweep(now)
            count, until = self._kept.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
            self._kept[key] = count + amount, until
            return count + amount

    def get(self, key: str) -> int:
        """How often a key was counted; 0 once that is over."""
        count, until = self._kept.get(key, (0, 0.0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Until when a key's count holds, in seconds since 1970; now where there is none."""
        return self._kept.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Whether counting works."""
        return True

    def clear(self, key: str) -> None:
        """Forget one key."""
        with self._lock:
            self._kept.pop(key, None)

    def reset(self) -> int:
        """Forget all of them; how many there were."""
        with self._lock:
            forgotten = len(self._kept)
            self._kept.clear()
            return forgotten

    def _sweep(self, now: float) -> None:
        self._next_sweep = now + _SWEPT_EVERY
        self._kept = {key: kept for key, kept in self._kept.items() if kept[1] > now}
