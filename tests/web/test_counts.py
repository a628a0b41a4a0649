"""Counting requests in memory: a window begins with its first, and no thread begins with any."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from flask import Flask
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from web.counts import Counts
from web.limits import limiter

BEGIN = 1_800_000_000


@pytest.fixture
def counts() -> Counts:
    """None counted yet."""
    return Counts()


def test_it_is_what_the_application_counts_in(app: Flask) -> None:
    assert isinstance(storage_from_string("memory://"), Counts)
    assert isinstance(limiter.storage, Counts)


def test_a_window_begins_with_its_first_and_is_over_at_its_end(counts: Counts) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        assert [counts.incr("a", 60), counts.incr("a", 60), counts.incr("b", 60)] == [1, 2, 1]
        clock.shift(59)
        assert (counts.get("a"), counts.get_expiry("a")) == (2, BEGIN + 60)
        assert counts.incr("a", 60) == 3
        clock.shift(1)
        assert counts.get("a") == 0
        assert counts.incr("a", 60) == 1
        assert counts.get_expiry("a") == BEGIN + 120


def test_a_limit_holds_and_opens_again(counts: Counts) -> None:
    asked, limit = FixedWindowRateLimiter(counts), parse("3 per minute")
    with time_machine.travel(BEGIN, tick=False) as clock:
        assert [asked.hit(limit, "key", "1") for _ in range(5)] == [True] * 3 + [False] * 2
        assert asked.hit(limit, "key", "2")
        stands = asked.get_window_stats(limit, "key", "1")
        assert (stands.remaining, stands.reset_time) == (0, BEGIN + 60)
        clock.shift(60)
        assert asked.hit(limit, "key", "1")


def test_what_is_over_is_forgotten(counts: Counts) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        for number in range(100):
            counts.incr(str(number), 10)
        counts.incr("long", 1_000)
        clock.shift(61)
        counts.incr("new", 10)
        assert counts.reset() == 2
        assert counts.get("long") == 0


def test_one_key_can_be_forgotten(counts: Counts) -> None:
    counts.incr("a", 60)
    counts.incr("b", 60)
    counts.clear("a")
    counts.clear("nothing")
    assert (counts.get("a"), counts.get("b")) == (0, 1)


def test_none_is_lost_among_threads(counts: Counts) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: counts.incr("a", 60), range(2_000)))
    assert sorted(found) == list(range(1, 2_001))


def test_counting_begins_no_thread(counts: Counts, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", begun.append)
    counts.incr("a", 60)
    assert FixedWindowRateLimiter(counts).hit(parse("3 per minute"), "key", "1")
    assert begun == []
