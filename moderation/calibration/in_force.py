"""Which hold threshold of a label was in force when a comment was judged; one query."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models import Policy
from models.policy import WHOLE_SITE
from moderation.signals.facts import UNLISTED


@dataclass(frozen=True)
class InForce:
    """The thresholds of one label by version, of a site and of its threads that decide otherwise.

    Each place has its versions in ascending order and what each of them said; None where a
    version of a thread leaves the label to its site.
    """

    places: dict[int, tuple[list[int], list[float | None]]]

    def at(self, thread_id: int, version: int) -> float:
        """Where a comment of a thread was held when a version of the policy was in force."""
        for place in (thread_id, WHOLE_SITE):
            versions, holds = self.places.get(place, ([], []))
            index = bisect_right(versions, version) - 1
            hold = holds[index] if index >= 0 else None
            if hold is not None:
                return hold
        return UNLISTED.hold


def in_force(session: Session, site_id: int, label: str, versions: Collection[int]) -> InForce:
    """The thresholds for comments that were judged by some versions of a site's policy."""
    if not versions:
        return InForce({})
    oldest = (
        select(func.max(Policy.version))
        .where(
            Policy.site_id == site_id,
            Policy.thread_id == WHOLE_SITE,
            Policy.version <= min(versions),
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(Policy.thread_id, Policy.version, Policy.values["thresholds", label])
        .where(
            Policy.site_id == site_id,
            Policy.version <= max(versions),
            # Of threads there is no telling when each decided last, and they are few.
            or_(Policy.thread_id != WHOLE_SITE, Policy.version >= oldest),
        )
        .order_by(Policy.version)
    )
    places: dict[int, tuple[list[int], list[float | None]]] = {}
    for thread_id, version, limits in rows:
        known, holds = places.setdefault(thread_id, ([], []))
        known.append(version)
        holds.append(float(limits[0]) if limits else None)
    return InForce(places)
