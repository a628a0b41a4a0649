"""The people who wrote what is imported: found by their keyed hashes, or made as guests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from discussion.transfer.cleaning import clean_name
from discussion.transfer.staging import Staged, moment
from models import Account, AccountKind, AuthorSource
from models.account import insert_accounts
from models.bulk import insert_many
from models.listed import texts_listed
from models.numbering import take_numbers


class Guests:
    """The authors of one site's imported comments."""

    def __init__(self, site_id: int, name_limit: int) -> None:
        self._site_id, self._name_limit = site_id, name_limit

    def find(self, session: Session, staged: Sequence[Staged]) -> dict[str, int]:
        """The accounts that are there, by each of their keys."""
        keys = texts_listed(session, sorted({key for one in staged for key in one.author_keys}))
        query = select(AuthorSource.key, AuthorSource.account_id).where(
            AuthorSource.site_id == self._site_id, AuthorSource.key.in_(keys)
        )
        return {row[0]: row[1] for row in session.execute(query)}

    def give(self, session: Session, staged: Sequence[Staged]) -> tuple[dict[int, int], int]:
        """The account of who wrote each comment, by its `n`, and how many had to be made."""
        accounts = self.find(session, staged)
        new: dict[str, int] = {}
        people: list[dict[str, Any]] = []
        missing = sum(accounts.keys().isdisjoint(one.author_keys) for one in staged)
        free = iter(take_numbers(session, Account, missing))
        found = {}
        for one in staged:
            number = next((accounts[key] for key in one.author_keys if key in accounts), 0)
            if not number:
                number = next(free)
                people.append(
                    {
                        "id": number,
                        "kind": AccountKind.GUEST,
                        "name": clean_name(one.name, self._name_limit)[0],
                        "created_at": moment(one.written),
                    }
                )
            for key in one.author_keys:
                if key not in accounts:
                    accounts[key] = new[key] = number
            found[one.n] = number
        insert_accounts(session, people)
        self._remember(session, new)
        return found, len(people)

    def _remember(self, session: Session, accounts: dict[str, int]) -> None:
        insert_many(
            session,
            insert(AuthorSource.__table__),  # type: ignore[arg-type]
            [
                {"site_id": self._site_id, "key": key, "account_id": number}
                for key, number in accounts.items()
            ],
        )
