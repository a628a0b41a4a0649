"""What moderators impose on authors, per site: what stands, what it closes, and its record."""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from models import (
    FOREVER,
    Account,
    AccountKind,
    Comment,
    Sanction,
    SanctionKind,
    SanctionState,
    Standing,
    Status,
    utcnow,
)
from moderation import audit
from moderation.decisions import Actor
from moderation.errors import Banned, Invalid, Muted, NotFound, Refused, Sanctioned, Warned
from moderation.statements import statement, until_in_words

LONGEST_TOLD = 1_000
# What the audit log calls it.
IMPOSED, REPLACED, LIFTED = "sanction imposed", "sanction replaced", "sanction lifted"
ACKNOWLEDGED = "warning acknowledged"
# An author on one site: (account, site).
Place = tuple[int, int]


class Door(enum.StrEnum):
    """What a reader may want to do; taking one's own things back is open to everybody."""

    POST = "post"
    EDIT = "edit"
    PREVIEW = "preview"
    VOTE = "vote"
    REPORT = "report"


# Which doors a sanction closes. HOLD closes none: what comes in by them waits for a person.
CLOSES: Mapping[SanctionKind, frozenset[Door]] = {
    SanctionKind.WARNING: frozenset({Door.POST, Door.EDIT}),
    SanctionKind.MUTE: frozenset({Door.POST, Door.EDIT, Door.PREVIEW}),
    SanctionKind.HOLD: frozenset(),
    SanctionKind.BAN: frozenset(Door),
}
# Whose author's comments wait for a person; of a banned one those that were on their way.
HOLDING = (SanctionKind.HOLD, SanctionKind.BAN)
HARDEST_FIRST = (SanctionKind.BAN, SanctionKind.HOLD, SanctionKind.MUTE, SanctionKind.WARNING)
# What an author is told first: there is no use in reading a warning that opens nothing.
_TOLD_FIRST = (SanctionKind.BAN, SanctionKind.MUTE, SanctionKind.WARNING)


def binds(sanction: Sanction, now: datetime) -> bool:
    """Whether it stands: not lifted, not read (a warning), not over (a mute)."""
    return sanction.state is SanctionState.STANDING and sanction.ends_at > now


def closing(standing: Iterable[Sanction], door: Door, now: datetime) -> Sanction | None:
    """The sanction that keeps a door shut; of several the hardest, None if it is open."""
    shut = [one for one in standing if door in CLOSES[one.kind] and binds(one, now)]
    return min(shut, key=lambda one: _TOLD_FIRST.index(one.kind), default=None)


def of_authors(session: Session, places: Collection[Place]) -> dict[Place, list[Sanction]]:
    """Every sanction of some authors, each on one site, newest first; one query."""
    found: dict[Place, list[Sanction]] = {place: [] for place in places}
    # Some pairs too many: asked for as pairs, SQLite goes through the whole table.
    rows = session.scalars(
        select(Sanction)
        .where(
            Sanction.account_id.in_({account_id for account_id, _ in places}),
            Sanction.site_id.in_({site_id for _, site_id in places}),
        )
        .order_by(Sanction.id.desc())
    )
    for one in rows:
        if (one.account_id, one.site_id) in found:
            found[one.account_id, one.site_id].append(one)
    return found


def of_author(session: Session, site_id: int, account_id: int) -> list[Sanction]:
    """Every sanction of one author on a site, newest first."""
    return of_authors(session, [(account_id, site_id)])[account_id, site_id]


def standing(session: Session, site_id: int, account_id: int) -> list[Sanction]:
    """What binds an author on a site now, the hardest first; one query along an index."""
    rows = session.scalars(_standing(), {"account": account_id, "site": site_id})
    return in_force(rows.all())


# Made once: every comment asks it twice.
@cache
def _standing() -> Select[Sanction]:
    return (
        select(Sanction)
        .where(
            Sanction.account_id == bindparam("account"),
            Sanction.site_id == bindparam("site"),
            Sanction.state == SanctionState.STANDING,
        )
        .order_by(Sanction.id.desc())
    )


def in_force(found: Sequence[Sanction]) -> list[Sanction]:
    """Those that bind now, the hardest first: a harder one does not hide a milder one."""
    now = utcnow()
    return sorted(
        (one for one in found if binds(one, now)), key=lambda one: HARDEST_FIRST.index(one.kind)
    )


def permit(session: Session, site_id: int, account_id: int, door: Door) -> None:
    """Let an author through a door of a site. Raises Warned, Muted or Banned."""
    shut = closing(standing(session, site_id, account_id), door, utcnow())
    if shut is not None:
        raise _refusal(shut)


def holding(session: Session, comment: Comment) -> int:
    """The number of the sanction for which a comment waits for a person; 0 for none.

    What was judged before the sanction came is not judged by it when it is scored again.
    """
    is_new = comment.status is Status.UNSCORED
    written = comment.edited_at or comment.created_at
    for one in standing(session, comment.site_id, comment.author_id):
        if one.kind in HOLDING and (is_new or written >= one.created_at):
            return one.id
    return 0


def _refusal(shut: Sanction) -> Sanctioned:
    said = statement(shut)
    about = {**said.as_record(), "id": shut.id}
    if shut.kind is SanctionKind.WARNING:
        return Warned(
            f"Before you go on, read this word from the moderators: {shut.told}", about=about
        )
    if shut.kind is SanctionKind.MUTE:
        return Muted(
            f"You can write here again after {until_in_words(shut.ends_at)}. {shut.told}",
            about=about,
        )
    return Banned(f"You can no longer take part on this site. {shut.told}", about=about)


