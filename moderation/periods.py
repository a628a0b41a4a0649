"""A time that is looked back on: whole days of UTC, in steps of a day or a week; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from moderation.errors import Invalid

DAY = 86_400  # seconds
MOST_DAYS = 400
# With more days than this a step is a week, unless days are asked for.
_MOST_DAILY = 45
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Period:
    """From one day to another, both included; made by `period`."""

    since: date
    until: date
    is_weekly: bool

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.since, time(), UTC)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.until + timedelta(days=1), time(), UTC)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def first(self) -> int:
        """The number of its first step, counted from 1970 on."""
        return self.number(self.since)

    def number(self, day: date) -> int:
        """The number of the step that a day is in."""
        days = (day - _EPOCH).days
        # 1970 began on a Thursday.
        return (days + 3) // 7 if self.is_weekly else days

    @property
    def steps(self) -> tuple[date, ...]:
        """The first day of each step; the first and the last week can be cut short."""
        size = 7 if self.is_weekly else 1
        monday = self.since - timedelta(days=self.since.weekday())
        begins = monday if self.is_weekly else self.since
        count = self.number(self.until) - self.first + 1
        return tuple(
            max(begins + timedelta(days=size * number), self.since) for number in range(count)
        )


def period(since: date, until: date, by: str = "") -> Period:
    """From one day to another in steps of a "day" or a "week"; "" chooses by the length.

    Raises Invalid for a period that ends before it begins, is longer than MOST_DAYS, or lies in
    years that no comment is of.
    """
    if until < since:
        raise Invalid("The period ends before it begins. Exchange the dates.", field="until")
    if since.year < 2000 or until.year > 9000:
        raise Invalid("Give dates from the year 2000 on.", field="since")
    days = (until - since).days + 1
    if days > MOST_DAYS:
        raise Invalid(
            f"The period has {days:,} days; {MOST_DAYS} are the most. Choose a shorter one.",
            field="since",
        )
    return Period(since, until, by == "week" or (by != "day" and days > _MOST_DAILY))


def last_days(today: date, days: int, by: str = "") -> Period:
    """The period of some days that ends with today."""
    return period(today - timedelta(days=days - 1), today, by)


def last_weeks(today: date, weeks: int) -> Period:
    """The present week and those before it, each from its Monday."""
    monday = today - timedelta(days=today.weekday())
    return period(monday - timedelta(weeks=weeks - 1), today, "week")
