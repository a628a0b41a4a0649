"""How long comments waited for a person, from being held or unscored to the decision; reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models import ActorKind, Comment, Decision, Status
from models.timing import seconds_since_epoch
from moderation.decisions import PEOPLE, Actor
from moderation.periods import DAY, Period

_WAITING = (Status.HELD, Status.UNSCORED)
_PARTS = ("total", "step", "site", "person")


@dataclass(frozen=True)
class Wait:
    """How many comments waited, and the seconds that half and nine tenths of them waited at most.

    Nearest rank: each is the wait of one of the comments. 0 where none waited.
    """

    count: int = 0
    median: int = 0
    ninth: int = 0


def waits(
    session: Session,
    site_ids: Sequence[int],
    period: Period,
    actor: Actor,
    sees_all_at: Collection[int],
) -> dict[tuple[str, Any], Wait]:
    """The waits that ended in a period: of all, by step, by site, and by whoever ended them.

    Keys are ("total", 0), ("step", number), ("site", number) and ("person", (kind, number)); of
    people only those that the actor may know of. One query: the database sorts and ranks, and what
    comes back are the rows at the ranks.
    """
    settled = _settled(site_ids, period, actor, sees_all_at)
    columns: list[Any] = [settled.c.seconds]
    wanted = []
    for part in _PARTS:
        key = settled.c[part]
        rank = func.row_number().over(partition_by=key, order_by=settled.c.seconds)
        count = func.count().over(partition_by=key)
        columns += [key.label(part), rank.label(f"{part}_rank"), count.label(f"{part}_count")]
    ranked = select(*columns).cte("ranked")
    for part in _PARTS:
        place, of = ranked.c[f"{part}_rank"], ranked.c[f"{part}_count"]
        wanted.append(or_(place == (of + 1) // 2, place == (9 * of + 9) // 10))
    found: dict[tuple[str, Any], Wait] = {}
    for row in session.execute(select(ranked).where(or_(*wanted))).mappings():
        for part in _PARTS:
            _take(found, part, row)
    return found


def _take(found: dict[tuple[str, Any], Wait], part: str, row: Any) -> None:
    key, rank, count = row[part], row[f"{part}_rank"], row[f"{part}_count"]
    if part == "person":
        if not key:
            return
        kind, _, number = key.partition(" ")
        key = (ActorKind(kind), int(number))
    before = found.get((part, key), Wait(count))
    median = row["seconds"] if rank == (count + 1) // 2 else before.median
    ninth = row["seconds"] if rank == (9 * count + 9) // 10 else before.ninth
    found[part, key] = Wait(count, median, ninth)


def _settled(
    site_ids: Sequence[int], period: Period, actor: Actor, sees_all_at: Collection[int]
) -> CTE:
    """Each decision of a person that took a comment out of waiting and was not taken back."""
    earlier, later = aliased(Decision), aliased(Decision)
    since = (
        select(earlier.created_at)
        .where(earlier.comment_id == Decision.comment_id, earlier.id < Decision.id)
        .order_by(earlier.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    # A comment that nothing was decided of yet waits since it was written.
    begun = func.coalesce(seconds_since_epoch(since), seconds_since_epoch(Comment.created_at))
    taken_back = (
        select(later.id)
        .where(later.comment_id == Decision.comment_id, later.undoes == Decision.id)
        .exists()
    )
    ended = seconds_since_epoch(Decision.created_at)
    waited = ended - begun
    day = ended // DAY
    may_know = or_(
        Decision.site_id.in_(sees_all_at),
        and_(Decision.actor_kind == actor.kind, Decision.actor_id == actor.id),
    )
    name = cast(Decision.actor_kind, String) + literal(" ") + cast(Decision.actor_id, String)
    return (
        select(
            # A clock that was set back makes no comment wait for less than nothing.
            case((waited < 0, 0), else_=waited).label("seconds"),
            literal(0).label("total"),
            ((day + 3) // 7 if period.is_weekly else day).label("step"),
            Decision.site_id.label("site"),
            case((may_know, name), else_=literal("")).label("person"),
        )
        .join(Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.site_id.in_(site_ids),
            Decision.created_at >= period.begins,
            Decision.created_at < period.ends,
            Decision.actor_kind.in_(PEOPLE),
            Decision.undoes == 0,
            Decision.before.in_(_WAITING),
            Decision.after.in_((Status.PUBLISHED, Status.REJECTED)),
            ~taken_back,
        )
        .cte("settled")
    )