def impose(
    session: Session,
    site_id: int,
    account: Account,
    kind: SanctionKind,
    told: str,
    actor: Actor,
    *,
    until: datetime = FOREVER,
    comment_id: int = 0,
) -> tuple[Sanction, Sanction | None]:
    """Impose a sanction; answers it and the one of the same kind whose place it takes, if any.

    Raises NotFound for an account that never wrote on the site or a comment of somebody else,
    Refused for a member of staff, Invalid without a word to the author and for a mute without an
    end to come.
    """
    told = _checked(told)
    _require_author(session, site_id, account, comment_id)
    if kind is SanctionKind.MUTE and not utcnow() < until < FOREVER:
        raise Invalid("Say until when the author is muted: a time to come.", field="until")
    if kind is not SanctionKind.MUTE and until != FOREVER:
        raise Invalid("Only a mute has an end.", field="until")
    # Two who impose the same at once come one after the other.
    session.refresh(account, with_for_update=True)
    earlier = next(
        (one for one in standing(session, site_id, account.id) if one.kind is kind), None
    )
    made = Sanction(
        site_id=site_id,
        account_id=account.id,
        kind=kind,
        comment_id=comment_id,
        told=told,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        ends_at=until,
    )
    session.add(made)
    detail = {"kind": kind.value, "author": account.id, "until": until.isoformat()}
    audit.record(session, IMPOSED, made, actor, site_id=site_id, detail=detail)
    if earlier is not None:
        earlier.state = SanctionState.LIFTED
        detail = {"kind": kind.value, "author": account.id, "by": made.id}
        audit.record(session, REPLACED, earlier, actor, site_id=site_id, detail=detail)
    return made, earlier


def _checked(told: str) -> str:
    told = told.replace("\r\n", "\n").strip()
    if any(char != "\n" and unicodedata.category(char) in ("Cc", "Cs") for char in told):
        raise Invalid("It holds a character that cannot be stored. Write it anew.", field="told")
    if not told:
        raise Invalid("Write what the author is told, or choose a reason.", field="told")
    if len(told) > LONGEST_TOLD:
        raise Invalid(
            f"What the author is told has {LONGEST_TOLD:,} characters at most.", field="told"
        )
    return told


def _require_author(session: Session, site_id: int, account: Account, comment_id: int) -> None:
    if not has_written(session, site_id, account.id):
        raise NotFound("There is no such author.")
    # Whoever is on the staff of any site is none of its readers.
    if account.kind is not AccountKind.GUEST or account.site_roles:
        raise Refused("A member of staff is not sanctioned. Ask an admin to change the role.")
    if comment_id:
        led = session.get(Comment, comment_id)
        if led is None or (led.site_id, led.author_id) != (site_id, account.id):
            raise NotFound("There is no such comment.")


def has_written(session: Session, site_id: int, account_id: int) -> bool:
    """Whether somebody has ever written on a site, whatever became of it."""
    query = select(Comment.id).where(Comment.author_id == account_id, Comment.site_id == site_id)
    return session.scalar(query.limit(1)) is not None


def lift(session: Session, sanction: Sanction, actor: Actor) -> None:
    """Take a sanction back before its end. Raises Refused for one that binds nobody any more."""
    session.refresh(sanction, with_for_update=True)
    if sanction.state is SanctionState.ACKNOWLEDGED:
        raise Refused("The author has read this warning; there is nothing left to lift.")
    if sanction.state is SanctionState.LIFTED:
        raise Refused("This was lifted or replaced already.")
    if not binds(sanction, utcnow()):
        raise Refused("This ended by itself.")
    sanction.state = SanctionState.LIFTED
    _record(session, LIFTED, sanction, actor)


def acknowledge(session: Session, sanction_id: int, account: Account) -> Sanction:
    """Note that an author has read a warning; a second time, or once it is lifted, does nothing.

    Raises NotFound for somebody else's, Refused for a sanction that is no warning.
    """
    found = session.get(Sanction, sanction_id, with_for_update=True, populate_existing=True)
    if found is None or found.account_id != account.id:
        raise NotFound("There is no such sanction.")
    if found.kind is not SanctionKind.WARNING:
        raise Refused("Only a warning is acknowledged.")
    if found.state is SanctionState.STANDING:
        found.state = SanctionState.ACKNOWLEDGED
        _record(session, ACKNOWLEDGED, found, Actor.author(account))
    return found


def _record(session: Session, action: str, sanction: Sanction, actor: Actor) -> None:
    detail = {"kind": sanction.kind.value, "author": sanction.account_id}
    audit.record(session, action, sanction, actor, site_id=sanction.site_id, detail=detail)


def ban_everywhere(account: Account) -> None:
    """End a reader's tokens at once and take nothing more by them, on any site."""
    if account.kind is not AccountKind.GUEST:
        raise Refused("Only readers are banned; remove a member of staff instead.")
    account.standing = Standing.BANNED
    account.token_epoch += 1


def lift_everywhere(account: Account) -> None:
    """Take such a ban back; the reader begins with a new token."""
    account.standing = Standing.GOOD
