"""How the scores of a queue's newest comments spread from 0 to 1, at a bounded cost."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Result, Select, func, select
from sqlalchemy.orm import Session

from models import Comment, Status
from moderation.filters import Filter, score_of

# Comments that are looked at: the newest ones of a queue.
MOST = 20_000
# The same where words are looked for, as a batch looks at so many at a time.
WITH_WORDS = 5_000
BARS = 40
HUNDREDTHS = 100


@dataclass(frozen=True)
class Spread:
    """The scores of one label, as (number of the comment, score) with the lowest first.

    `unscored` are the comments that have no such score: they are only in the range from 0 to 1.
    `since` is the time of the oldest comment looked at where there are more than `most`, else None.
    """

    scores: Sequence[tuple[int, float]]
    unscored: Sequence[int]
    since: datetime | None
    most: int

    @property
    def total(self) -> int:
        """How many comments fit, whatever their score."""
        return len(self.scores) + len(self.unscored)

    @cached_property
    def _values(self) -> list[float]:
        return [value for _, value in self.scores]

    def bars(self) -> list[int]:
        """How many score in each of BARS equal steps; the last one includes 1."""
        counts = [0] * BARS
        for value in self._values:
            # A score that was stored as 0.3 may be a little less once multiplied.
            counts[min(int(value * BARS + 1e-9), BARS - 1)] += 1
        return counts

    def bounded(self, wanted: Filter) -> Filter:
        """The same filter, of no comments older than those that were looked at."""
        return replace(wanted, since=self.since) if self.since is not None else wanted

    def count(self, least: float, most: float) -> int:
        """How many there are from `least` to `most`, both included."""
        return len(self.within(least, most))

    def within(self, least: float, most: float) -> list[int]:
        """The numbers of the comments in a range, both ends included, as a Filter means it."""
        values = self._values
        inside = self.scores[bisect_left(values, least) : bisect_right(values, most)]
        found = [number for number, _ in inside]
        return found + list(self.unscored) if least <= 0 and most >= 1 else found

    def edges(self) -> tuple[list[int], list[int]]:
        """How many score less than each hundredth from 0 to 1, and how many no more than it."""
        steps = [step / HUNDREDTHS for step in range(HUNDREDTHS + 1)]
        values = self._values
        return (
            [bisect_left(values, one) for one in steps],
            [bisect_right(values, one) for one in steps],
        )

    def sample(self, least: float, most: float, size: int) -> list[int]:
        """Some numbers of a range by chance, each as likely as any other."""
        inside = self.within(least, most)
        return random.sample(inside, min(size, len(inside)))


def read(session: Session, site_id: int, status: Status, wanted: Filter) -> Spread:
    """The scores of `wanted.label` among the newest comments of a site that stand so and are
    otherwise as wanted; what was passed on to a senior is left out, as a batch leaves it.

    A fixed number of queries. Raises Invalid for words that ask for nothing.
    """
    most, apart_from_range = MOST, replace(wanted, least=0.0, most=1.0)
    place = _place(status, wanted)
    few = _few(session, site_id, wanted)
    since = None
    if few is not None:
        among = few.cte("few")
        # The sum keeps SQLite from walking an index of the site.
        conditions = [(Comment.site_id + 0) == site_id, *place]
    else:
        place = [Comment.site_id == site_id, *place]
        most = WITH_WORDS if wanted.words.strip() else MOST
        since = _oldest(session, place, most)
        among = _newest(select(Comment.id), place).limit(most).cte("newest")
        conditions = []
    rows: Result[int, float | None] = session.execute(
        select(Comment.id, score_of(wanted.label).label("value"))
        .join(among, among.c.id == Comment.id)
        .where(*conditions, *apart_from_range.clauses(session, [site_id], among))
    )
    scores: list[tuple[int, float]] = []
    unscored: list[int] = []
    for number, value in rows:
        if value is None:
            unscored.append(number)
        else:
            scores.append((number, value))
    return Spread(sorted(scores, key=lambda one: one[1]), unscored, since, most)


def _place(status: Status, wanted: Filter) -> list[ColumnElement[bool]]:
    """Where and when; the window begins there, or nothing old would ever be in it."""
    found = [Comment.status == status, Comment.escalated.is_(False)]
    if wanted.since is not None:
        found.append(Comment.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(Comment.created_at < wanted.until)
    return found


def _few(session: Session, site_id: int, wanted: Filter) -> Select[int] | None:
    """The numbers of all that can fit, where an index tells that they are few."""
    for numbers, _ in wanted.narrowest(session, [site_id]):
        some = numbers.limit(MOST + 1).subquery()
        if (session.scalar(select(func.count()).select_from(some)) or 0) <= MOST:
            return numbers
    return None


def _newest(query: Select[int], place: Sequence[ColumnElement[bool]]) -> Select[int]:
    return query.where(*place).order_by(Comment.created_at.desc(), Comment.id.desc())


def _oldest(session: Session, place: Sequence[ColumnElement[bool]], most: int) -> datetime | None:
    """When the last of the newest `most` was written; None if there are no more behind it."""
    times = session.scalars(
        select(Comment.created_at)
        .where(*place)
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .offset(most - 1)
        .limit(2)
    ).all()
    return times[0] if len(times) == 2 else None
