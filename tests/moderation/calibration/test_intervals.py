"""Intervals against values worked out by hand or published."""

from __future__ import annotations

import pytest

from moderation.calibration.intervals import Mass, poisson, weighted_count, weighted_share, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson(hits: int, of: int, low: float, high: float):
    found = wilson(hits, of)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)
    other = wilson(of - hits, of)
    assert (1 - other.high, 1 - other.low) == pytest.approx((low, high), abs=1e-4)


def test_a_share_of_nothing_is_refused():
    with pytest.raises(ValueError, match="nothing"):
        wilson(0, 0)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # The roots of (count - mean)² = 1.96² mean.
    [(0, 0.0, 3.8415), (1, 0.1765, 5.6649), (10, 5.4323, 18.4092), (100, 82.2272, 121.6143)],
)
def test_poisson(count: int, low: float, high: float):
    found = poisson(count)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-3)
    for bound in (found.low, found.high):
        assert (count - bound) ** 2 == pytest.approx(3.8415 * bound, abs=1e-2)


@pytest.mark.parametrize(
    ("mass", "heaviest", "low", "high"),
    [
        # With weights of 1 it is the exact Poisson interval: 0 -> 3.69, 2 -> 0.242 to 7.225,
        # 10 -> 4.795 to 18.39 (Garwood 1936).
        (Mass(), 1.0, 0.0, 3.689),
        (Mass(2, 2.0, 2.0), 1.0, 0.242, 7.225),
        (Mass(10, 10.0, 10.0), 1.0, 4.795, 18.39),
        # One more that stands for 200 could always have come.
        (Mass(), 200.0, 0.0, 737.8),
        (Mass(), 0.0, 0.0, 0.0),
    ],
)
def test_weighted_count(mass: Mass, heaviest: float, low: float, high: float):
    found = weighted_count(mass, heaviest)
    assert found.low == pytest.approx(low, abs=0.05)
    assert found.high == pytest.approx(high, rel=0.01)


def test_a_weighted_share_knows_how_little_a_sample_of_none_says():
    held = Mass(100, 100.0, 100.0)
    # All seen: nothing else can have been missed.
    assert weighted_share(held, Mass(), 1.0, 0.0).low == 1.0
    # Nothing found among sampled ones that stand for 200 each: up to 738 may have been missed.
    found = weighted_share(held, Mass(), 1.0, 200.0)
    assert found.high == 1.0
    assert found.low == pytest.approx(0.118, abs=0.015)
    two = weighted_share(held, Mass(2, 400.0, 80_000.0), 1.0, 200.0)
    assert two.low < 0.2 < two.high


def test_a_weighted_share_turned_round_is_its_complement():
    part, rest = Mass(9, 30.0, 300.0), Mass(4, 20.0, 150.0)
    one, other = weighted_share(part, rest, 20.0, 10.0), weighted_share(rest, part, 10.0, 20.0)
    assert (one.low, one.high) == pytest.approx((1 - other.high, 1 - other.low))
