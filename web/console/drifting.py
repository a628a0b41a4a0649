"""The quiet line on the queue's page that says which labels moderators agree with less."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jobs.drifting import Place
from web.console.desk import blueprint
from web.runtime import runtime

# Named by name; of further ones only the number.
_SHOWN = 3


@dataclass(frozen=True)
class Drifting:
    """The labels to name, those with the largest drop first, and how many more there are."""

    places: tuple[Place, ...]
    more: int


def drifting(site_ids: Iterable[int]) -> Drifting:
    """The labels that drift on some sites, as this process knows them; asks nothing."""
    wanted = set(site_ids)
    # The largest drop first.
    found = sorted(
        (
            (trend.drop, place)
            for place, trend in runtime().drifts.known.items()
            if place.site_id in wanted and trend.is_lower
        ),
        key=lambda one: -one[0],
    )
    places = tuple(place for _, place in found)
    return Drifting(places[:_SHOWN], len(places[_SHOWN:]))


@blueprint.context_processor
def _for_the_queue() -> dict[str, Any]:
    return {"drifting": drifting}
