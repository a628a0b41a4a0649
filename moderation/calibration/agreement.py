"""How often two moderators say the same of a comment, beyond what chance would make them; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from moderation.calibration.intervals import Interval, Z, wilson

LEAST = 20


@dataclass(frozen=True)
class Verdicts:
    """Comments that two judged, by what the first and what the second said."""

    both_approve: int = 0
    both_reject: int = 0
    only_first_rejects: int = 0
    only_second_rejects: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return (
            self.both_approve
            + self.both_reject
            + self.only_first_rejects
            + self.only_second_rejects
        )

    @property
    def same(self) -> int:
        """Those of which both said the same."""
        return self.both_approve + self.both_reject


@dataclass(frozen=True)
class Agreement:
    """The raw share (0 to 1) and Cohen's kappa (-1 to 1), each with an interval.

    `is_known` is false below LEAST comments; `has_kappa` where everybody always said the same one
    thing, so that chance alone would have agreed too.
    """

    verdicts: Verdicts
    is_known: bool = False
    raw: float = 0.0
    of_raw: Interval = Interval(0.0, 1.0)
    has_kappa: bool = False
    kappa: float = 0.0
    of_kappa: Interval = Interval(-1.0, 1.0)


def agreement(verdicts: Verdicts) -> Agreement:
    """Cohen 1960, "A coefficient of agreement for nominal scales"; the standard error is that of
    Fleiss, Cohen and Everitt 1969, "Large sample standard errors of kappa and weighted kappa"."""
    total = verdicts.total
    if total < LEAST:
        return Agreement(verdicts)
    raw, of_raw = verdicts.same / total, wilson(verdicts.same, total)
    by_chance = _by_chance(verdicts)
    if by_chance >= 1:
        return Agreement(verdicts, True, raw, of_raw)
    kappa = (raw - by_chance) / (1 - by_chance)
    reach = Z * _standard_error(verdicts, kappa, by_chance)
    within = Interval(max(-1.0, kappa - reach), min(1.0, kappa + reach))
    return Agreement(verdicts, True, raw, of_raw, True, kappa, within)


def _shares(verdicts: Verdicts) -> tuple[list[list[float]], list[float], list[float]]:
    """The table of shares by first and second verdict, and the sums of its rows and columns."""
    total = verdicts.total
    table = [
        [verdicts.both_approve / total, verdicts.only_second_rejects / total],
        [verdicts.only_first_rejects / total, verdicts.both_reject / total],
    ]
    return table, [sum(row) for row in table], [sum(one) for one in zip(*table, strict=True)]


def _by_chance(verdicts: Verdicts) -> float:
    _, first, second = _shares(verdicts)
    return first[0] * second[0] + first[1] * second[1]


def _standard_error(verdicts: Verdicts, kappa: float, by_chance: float) -> float:
    table, first, second = _shares(verdicts)
    apart = 1 - kappa
    same = sum(table[i][i] * (1 - (first[i] + second[i]) * apart) ** 2 for i in (0, 1))
    differing = sum(table[i][1 - i] * (second[i] + first[1 - i]) ** 2 for i in (0, 1))
    variance = same + apart * apart * differing - (kappa - by_chance * apart) ** 2
    return math.sqrt(max(0.0, variance) / verdicts.total) / (1 - by_chance)
