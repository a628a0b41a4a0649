"""What a period brought and what became of it, per day or week, site and moderator; reads only.

Seven queries however much there is: the database counts, and what comes back grows with the days
of the period and the people who decided in it. Days and weeks (from Monday) are those of UTC.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from models import ActorKind, Appeal, AppealState, Comment, Decision, Status
from models.timing import seconds_since_epoch
from moderation.decisions import DECIDED_HERE, PEOPLE, Actor
from moderation.periods import DAY, Period
from moderation.waits import Wait, waits

MOST_REASONS = 10
Who = tuple[ActorKind, int]
Rows = Sequence[Any]
# Any status: with it the index of the queues finds the comments of a time.
_ALL = tuple(Status)


@dataclass(frozen=True)
class Figures:
    """What happened: numbers of comments and of decisions, and how long people took.

    `held`, `released` and `refused` are what the policy decided by itself, `approved`, `rejected`
    and `returned` (held again) what people did; their decisions that were only taking another
    one back are not among them. `undone` and `overturned` (an appeal against it was granted) are
    those of the period's decisions to which that happened, at whatever time.
    """

    written: int = 0
    released: int = 0
    held: int = 0
    refused: int = 0
    approved: int = 0
    rejected: int = 0
    returned: int = 0
    undone: int = 0
    overturned: int = 0
    wait: Wait = field(default_factory=Wait)

    @property
    def automatic(self) -> int:
        """Decisions that the policy took by itself."""
        return self.released + self.held + self.refused

    @property
    def human(self) -> int:
        """Decisions that people took."""
        return self.approved + self.rejected + self.returned


@dataclass(frozen=True)
class ByPerson:
    """The figures of one moderator or program."""

    kind: ActorKind
    id: int
    name: str
    figures: Figures


@dataclass(frozen=True)
class Insight:
    """All figures of a period; `steps` has one entry for each of its days or weeks."""

    period: Period
    total: Figures
    steps: tuple[Figures, ...]
    sites: dict[int, Figures]
    people: tuple[ByPerson, ...]
    why_held: tuple[tuple[str, int], ...]
    why_rejected: tuple[tuple[str, int], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all happened."""
        return not (self.total.written or self.total.automatic or self.total.human)


@dataclass(frozen=True)
class Viewer:
    """Who looks: their own figures are always theirs, those of others only on some sites."""

    actor: Actor
    sees_all_at: frozenset[int]

    def sees(self, site_id: int, who: Who) -> bool:
        """Whether they may read the figures of a person on a site."""
        return site_id in self.sees_all_at or who == (self.actor.kind, self.actor.id)


def read(session: Session, site_ids: Sequence[int], period: Period, viewer: Viewer) -> Insight:
    """The figures of some sites for a period, as one person may see them."""
    sums = _Sums(period, viewer)
    sums.add("written", _written(session, site_ids, period))
    for site_id, step, kind, number, name, after, count in _decided(session, site_ids, period):
        sums.count((site_id, step, kind, number), name, _FIELDS[kind in PEOPLE][after], count)
    sums.add("undone", _undone(session, site_ids, period))
    sums.add("overturned", _overturned(session, site_ids, period))
    return sums.insight(
        site_ids,
        waits(session, site_ids, period, viewer.actor, viewer.sees_all_at),
        _reasons(session, site_ids, period, Status.HELD),
        _reasons(session, site_ids, period, Status.REJECTED),
    )


# What a decision counts as, by whether a person took it and what became of the comment.
_FIELDS = (
    {Status.PUBLISHED: "released", Status.HELD: "held", Status.REJECTED: "refused"},
    {Status.PUBLISHED: "approved", Status.HELD: "returned", Status.REJECTED: "rejected"},
)


