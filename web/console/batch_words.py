"""What a batch does, in words: before it is begun, while it is worked off, and in the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models import Account, ActorKind, Batch, BatchState, Comment, Site, Status, Thread
from moderation import purges
from moderation.filters import Filter, filter_of
from web.console import words
from web.console.asked import SIGNALS
from web.console.batch_asked import written

_DO = {Status.PUBLISHED: "Approve", Status.REJECTED: "Reject", Status.HELD: "Hold"}
_DONE = {Status.PUBLISHED: "approved", Status.REJECTED: "rejected", Status.HELD: "held"}
# A batch that says "until" this shortly before it began only means what was there by then.
_JUST_THEN = timedelta(hours=12)


@dataclass(frozen=True)
class Named:
    """The names of the authors and threads that filters give by number."""

    authors: Mapping[int, str]
    threads: Mapping[int, str]


NOBODY = Named({}, {})


def named(session: Session, site_id: int, filters: Iterable[Filter]) -> Named:
    """Those names, as far as they belong to a site; two queries at most."""
    some = list(filters)
    people = {one.author_id for one in some if one.author_id}
    pages = {one.thread_id for one in some if one.thread_id}
    authors, threads = {}, {}
    if people:
        # Nobody learns the name of somebody who only wrote elsewhere.
        here = exists().where(Comment.author_id == Account.id, Comment.site_id == site_id)
        found = session.execute(
            select(Account.id, Account.name).where(Account.id.in_(people), here)
        )
        authors = {number: name for number, name in found if name}
    if pages:
        rows = session.scalars(
            select(Thread).where(Thread.id.in_(pages), Thread.site_id == site_id)
        )
        threads = {one.id: one.title or one.url for one in rows}
    return Named(authors, threads)


def counted(number: int, before: str = "") -> str:
    """How many comments: "1 held comment", "134 comments"."""
    kind = f"{before} comment" if before else "comment"
    return f"{number:,} {kind}{'' if number == 1 else 's'}"


def range_of(wanted: Filter) -> str:
    """The scores in words, empty where every score will do."""
    if wanted.least <= 0 and wanted.most >= 1:
        return ""
    label = words.label(wanted.label).lower() if wanted.label else "a highest score"
    return f"with {label} from {written(wanted.least)} to {written(wanted.most)}"


def like(wanted: Filter, names: Named = NOBODY, *, until: bool = True) -> str:
    """All that comments must be like, as the end of a sentence; begins with a blank."""
    parts = [range_of(wanted)]
    if wanted.author_id:
        parts.append(f"by {names.authors.get(wanted.author_id) or f'author {wanted.author_id}'}")
    if wanted.words:
        parts.append(f"with the words “{wanted.words}”")
    if wanted.signal:
        parts.append(f"with the signal “{SIGNALS.get(wanted.signal, wanted.signal)}”")
    if wanted.language:
        parts.append(f"in {words.language(wanted.language) or wanted.language}")
    if wanted.section:
        parts.append(f"in the section {wanted.section}")
    if wanted.thread_id:
        title = names.threads.get(wanted.thread_id) or f"thread {wanted.thread_id}"
        parts.append(f"under “{title}”")
    if wanted.since:
        parts.append(f"since {words.moment(wanted.since)}")
    if wanted.until and until:
        parts.append(f"until {words.moment(wanted.until)}")
    return "".join(f" {part}" for part in parts if part)


def to_do(after: Status, count: int, before: Status, wanted: Filter, names: Named) -> str:
    """What will happen: "Reject 134 held comments with insult from 0.80 to 1.00"."""
    return f"{_DO[after]} {counted(count, words.status(before))}{like(wanted, names, until=False)}"


@dataclass(frozen=True)
class Told:
    """A batch as the list and its page show it.

    `share` is how far it is in percent; `left` how many stay, decided again
    since.
    """

    batch: Batch
    who: str
    what: str
    outcome: str
    share: int
    left: int

    @property
    def is_busy(self) -> bool:
        """Whether there is something to go on with."""
        return self.batch.state in (BatchState.RUNNING, BatchState.UNDOING)

    @property
    def can_be_undone(self) -> bool:
        """Whether there is something to take back; while it is under way that stops it."""
        return self.batch.decided > 0 and self.batch.state in (BatchState.RUNNING, BatchState.DONE)


def told(batch: Batch, names: Named, account_id: int) -> Told:
    """A batch in words."""
    left = batch.decided - batch.taken_back if batch.state is BatchState.UNDONE else 0
    return Told(
        batch, _who(batch, account_id), _what(batch, names), outcome(batch), _share(batch), left
    )


def _who(batch: Batch, account_id: int) -> str:
    if batch.actor_kind is ActorKind.API_KEY:
        return f"The program {batch.actor_name}"
    return "You" if batch.actor_id == account_id else batch.actor_name


def _what(batch: Batch, names: Named) -> str:
    wanted = filter_of(batch.criteria["filter"])
    if purges.is_purge(batch):
        author = names.authors.get(wanted.author_id) or f"author {wanted.author_id}"
        return f"{_DO[batch.after]} everything that {author} wrote{_since(wanted)}"
    before = " and ".join(words.status(Status(one)) for one in batch.criteria["before"])
    is_past = wanted.until is not None and batch.created_at - wanted.until > _JUST_THEN
    return f"{_DO[batch.after]} {before} comments{like(wanted, names, until=is_past)}"


def _since(wanted: Filter) -> str:
    return f" since {words.moment(wanted.since)}" if wanted.since else ""


def outcome(batch: Batch) -> str:
    """How far a batch, or its taking back, is."""
    done, decided = _DONE[batch.after], counted(batch.decided)
    expected = int(batch.criteria.get("expected", 0))
    if batch.state is BatchState.RUNNING:
        of = f" of {expected:,}" if expected > batch.decided else ""
        return f"{batch.decided:,}{of} {done} so far"
    if batch.state is BatchState.UNDOING:
        return f"{batch.taken_back:,} of {batch.decided:,} taken back so far"
    if batch.state is BatchState.UNDONE:
        left = batch.decided - batch.taken_back
        if not left:
            return f"{decided} {done}, all taken back"
        stay = "1 stays" if left == 1 else f"{left:,} stay"
        again = "it was" if left == 1 else "they were"
        return (
            f"{batch.taken_back:,} of {decided} taken back; {stay}, as {again} decided again since"
        )
    fewer = expected - batch.decided
    if fewer > 0:
        return f"{decided} {done}; {fewer:,} had been decided otherwise meanwhile"
    return f"{decided} {done}"


def _share(batch: Batch) -> int:
    if batch.state in (BatchState.DONE, BatchState.UNDONE):
        return 100
    if batch.state is BatchState.UNDOING:
        return min(100 * batch.taken_back // max(batch.decided, 1), 99)
    if expected := int(batch.criteria.get("expected", 0)):
        return min(100 * batch.decided // expected, 99)
    return min(100 * batch.reached // max(batch.newest, 1), 99)


def page_of(session: Session, site: Site, found: Sequence[Batch], account_id: int) -> list[Told]:
    """Some batches of a site in words."""
    names = named(session, site.id, [filter_of(one.criteria["filter"]) for one in found])
    return [told(one, names, account_id) for one in found]


def as_answer(one: Told) -> dict[str, Any]:
    """What the script shows of it."""
    return {
        "outcome": one.outcome,
        "share": one.share,
        "is_busy": one.is_busy,
        "state": one.batch.state.value,
    }
