"""Takes in comments that bring their own decisions along, where these lead to where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models import Decision, Site, Status
from models.bulk import insert_many
from models.numbering import take_numbers
from models.thread import change_many
from models.wording import insert_comments
from moderation import branches
from moderation.verifying import Standing, Step, replay


@dataclass(frozen=True)
class History:
    """A comment's columns, and those of its decisions in their order.

    A decision has no number yet; what it takes back is told by `undoes`, its place from 1 in the
    same list, 0 for nothing.
    """

    site: Site
    comment: dict[str, Any]
    decisions: list[dict[str, Any]]


def fault_of(history: History) -> str:
    """Why the decisions do not lead to where the comment stands; empty if they do."""
    row, site = history.comment, history.site
    standing = Standing(0, site.id, row["revision"], row["status"], site.policy_version)
    steps = [
        Step(
            place, site.id, 0, one["revision"], one["before"], one["after"], one["actor_kind"],
            tuple(one["reasons"]), one["policy_version"], one["undoes"],
        )
        for place, one in enumerate(history.decisions, 1)
    ]  # fmt: skip
    return next(replay(standing, steps), "")


def adopt(session: Session, histories: Sequence[History]) -> list[list[int]]:
    """Store comments, which have their numbers, with their decisions; answers the numbers of these.

    Parents come before their replies, and `fault_of` found nothing. Any number of comments takes
    the same few statements.
    """
    rows = [history.comment for history in histories]
    fresh: Counter[int] = Counter()
    for history in histories:
        history.comment.update(version=1, decision_count=len(history.decisions))
        if history.comment["status"] is Status.PUBLISHED:
            fresh[history.comment["thread_id"]] += 1
    branches.gather(session, rows)
    insert_comments(session, rows)
    free = iter(take_numbers(session, Decision, sum(len(one.decisions) for one in histories)))
    numbers, made = [], []
    for history in histories:
        its = [next(free) for _ in history.decisions]
        numbers.append(its)
        for number, one in zip(its, history.decisions, strict=True):
            place = one["undoes"]
            more = {"id": number, "site_id": history.comment["site_id"]}
            more["comment_id"] = history.comment["id"]
            made.append(one | more | {"undoes": its[place - 1] if place else 0})
    insert_many(session, insert(Decision.__table__), made)  # type: ignore[arg-type]
    change_many(session, fresh)
    return numbers
