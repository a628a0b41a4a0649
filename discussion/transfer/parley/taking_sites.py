"""Sites of an export, their policies, staff and threads, become those of this database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.threads import origin_of
from discussion.transfer.parley import shape
from models import Policy, Role, Site, SiteOrigin, SiteRole, Thread
from models.policy import WHOLE_SITE
from moderation.errors import Invalid
from moderation.values import values_of

Line = Mapping[str, Any]
Person = Callable[[Session, Any], int]


class Sites:
    """Which site here each one of a file is; `into` is the slug that the only one goes by here."""

    def __init__(self, into: str = "") -> None:
        self._into = into
        # By their slugs in the file.
        self._numbers: dict[str, int] = {}
        self._with_policies: set[int] = set()

    def take(self, session: Session, line: Line, person: Person) -> bool:
        """Find or make the site of a line; True if it was made.

        A site that is made gets everything: origins, policies and staff. One that was here stays as
        it is. Raises Invalid.
        """
        row = shape.SITE.row(line)
        slug = self._into or row["slug"]
        site = session.scalar(select(Site).where(Site.slug == slug))
        policies = [shape.POLICY.row(one) for one in shape.objects(line, "policies")]
        is_new = site is None
        if site is None:
            if self._into:
                raise Invalid(f"There is no site {slug}.", field="site")
            if not policies:
                raise Invalid("The site has no policy.", field="policies")
            site = Site(**row, policy_version=policies[-1]["version"])
            session.add(site)
            session.flush()
            self._add_policies(session, site, line, policies, person)
            self._add_origins(session, site, line)
            self._add_staff(session, site, line, person)
        self._numbers[row["slug"]] = site.id
        if is_new or _are_those_of(session, site, policies):
            self._with_policies.add(site.id)
        return is_new

    def _add_policies(
        self,
        session: Session,
        site: Site,
        line: Line,
        policies: list[dict[str, Any]],
        person: Person,
    ) -> None:
        whole = None
        for row, one in zip(policies, line["policies"], strict=True):
            thread_id = WHOLE_SITE
            if "thread" in one:
                thread_id = self.thread(session, site, one["thread"])[0]
            # What the server could not read must not come to stand here.
            values = (
                values_of(row["values"], whole) if thread_id and whole else values_of(row["values"])
            )
            whole = whole if thread_id else values
            session.add(
                Policy(
                    site_id=site.id,
                    thread_id=thread_id,
                    actor_id=person(session, one.get("actor")),
                    **row,
                )
            )
        session.flush()

    def _add_origins(self, session: Session, site: Site, line: Line) -> None:
        for origin in line.get("origins", ()):
            taken = session.scalar(select(SiteOrigin.id).where(SiteOrigin.origin == origin))
            if taken is None:
                session.add(SiteOrigin(site_id=site.id, origin=origin_of(origin)))
        session.flush()

    def _add_staff(self, session: Session, site: Site, line: Line, person: Person) -> None:
        for one in shape.objects(line, "staff"):
            account = person(session, one.get("account"))
            if account:
                role = Role(str(one.get("role")))
                session.add(SiteRole(account_id=account, site_id=site.id, role=role))
        session.flush()

    def of(self, session: Session, line: Line) -> Site:
        """The site that a line is of. Raises Invalid."""
        number = self._numbers.get(str(line.get("site")))
        if number is None:
            raise Invalid("Its site is nowhere in the file before it.", field="site")
        return session.get_one(Site, number)

    def has_policies(self, site: Site) -> bool:
        """Whether the policies of a site are those of the file."""
        return site.id in self._with_policies

    def thread(self, session: Session, site: Site, line: Line) -> tuple[int, bool]:
        """The number of the thread of a line, and whether it was made."""
        row = shape.THREAD.row(line)
        number = self.number(session, site, row["identity"])
        if number:
            return number, False
        thread = Thread(site_id=site.id, **row)
        session.add(thread)
        session.flush()
        return thread.id, True

    def number(self, session: Session, site: Site, identity: Any) -> int:
        """The number of a thread by what it goes by; 0 if there is none."""
        same = select(Thread.id).where(Thread.site_id == site.id, Thread.identity == str(identity))
        return session.scalar(same) or 0


def _are_those_of(session: Session, site: Site, policies: list[dict[str, Any]]) -> bool:
    """Whether a site has exactly these policies: it came with the same file, or is its source."""
    query = select(Policy.version, Policy.created_at).where(Policy.site_id == site.id)
    here = {(row.version, row.created_at) for row in session.execute(query)}
    return {(row["version"], row["created_at"]) for row in policies} <= here
