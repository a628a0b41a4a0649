"""Which published comments their readers' reports bring to a person: by weight, site and thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from models import Comment, Status
from models.comment import ANY_REPORT
from models.policy import WHOLE_SITE
from moderation import policies

# Weights are sums of decimals: 0.2 ten times over is a little less than 2.
_NEARLY = 1e-6
# Word for word what the index of reported comments is made of: where the number is a parameter, a
# plan that serves for any number cannot use it.
_ANY = text(f"comment.{ANY_REPORT}")


@dataclass(frozen=True)
class Bounds:
    """From which weight of its open reports a comment waits, by site and, for threads that decide
    otherwise than their site, by thread; 0 means any report. `lowest` is the least of a site."""

    sites: Mapping[int, float]
    threads: Mapping[int, float]
    lowest: Mapping[int, float]

    def reached(self) -> ColumnElement[bool]:
        """The exact condition, for comments that are looked at anyway."""
        # A sum, for these are comments that are found by their numbers: SQLite is not to walk along
        # all that are reported anywhere.
        any_report = Comment.open_reports + 0 > 0
        if not any(self.sites.values()) and not self.threads:
            return any_report
        bound: ColumnElement[float] = case(
            *((Comment.site_id == number, weight) for number, weight in self.sites.items()),
            else_=0.0,
        )
        if self.threads:
            ours = ((Comment.thread_id == number, one) for number, one in self.threads.items())
            bound = case(*ours, else_=bound)
        return and_(any_report, Comment.report_weight > bound - _NEARLY)

    def listed(self, most: int) -> Select[int]:
        """The numbers of those that may wait; of more than `most` those that were reported most."""
        parts = []
        for bound, query in self._parts().items():
            # Each the last column that its index is gone along by.
            way = Comment.report_weight.desc() if bound > 0 else Comment.open_reports.desc()
            parts.append(query.order_by(way).limit(most))
        return _together(parts)

    def waiting(self, most: int) -> Select[int]:
        """The numbers of those that wait, in no order, to be counted up to less than `most`."""
        if not self.threads:
            # An index has all it takes, and the caller stops where it counts no further.
            return _together(list(self._parts().values()))
        return select(Comment.id).where(Comment.id.in_(self.listed(most)), self.reached())

    def _parts(self) -> dict[float, Select[int]]:
        """By each lowest bound: its sites' comments from there on, along an index."""
        found = {}
        for bound in sorted(set(self.lowest.values())) or [0.0]:
            site_ids = [number for number, lowest in self.lowest.items() if lowest == bound]
            found[bound] = _from(bound, site_ids)
        return found


# Where nobody asks what is reported.
NOWHERE = Bounds({}, {}, {})


def bounds(session: Session, site_ids: Sequence[int]) -> Bounds:
    """What stands for some sites and their threads; one query."""
    decided = policies.of_reports(session, site_ids) if site_ids else {}
    sites = {number: decided.get((number, WHOLE_SITE), 0.0) for number in site_ids}
    lowest, threads = dict(sites), {}
    for (site_id, thread_id), bound in decided.items():
        if thread_id != WHOLE_SITE and bound != sites[site_id]:
            threads[thread_id] = bound
            lowest[site_id] = min(lowest[site_id], bound)
    return Bounds(sites, threads, lowest)


def _from(bound: float, site_ids: Sequence[int]) -> Select[int]:
    query = select(Comment.id).where(Comment.site_id.in_(site_ids), Comment.escalated.is_(False))
    if bound > 0:
        return query.where(
            Comment.status == Status.PUBLISHED, Comment.report_weight > bound - _NEARLY
        )
    # As a column of its own the status would lead SQLite to all comments that have it.
    is_published = cast(Comment.status, String) == Status.PUBLISHED.value
    return query.where(_ANY, is_published)


def _together(parts: Sequence[Select[int]]) -> Select[int]:
    if len(parts) == 1:
        return parts[0]
    # SQLite takes an order and a limit only of a query of its own.
    each = [select(part.subquery().c.id) for part in parts]
    return select(union_all(*each).subquery().c.id)
