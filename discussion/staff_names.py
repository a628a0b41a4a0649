"""Whose names readers cannot take on a site: those of its staff, and what looks like them."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from models import Account, SiteRole
from moderation.classifier.readings.lookalikes import strict_look
from moderation.errors import Invalid


def refuse(session: Session, site_id: int, name: str) -> None:
    """Raise Invalid for a reader's name that looks like one of the site's staff; one query."""
    if not name:
        return
    taken = session.scalars(_names(), {"site": site_id})
    if looks(name) in {looks(one) for one in taken}:
        raise Invalid(
            "Somebody of the staff here has this name, or one that looks the same. Choose "
            "another, so that nobody is mistaken for them.",
            field="author_name",
        )


# Made once: every comment asks it.
@cache
def _names() -> Select[str]:
    return (
        select(Account.name)
        .join(SiteRole, SiteRole.account_id == Account.id)
        .where(SiteRole.site_id == bindparam("site"), Account.active, Account.name != "")
    )


@lru_cache(maxsize=1024)
def looks(name: str) -> str:
    """What a name looks like: NFKC and case folded, marks left out, each letter as the ASCII one
    that UTS 39 says it is confused with; spaces and signs do not count."""
    plain = unicodedata.normalize("NFKC", name)
    marked = unicodedata.normalize("NFD", "".join(_look(char) for char in plain).casefold())
    return "".join(_SAME.get(char, char) for char in marked if char.isalnum())


# Letters of one look in ASCII itself: capital I, small l and the digits beside them.
_SAME = {"1": "i", "l": "i", "0": "o"}


def _look(char: str) -> str:
    return char if char.isascii() else strict_look(char) or char
