"""What comments and people are called outside their database, and who is called so in it.

A number means nothing elsewhere, so a name is the number with the mark of this database before it.
What came from elsewhere keeps the name that it came with, through any number of databases.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.transfer.pieces import pieces
from models import AccountName, Comment, CommentSource, DatabaseMark

PARLEY = "parley"
LONGEST = 200
# Of 64 bits, which no database goes beyond.
_LONGEST_NUMBER = 18


class Names:
    """The names of what one database holds."""

    def __init__(self, session: Session) -> None:
        self._mark = session.scalars(select(DatabaseMark.mark)).one()

    def comments(self, session: Session, numbers: Collection[int]) -> dict[int, str]:
        """What comments are called, by their numbers."""
        found = {number: f"{self._mark}-{number}" for number in numbers}
        columns = (CommentSource.comment_id, CommentSource.system, CommentSource.source_id)
        for some in pieces(sorted(numbers)):
            query = select(*columns).where(CommentSource.comment_id.in_(some))
            for number, system, name in session.execute(query):
                found[number] = name if system == PARLEY else f"{system}:{name}"
        return found

    def accounts(self, session: Session, numbers: Collection[int]) -> dict[int, str]:
        """What people are called, by their numbers."""
        found = {number: f"{self._mark}-a{number}" for number in numbers}
        columns = (AccountName.account_id, AccountName.name)
        for some in pieces(sorted(numbers)):
            query = select(*columns).where(AccountName.account_id.in_(some))
            # Of several names the first in the alphabet: which one does not matter, only that it
            # is the same each time.
            found |= dict(session.execute(query.order_by(AccountName.name.desc())).all())
        return found

    def own_account(self, name: str) -> int:
        """The number of somebody who began in this very database; 0 for others."""
        return self._own(name, "-a")

    def own_comment(self, name: str) -> int:
        """The number of a comment that was written in this very database; 0 for others."""
        return self._own(name, "-")

    def _own(self, name: str, before: str) -> int:
        mark, _, number = name.partition(before)
        is_own = mark == self._mark and number.isdecimal() and len(number) <= _LONGEST_NUMBER
        return int(number) if is_own else 0


def source_of(name: str) -> tuple[str, str]:
    """The system that a comment's name is of, and what it is called there."""
    system, colon, number = name.partition(":")
    return (system, number) if colon else (PARLEY, name)


def named_comments(
    session: Session, names: Names, site_id: int, called: Collection[str]
) -> dict[str, int]:
    """The numbers of comments of a site by their names, of those that are there."""
    found: dict[str, int] = {}
    own = {number: name for name in called if (number := names.own_comment(name))}
    for numbers in pieces(sorted(own)):
        mine = select(Comment.id).where(Comment.site_id == site_id, Comment.id.in_(numbers))
        found |= {own[number]: number for number in session.scalars(mine)}
    by_system: dict[str, dict[str, str]] = {}
    for name in called:
        if name not in found:
            system, there = source_of(name)
            by_system.setdefault(system, {})[there] = name
    for system, wanted in by_system.items():
        for some in pieces(sorted(wanted)):
            query = select(CommentSource.source_id, CommentSource.comment_id).where(
                CommentSource.site_id == site_id,
                CommentSource.system == system,
                CommentSource.source_id.in_(some),
            )
            found |= {wanted[source]: number for source, number in session.execute(query)}
    return found
