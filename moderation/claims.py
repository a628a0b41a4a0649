"""Who has which case before them: no two moderators are given the same one at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models import Account, Claim, utcnow
from moderation.errors import Claimed

# A moderator who went away keeps a case from the others for so long at most.
LASTS = timedelta(minutes=5)
# The case that is read and the one that is read next.
AT_ONCE = 2


@dataclass(frozen=True)
class Hands:
    """Of the cases that somebody wants: which are theirs now, and who has which others."""

    mine: list[int]
    others: dict[int, str]


def take(
    session: Session, wanted: Sequence[int], account_id: int, *, now: datetime | None = None
) -> Hands:
    """Put the first free cases of `wanted`, in its order, into one person's hands; the caller
    commits, and repeats the work if another one was faster (IntegrityError).

    What the person held before and is not among these is free at once.
    """
    now = now or utcnow()
    rows = session.execute(
        select(Claim, Account.name, Account.email)
        .join(Account, Account.id == Claim.account_id)
        .where(Claim.comment_id.in_(wanted))
        .order_by(Claim.comment_id)
        .with_for_update(of=Claim)
    ).all()
    claims = {claim.comment_id: claim for claim, _, _ in rows}
    others = {
        claim.comment_id: name or str(email)
        for claim, name, email in rows
        if claim.account_id != account_id and claim.expires_at > now
    }
    mine = [number for number in wanted if number not in others][:AT_ONCE]
    session.execute(
        delete(Claim).where(Claim.account_id == account_id, Claim.comment_id.not_in(mine))
    )
    for number in mine:
        claim = claims.get(number) or Claim(comment_id=number)
        claim.account_id, claim.expires_at = account_id, now + LASTS
        session.add(claim)
    session.flush()
    return Hands(mine, others)


def held_by_others(session: Session, account_id: int, *, now: datetime | None = None) -> list[int]:
    """The cases that are not to be given to this person just now: two for each colleague."""
    return list(
        session.scalars(
            select(Claim.comment_id).where(
                Claim.account_id != account_id, Claim.expires_at > (now or utcnow())
            )
        )
    )


def check(
    session: Session, comment_id: int, account_id: int, *, now: datetime | None = None
) -> None:
    """Raise Claimed if somebody else has the case before them; to be called with it locked."""
    found = session.execute(
        select(Account.name, Account.email)
        .join(Claim, Claim.account_id == Account.id)
        .where(
            Claim.comment_id == comment_id,
            Claim.account_id != account_id,
            Claim.expires_at > (now or utcnow()),
        )
    ).first()
    if found is not None:
        holder = found.name or str(found.email)
        raise Claimed(f"{holder} has this case open just now.", holder=holder)


def release(session: Session, comment_id: int) -> None:
    """Let go of a case that is settled."""
    session.execute(delete(Claim).where(Claim.comment_id == comment_id))
