"""The figures of a period as the page Insight says them: tiles, charts, rows and durations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from discussion.transfer.sheets import Cell
from models import ActorKind, Site
from moderation.insight import Figures, Insight
from moderation.periods import Period
from web.console import charts, words
from web.console.charts import Chart

_WIDTHS = (640.0, 326.0)
_HEIGHTS = (230.0, 190.0)

# The columns of every table, in their order.
_COLUMNS: tuple[tuple[str, Callable[[Figures], Cell]], ...] = (
    ("Written", lambda one: one.written),
    ("Published at once", lambda one: one.released),
    ("Held", lambda one: one.held),
    ("Rejected at once", lambda one: one.refused),
    ("Decided by people", lambda one: one.human),
    ("Approved", lambda one: one.approved),
    ("Rejected", lambda one: one.rejected),
    ("Held by people", lambda one: one.returned),
    ("Taken back", lambda one: one.undone),
    ("Overturned", lambda one: one.overturned),
    ("Waited", lambda one: one.wait.count),
)
_WAITS: tuple[tuple[str, Callable[[Figures], int]], ...] = (
    ("Median wait", lambda one: one.wait.median),
    ("9 of 10 within", lambda one: one.wait.ninth),
)
# What the policy did does not belong to a person.
_OF_PEOPLE = frozenset(name for name, _ in _COLUMNS[4:])


def headings(*, of_people: bool = False) -> list[str]:
    """What stands over the columns of a table of figures."""
    named = [name for name, _ in _COLUMNS if not of_people or name in _OF_PEOPLE]
    return named + [name for name, _ in _WAITS]


def cells(one: Figures, *, of_people: bool = False) -> list[str]:
    """A row of such a table in words."""
    found = [f"{of(one):,}" for name, of in _COLUMNS if not of_people or name in _OF_PEOPLE]
    return found + [duration(of(one)) if one.wait.count else "–" for _, of in _WAITS]


def _row(one: Figures, *, of_people: bool = False) -> list[Cell]:
    """The same as plain numbers; waits in seconds, empty where none waited."""
    found = [of(one) for name, of in _COLUMNS if not of_people or name in _OF_PEOPLE]
    return found + [of(one) if one.wait.count else "" for _, of in _WAITS]


def _heads(*first: str, of_people: bool = False) -> list[Cell]:
    named = headings(of_people=of_people)
    return [*first, *named[:-2], *(f"{name} (seconds)" for name in named[-2:])]


def _steps(found: Insight, sites: Mapping[int, Site]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [_heads("Week from" if found.period.is_weekly else "Day (UTC)")]
    for begins, one in zip(found.period.steps, found.steps, strict=True):
        rows.append([begins.isoformat(), *_row(one)])
    return rows


def _sites(found: Insight, sites: Mapping[int, Site]) -> list[list[Cell]]:
    rows = [[sites[number].name, *_row(one)] for number, one in found.sites.items()]
    return [_heads("Site"), *rows]


def _people(found: Insight, sites: Mapping[int, Site]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [one.name, who(one.kind), *_row(one.figures, of_people=True)] for one in found.people
    ]
    return [_heads("Name", "Kind", of_people=True), *rows]


def _reasons(found: Insight, sites: Mapping[int, Site]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [["Reason", "For", "Times"]]
    for kind, counted in (("held", found.why_held), ("rejected by people", found.why_rejected)):
        rows += [[name, kind, count] for name, count in counted]
    return rows


TABLES: Mapping[str, Callable[[Insight, Mapping[int, Site]], list[list[Cell]]]] = {
    "steps": _steps,
    "sites": _sites,
    "people": _people,
    "reasons": _reasons,
}


def who(kind: ActorKind) -> str:
    """What a moderator is: a person or a program."""
    return "Program" if kind is ActorKind.API_KEY else "Staff"


_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def duration(seconds: int) -> str:
    """A duration in its two largest units: "2 h 5 min"."""
    for (size, unit), (less, lesser) in pairwise(_UNITS):
        if seconds >= size:
            count, rest = divmod(seconds, size)
            # Of ten and more the rest says nothing that anybody wants to know.
            more = rest // less if count < 10 else 0
            return f"{count} {unit} {more} {lesser}" if more else f"{count} {unit}"
    return f"{seconds} s"


def share(part: int, whole: int) -> str:
    """A part of a whole in percent; "" of nothing."""
    if not whole:
        return ""
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 10 or not part else f"{percent:.1f} %"


def day(value: date) -> str:
    """A day in the words of the page."""
    return f"{value.day} {value:%b %Y}"


def step_name(period: Period, begins: date) -> str:
    """What a step is called in full."""
    return f"Week from {day(begins)}" if period.is_weekly else f"{begins:%a} {day(begins)}"


@dataclass(frozen=True)
class Drawn:
    """One chart in both widths, with what each of its colours stands for."""

    id: str
    title: str
    about: str
    key: tuple[tuple[str, str], ...]
    sizes: tuple[tuple[str, Chart], ...]


def drawn(found: Insight) -> list[Drawn]:
    """The charts of the page."""
    each = "week" if found.period.is_weekly else "day"
    return [
        _bars(
            found,
            ("arrived", f"What the policy did, each {each}"),
            (
                ("Published at once", "published", [one.released for one in found.steps]),
                ("Held for a person", "held", [one.held for one in found.steps]),
                ("Rejected at once", "rejected", [one.refused for one in found.steps]),
            ),
        ),
        _bars(
            found,
            ("decided", f"What people decided, each {each}"),
            (
                ("Approved", "published", [one.approved for one in found.steps]),
                ("Rejected", "rejected", [one.rejected for one in found.steps]),
                ("Held", "held", [one.returned for one in found.steps]),
            ),
        ),
        _lines(found, each),
    ]


def _bars(
    found: Insight,
    named: tuple[str, str],
    series: Sequence[tuple[str, str, Sequence[int]]],
) -> Drawn:
    said = [
        f"{step_name(found.period, begins)}: "
        + ", ".join(f"{values[place]:,} {name.lower()}" for name, _, values in series)
        for place, begins in enumerate(found.period.steps)
    ]
    parts: list[tuple[str, Sequence[int]]] = [(kind, values) for _, kind, values in series]
    labels = _labels(found.period)
    sizes = [
        charts.stacked(parts, labels, said, width, height)
        for width, height in zip(_WIDTHS, _HEIGHTS, strict=True)
    ]
    sums = ", ".join(f"{sum(values):,} {name.lower()}" for name, _, values in series)
    key = tuple((name, kind) for name, kind, _ in series)
    return Drawn(*named, f"{sums}.", key, tuple(zip(("wide", "narrow"), sizes, strict=True)))


def _lines(found: Insight, each: str) -> Drawn:
    measured = [one.wait.count > 0 for one in found.steps]
    said = [
        f"{step_name(found.period, begins)}: "
        + (
            f"half within {duration(one.wait.median)}, nine of ten within "
            f"{duration(one.wait.ninth)}, of {one.wait.count:,}"
            if one.wait.count
            else "none waited"
        )
        for begins, one in zip(found.period.steps, found.steps, strict=True)
    ]
    series = [
        ("ninth", [one.wait.ninth for one in found.steps]),
        ("median", [one.wait.median for one in found.steps]),
    ]
    labels = _labels(found.period)
    sizes = [
        charts.durations(series, measured, labels, said, width, height)
        for width, height in zip(_WIDTHS, (290.0, 200.0), strict=True)
    ]
    about = f"Until a person decided; {found.total.wait.count:,} waited. The scale is logarithmic."
    key = (("Half within", "median"), ("Nine of ten within", "ninth"))
    both = tuple(zip(("wide", "narrow"), sizes, strict=True))
    return Drawn("waited", f"How long comments waited, each {each}", about, key, both)


def _labels(period: Period) -> list[str]:
    return [f"{begins.day} {begins:%b}" for begins in period.steps]


@dataclass(frozen=True)
class Counted:
    """One reason in words, how often, and its share of the most frequent one (0 to 100)."""

    name: str
    count: int
    width: float


def reasons(counted: Sequence[tuple[str, int]]) -> list[Counted]:
    """Reasons as bars, the most frequent first."""
    most = counted[0][1] if counted else 1
    return [
        Counted(words.reason(name), count, round(100 * count / most, 1)) for name, count in counted
    ]
