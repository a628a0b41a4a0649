"""What the address of the page Batches asks for: queue, label, range and the rest of the filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from models import Status
from moderation.errors import Invalid
from moderation.filters import Filter
from moderation.queue import Queue, QueueOrder
from web.console import asked as asking
from web.console.asked import Asked

QUEUES = {Status.HELD: "Held", Status.PUBLISHED: "Published", Status.REJECTED: "Rejected"}
# What can become of all the comments of a queue, by the word of the form.
AFTER = {"approve": Status.PUBLISHED, "reject": Status.REJECTED}
OPEN = {
    Status.HELD: ("reject", "approve"),
    Status.PUBLISHED: ("reject",),
    Status.REJECTED: ("approve",),
}
_MOST_TEXT = 40


@dataclass(frozen=True)
class BatchAsked:
    """What is asked for. `wanted` always has the label, the range may be all of it."""

    site: str
    state: Status
    wanted: Filter
    age: str = ""

    @property
    def filters(self) -> dict[str, Any]:
        """What is filtered by besides the score, as parameters of an address."""
        return self.plain.filters

    def query(self, **changed: Any) -> dict[str, Any]:
        """The whole as parameters of an address, with some of them changed; "" drops one."""
        wanted = self.wanted
        kept = {
            "site": self.site,
            "state": self.state.value,
            "label": wanted.label,
            "least": written(wanted.least) if wanted.least > 0 else "",
            "most": written(wanted.most) if wanted.most < 1 else "",
        }
        return {name: value for name, value in {**kept, **self.filters, **changed}.items() if value}

    def fixed(self) -> dict[str, Any]:
        """The whole for a form that decides: times instead of an age, which would move on."""
        wanted = self.wanted
        times = {
            name: moment.isoformat()
            for name, moment in (("since", wanted.since), ("until", wanted.until))
            if moment is not None
        }
        return self.query(age="") | times

    @property
    def plain(self) -> Asked:
        """As the page of the queue asks, without the range."""
        bare = replace(self.wanted, least=0.0, most=1.0, label="")
        return Asked(Queue(self.state.value), QueueOrder.NEWEST, self.site, bare, self.age)


def read(given: Mapping[str, str]) -> BatchAsked:
    """What cannot be read is as if it was not asked; of two ends the lower one is the least."""
    state = given.get("state", "")
    wanted = asking.filter_from(given)
    # As many digits as an address carries on.
    wanted = replace(wanted, least=round(wanted.least, 4), most=round(wanted.most, 4))
    if wanted.least > wanted.most:
        wanted = replace(wanted, least=wanted.most, most=wanted.least)
    return BatchAsked(
        site=given.get("site", ""),
        state=Status(state) if state in set(QUEUES) else Status.HELD,
        wanted=wanted,
        age=given.get("age", "") if given.get("age") in asking.AGES else "",
    )


def read_fixed(given: Mapping[str, str]) -> BatchAsked:
    """What a form asks that decides. Raises Invalid where it leaves open what it is about: what
    cannot be read would widen it."""
    for name in ("least", "most"):
        _required_share(given.get(name, ""))
    if given.get("state") not in set(QUEUES):
        raise Invalid("Choose held, published or rejected.")
    found = read(given)
    since, until = _moment(given.get("since", "")), _moment(given.get("until", ""))
    if until is None:
        raise Invalid("This page is too old. Go back, then choose again.")
    dropped = [name for name, value in given.items() if value and name in _KEPT]
    if any(name not in found.query() for name in dropped):
        raise Invalid("One of the filters cannot be read. Go back, then choose again.")
    return replace(found, wanted=replace(found.wanted, since=since, until=until))


_KEPT = ("words", "section", "thread", "author", "label", "signal", "language")


def _required_share(text: str) -> None:
    try:
        is_share = not text or 0 <= float(text) <= 1
    except ValueError:
        is_share = False
    if not is_share:
        raise Invalid("Give a range of scores from 0 to 1.")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text[:_MOST_TEXT])
    except ValueError:
        raise Invalid("A time cannot be read. Go back, then choose again.") from None
    if moment.tzinfo is None:
        raise Invalid("A time has no zone. Go back, then choose again.")
    return moment.astimezone(UTC)


def written(score: float) -> str:
    """A score as it stands in a field: two digits, more only where it has them."""
    return f"{score:.2f}" if round(score, 2) == score else f"{score:g}"
