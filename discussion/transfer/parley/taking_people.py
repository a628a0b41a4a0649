"""The people of an export become those of this database, or new ones, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from discussion.transfer.parley import shape
from discussion.transfer.parley.names import Names
from discussion.transfer.pieces import pieces
from models import Account, AccountKind, AccountName
from models.account import insert_accounts
from models.bulk import insert_many
from models.numbering import take_numbers

Line = Mapping[str, Any]
# Of so many people it is kept in memory who they are.
_MOST_KEPT = 200_000


class People:
    """Whose numbers stand for which names; those that are there were asked for once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def find(self, session: Session, names: Names, name: Any) -> int:
        """The number of somebody, 0 for who is not there."""
        if not isinstance(name, str):
            return 0
        if name not in self._numbers:
            found = self._look_up(session, names, {name}).get(name, 0)
            if not found:
                return 0
            self._keep({name: found})
        return self._numbers[name]

    def read(self, line: Line) -> tuple[str, dict[str, Any]]:
        """What somebody is called, and the account's columns. Raises Invalid."""
        row = shape.ACCOUNT.row(line)
        if row["kind"] is AccountKind.GUEST:
            # Readers have none; what stands there would be found by it.
            row["email"] = None
        return shape.name_in(line, 60), row

    def take(
        self, session: Session, names: Names, read: Sequence[tuple[str, dict[str, Any]]]
    ) -> int:
        """Find or make some people; answers how many were made.

        A member of staff is found by the e-mail address as well. Whoever stands there twice is one.
        """
        found = self._look_up(session, names, {name for name, _ in read})
        by_email = self._by_email(session, {row["email"] for _, row in read if row["email"]})
        free = iter(take_numbers(session, Account, len(read)))
        made, called = [], []
        for name, row in read:
            if name in found:
                continue
            number = by_email.get(row["email"], 0)
            if not number:
                number = next(free)
                made.append(row | {"id": number})
                by_email |= {row["email"]: number} if row["email"] else {}
            found[name] = number
            called.append({"name": name, "account_id": number})
        insert_accounts(session, made)
        insert_many(session, insert(AccountName.__table__), called)  # type: ignore[arg-type]
        self._keep(found)
        return len(made)

    def _keep(self, numbers: Mapping[str, int]) -> None:
        if len(self._numbers) > _MOST_KEPT:
            self._numbers.clear()
        self._numbers.update(numbers)

    def _look_up(self, session: Session, names: Names, called: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        own = {number: name for name in called if (number := names.own_account(name))}
        for numbers in pieces(sorted(own)):
            mine = select(Account.id).where(Account.id.in_(numbers))
            found |= {own[number]: number for number in session.scalars(mine)}
        for some in pieces(sorted(set(called) - found.keys())):
            query = select(AccountName.name, AccountName.account_id).where(
                AccountName.name.in_(some)
            )
            found |= {row.name: row.account_id for row in session.execute(query)}
        return found

    def _by_email(self, session: Session, emails: Iterable[str]) -> dict[str | None, int]:
        found: dict[str | None, int] = {}
        for some in pieces(sorted(emails)):
            query = select(Account.email, Account.id).where(Account.email.in_(some))
            found |= {row.email: row.id for row in session.execute(query)}
        return found
