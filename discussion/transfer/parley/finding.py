"""Which rows of this database the names in an entry of the audit log stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from discussion.transfer.parley.names import Names, named_comments
from discussion.transfer.parley.taking_sites import Sites
from models import Site


@dataclass(frozen=True)
class Found:
    """Numbers by names, for one site; 0 for what is not there."""

    session: Session
    site_id: int
    person: Callable[[Any], int]
    names: Names
    sites: Sites
    batches: Mapping[int, int]
    sanctions: Mapping[int, int]

    def comment(self, name: Any) -> int:
        """Of a comment."""
        found = named_comments(self.session, self.names, self.site_id, [str(name)])
        return found.get(str(name), 0)

    def thread(self, identity: Any) -> int:
        """Of a thread."""
        site = self.session.get(Site, self.site_id)
        return self.sites.number(self.session, site, identity) if site else 0

    def batch(self, number: Any) -> int:
        """Of a batch."""
        return self.batches.get(number, 0)

    def sanction(self, number: Any) -> int:
        """Of a sanction."""
        return self.sanctions.get(number, 0)