class _Sums:
    """Adds up what the queries count, for the whole and for each step, site and person."""

    def __init__(self, period: Period, viewer: Viewer) -> None:
        self.period, self.viewer = period, viewer
        self.total: dict[str, int] = defaultdict(int)
        self.steps: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.sites: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.people: dict[Who, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.names: dict[Who, str] = {}

    def add(self, name: str, rows: Rows) -> None:
        """Rows of site, step, kind of actor, actor's number, name and count."""
        for site_id, step, kind, number, who, count in rows:
            self.count((site_id, step, kind, number), who, name, count)

    def count(self, key: tuple[int, int, ActorKind, int], who: str, name: str, by: int) -> None:
        """Some more of one figure."""
        site_id, step, kind, number = key
        self.total[name] += by
        self.steps[step][name] += by
        self.sites[site_id][name] += by
        if kind in PEOPLE and self.viewer.sees(site_id, (kind, number)):
            self.people[kind, number][name] += by
            self.names[kind, number] = max(self.names.get((kind, number), ""), who)

    def insight(
        self,
        site_ids: Sequence[int],
        taken: dict[tuple[str, Any], Wait],
        why_held: Rows,
        why_rejected: Rows,
    ) -> Insight:
        """All of it together with how long it took and why."""

        def figures(counts: dict[str, int], part: str, key: Any) -> Figures:
            return replace(Figures(), **counts, wait=taken.get((part, key), Wait()))

        people = [
            ByPerson(*who, self.names[who], figures(counts, "person", who))
            for who, counts in self.people.items()
        ]
        steps = range(self.period.first, self.period.first + len(self.period.steps))
        return Insight(
            self.period,
            figures(self.total, "total", 0),
            tuple(figures(self.steps[step], "step", step) for step in steps),
            {one: figures(self.sites[one], "site", one) for one in site_ids},
            tuple(sorted(people, key=lambda one: (-one.figures.human, one.name))),
            tuple((name, count) for name, count in why_held),
            tuple((name, count) for name, count in why_rejected),
        )


def _step(period: Period, column: Any) -> ColumnElement[int]:
    day = seconds_since_epoch(column) // DAY
    # 1970 began on a Thursday.
    return (day + 3) // 7 if period.is_weekly else day


def _within(period: Period, column: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= period.begins, column < period.ends


def _written(session: Session, site_ids: Sequence[int], period: Period) -> Rows:
    step = _step(period, Comment.created_at)
    query = select(Comment.site_id, step, func.count()).where(
        Comment.site_id.in_(site_ids),
        Comment.status.in_(_ALL),
        *_within(period, Comment.created_at),
    )
    rows = session.execute(query.group_by(Comment.site_id, step)).all()
    return [(site, step, ActorKind.AUTHOR, 0, "", count) for site, step, count in rows]


def _decided(session: Session, site_ids: Sequence[int], period: Period) -> Rows:
    step = _step(period, Decision.created_at)
    who = (Decision.actor_kind, Decision.actor_id)
    query = select(
        Decision.site_id, step, *who, func.max(Decision.actor_name), Decision.after, func.count()
    ).where(
        Decision.site_id.in_(site_ids),
        *_within(period, Decision.created_at),
        Decision.actor_kind.in_((ActorKind.SYSTEM, *PEOPLE)),
        DECIDED_HERE,
        Decision.undoes == 0,
    )
    return session.execute(query.group_by(Decision.site_id, step, *who, Decision.after)).all()


def _undone(session: Session, site_ids: Sequence[int], period: Period) -> Rows:
    taking_back = aliased(Decision)
    return _of_decisions(
        session,
        period,
        (taking_back, taking_back.undoes == Decision.id),
        taking_back.site_id.in_(site_ids),
        taking_back.created_at >= period.begins,
        taking_back.undoes > 0,
    )


def _overturned(session: Session, site_ids: Sequence[int], period: Period) -> Rows:
    return _of_decisions(
        session,
        period,
        (Appeal, Appeal.decision_id == Decision.id),
        Appeal.site_id.in_(site_ids),
        Appeal.state == AppealState.GRANTED,
    )


def _of_decisions(
    session: Session, period: Period, joined: tuple[Any, Any], *conditions: ColumnElement[bool]
) -> Rows:
    """How many decisions of the period something happened to, by who had taken them."""
    step = _step(period, Decision.created_at)
    who = (Decision.actor_kind, Decision.actor_id)
    query = (
        select(Decision.site_id, step, *who, func.max(Decision.actor_name), func.count())
        .select_from(joined[0])
        .join(Decision, joined[1])
        .where(*conditions, *_within(period, Decision.created_at))
    )
    return session.execute(query.group_by(Decision.site_id, step, *who)).all()


def _reasons(session: Session, site_ids: Sequence[int], period: Period, after: Status) -> Rows:
    """The most frequent reasons: of the policy for holding, of people for rejecting."""
    split = (
        func.json_each(Decision.reasons)
        if session.get_bind().dialect.name == "sqlite"
        else func.json_array_elements_text(Decision.reasons)
    )
    reason = split.table_valued("value").render_derived(name="reason")
    if session.get_bind().dialect.name == "sqlite":
        reason = split.table_valued("value", name="reason")
    kinds = (ActorKind.SYSTEM,) if after is Status.HELD else PEOPLE
    query = (
        select(reason.c.value, func.count().label("times"))
        .select_from(Decision)
        .join(reason, Decision.id == Decision.id)
        .where(
            Decision.site_id.in_(site_ids),
            *_within(period, Decision.created_at),
            Decision.actor_kind.in_(kinds),
            DECIDED_HERE,
            Decision.after == after,
            Decision.undoes == 0,
        )
        .group_by(reason.c.value)
        .order_by(func.count().desc(), reason.c.value)
        .limit(MOST_REASONS)
    )
    return session.execute(query).all()
