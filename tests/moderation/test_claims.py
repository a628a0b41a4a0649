"""Whose hands a case is in: who gets it, for how long, and who may decide it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Role, utcnow
from moderation import claims
from moderation.claims import LASTS, Hands
from moderation.errors import Claimed

MakeComment = Callable[..., int]


@pytest.fixture
def cases(make_comment: MakeComment) -> list[int]:
    """Four cases."""
    return [make_comment(f"You idiot {number}.") for number in range(4)]


@pytest.fixture
def anna(site: int, make_staff: Callable[..., int]) -> int:
    """One moderator."""
    return make_staff("anna@example.org", Role.MODERATOR, site)


@pytest.fixture
def ben(site: int, make_staff: Callable[..., int]) -> int:
    """Another one."""
    return make_staff("ben@example.org", Role.MODERATOR, site)


def test_two_people_are_given_different_cases(
    session: Session, cases: list[int], anna: int, ben: int
):
    first, second, third, fourth = cases
    with writing() as writer:
        assert claims.take(writer, cases, anna) == Hands([first, second], {})
        held = {first: "anna", second: "anna"}
        assert claims.take(writer, cases, ben) == Hands([third, fourth], held)
        assert set(claims.held_by_others(writer, ben)) == {first, second}
        # Who goes on lets go of what is behind.
        assert claims.take(writer, [second], anna).mine == [second]
        assert claims.take(writer, cases, ben).mine == [first, third]


def test_a_claim_lapses_and_is_renewed_while_the_case_is_looked_at(
    session: Session, cases: list[int], anna: int, ben: int
):
    case, began = cases[0], utcnow()
    late = began + LASTS + timedelta(seconds=1)
    with writing() as writer:
        claims.take(writer, [case], anna, now=began)
        assert claims.take(writer, [case], ben, now=began + LASTS / 2).mine == []
        claims.take(writer, [case], anna, now=began + LASTS / 2)
        assert claims.take(writer, [case], ben, now=late).others == {case: "anna"}
        with pytest.raises(Claimed, match="anna has this case"):
            claims.check(writer, case, ben, now=late)
        claims.check(writer, case, anna, now=late)
        later = late + LASTS
        claims.check(writer, case, ben, now=later)
        assert claims.held_by_others(writer, ben, now=later) == []
        assert claims.take(writer, [case], ben, now=later).mine == [case]
        claims.release(writer, case)
        assert claims.take(writer, [case], anna, now=later).mine == [case]
