"""The one door that changes a comment's status, and writes down that it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from models import (
    Account,
    ActorKind,
    ApiKey,
    Appeal,
    AppealState,
    Comment,
    Decision,
    Report,
    ReportState,
    Site,
    Status,
    utcnow,
)
from models.listed import numbers_listed
from models.thread import change, change_many
from models.wording import insert_comments
from moderation import branches, happened, samples
from moderation.errors import Refused, StaleVersion


@dataclass(frozen=True)
class Actor:
    """Who decides, as the record will name them."""

    kind: ActorKind
    id: int
    name: str

    @classmethod
    def staff(cls, account: Account) -> Actor:
        """A member of staff."""
        return cls(ActorKind.STAFF, account.id, account.name or str(account.email))

    @classmethod
    def author(cls, account: Account) -> Actor:
        """The author of the comment itself."""
        return cls(ActorKind.AUTHOR, account.id, account.name)

    @classmethod
    def key(cls, key: ApiKey) -> Actor:
        """A program with an API key."""
        return cls(ActorKind.API_KEY, key.id, key.name)


UNDO = "undo"
# Who decides as a person, or in the name of one.
PEOPLE = (ActorKind.STAFF, ActorKind.API_KEY)
SYSTEM = Actor(ActorKind.SYSTEM, 0, "Parley")
# The system as well, but it only repeats what was decided elsewhere: that says nothing of how it
# decides itself, and is counted nowhere as if it did.
IMPORT = Actor(ActorKind.SYSTEM, 0, "Import")
IMPORTED = "imported"
# For WHERE: what is no mere repetition of what another system decided.
DECIDED_HERE = Decision.actor_name != IMPORT.name

_BY_PERSON = frozenset(
    (before, after)
    for before in (Status.UNSCORED, Status.HELD, Status.PUBLISHED, Status.REJECTED)
    for after in (Status.HELD, Status.PUBLISHED, Status.REJECTED)
    if (before, after) != (Status.HELD, Status.HELD)
)
# Who may turn what into what. PUBLISHED -> PUBLISHED is a moderator's word that the reports
# are wrong; -> UNSCORED is an edit, which is judged again before anyone else reads it.
TRANSITIONS: dict[ActorKind, frozenset[tuple[Status, Status]]] = {
    ActorKind.SYSTEM: frozenset(
        {
            (Status.UNSCORED, Status.PUBLISHED),
            (Status.UNSCORED, Status.HELD),
            (Status.UNSCORED, Status.REJECTED),
            # Only what was deleted where it was imported from.
            (Status.UNSCORED, Status.WITHDRAWN),
            (Status.PUBLISHED, Status.HELD),
        }
    ),
    ActorKind.STAFF: _BY_PERSON,
    ActorKind.API_KEY: _BY_PERSON,
    ActorKind.AUTHOR: frozenset(
        {
            (Status.UNSCORED, Status.UNSCORED),
            (Status.HELD, Status.UNSCORED),
            (Status.PUBLISHED, Status.UNSCORED),
            (Status.UNSCORED, Status.WITHDRAWN),
            (Status.HELD, Status.WITHDRAWN),
            (Status.PUBLISHED, Status.WITHDRAWN),
        }
    ),
}


def decide(
    session: Session,
    comment: Comment,
    after: Status,
    actor: Actor,
    reasons: Sequence[str] = (),
    *,
    version: int | None = None,
    note: str = "",
    undoes: int = 0,
    batch_id: int = 0,
) -> Decision:
    """Give a comment its new status and record who did it and why; the caller commits.

    `version` is the row version that a person saw. Raises StaleVersion when the comment has
    changed since, Refused when this actor cannot turn the one status into the other.
    """
    if version is not None and version != comment.version:
        raise StaleVersion(
            "Somebody changed this comment after you opened it. Look at it again, then decide."
        )
    before = comment.status
    if (before, after) not in TRANSITIONS[actor.kind]:
        raise Refused(f"A comment that is {before.value} cannot become {after.value} this way.")
    decision = Decision(
        site_id=comment.site_id,
        comment_id=comment.id,
        revision=comment.revision,
        before=before,
        after=after,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        reasons=list(reasons),
        note=note,
        policy_version=session.get_one(Site, comment.site_id).policy_version,
        undoes=undoes,
        batch_id=batch_id,
    )
    session.add(decision)
    comment.status = after
    # Even where the status stays the same the row changes, and its version with it: a second
    # moderator who looked at the same case is told that it has been decided.
    comment.decision_count += 1
    if actor.kind in PEOPLE and not undoes:
        comment.escalated = False
    session.flush()
    _count(session, comment, before, after)
    if actor.kind in PEOPLE and not undoes:
        _settle_reports(session, comment, decision)
        # Software alone answers no objection (Digital Services Act, Article 20).
        if actor.kind is ActorKind.STAFF:
            _settle_appeals(session, comment, decision)
    if actor.kind is ActorKind.AUTHOR:
        _drop_appeals(session, comment)
    samples.draw_decided(session, decision)
    happened.decided(session, decision)
    return decision


def admit(
    session: Session, site: Site, rows: Sequence[dict[str, Any]], afters: Sequence[Status], of: str
) -> None:
    """Store comments that another system had decided, and record that; the caller commits.

    `rows` are columns of new comments, with their numbers, parents before their replies; `afters`
    where each stands; `of` names the system in the reasons. Any number of comments takes the same
    few statements, and counts once in each thread that it changes.
    """
    fresh: Counter[int] = Counter()
    for row, after in zip(rows, afters, strict=True):
        row |= {"status": after, "decision_count": 1}
        if after is Status.PUBLISHED:
            fresh[row["thread_id"]] += 1
    branches.gather(session, rows)
    insert_comments(session, rows)
    _say_admitted(session, site, [row["id"] for row in rows], of)
    change_many(session, fresh)


def _say_admitted(session: Session, site: Site, numbers: Sequence[int], of: str) -> None:
    """Record that comments came as they stand.

    SQLite copies pages for every statement that a trigger may refuse: here once for all of them.
    """
    came = numbers_listed(session, numbers).subquery("came")
    alike = {
        "site_id": site.id,
        "revision": 1,
        "before": Status.UNSCORED,
        "actor_kind": IMPORT.kind,
        "actor_id": IMPORT.id,
        "actor_name": IMPORT.name,
        "reasons": [f"{IMPORTED}:{of}"],
        "note": "",
        "policy_version": site.policy_version,
        "undoes": 0,
        "batch_id": 0,
        "created_at": utcnow(),
    }
    columns = Decision.__table__.c
    values = [literal(value, columns[name].type) for name, value in alike.items()]
    decided = select(Comment.id, Comment.status, *values).join(came, came.c.id == Comment.id)
    session.execute(
        insert(Decision.__table__).from_select(  # type: ignore[arg-type]
            ["comment_id", "after", *alike], decided.order_by(Comment.id)
        )
    )


def undo(session: Session, decision: Decision, actor: Actor, *, batch_id: int = 0) -> Decision:
    """Take back the newest decision on a comment by putting the status before it in place.

    A comment that had no score yet goes to the held ones: its score may have come meanwhile.
    Raises Refused for a decision that is not a person's or is an undo itself (a key pressed twice
    must not do again what was just taken back), StaleVersion for one that is not the newest.
    """
    if decision.actor_kind not in PEOPLE:
        raise Refused("Only what a moderator decided can be undone.")
    if decision.undoes:
        raise Refused("This was taken back already. Decide it anew.")
    newest = session.scalar(
        select(Decision.id)
        .where(Decision.comment_id == decision.comment_id)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    if newest != decision.id:
        raise StaleVersion("The comment was decided again since. Open it to see where it stands.")
    comment = session.get_one(Comment, decision.comment_id)
    after = Status.HELD if decision.before is Status.UNSCORED else decision.before
    taken_back = decide(
        session, comment, after, actor, [UNDO], undoes=decision.id, batch_id=batch_id
    )
    _reopen_reports(session, comment, decision)
    _reopen_appeals(session, decision)
    samples.take_back_opinion(session, decision)
    if after is Status.PUBLISHED:
        # Whoever takes a rejection back has done what its author asked for.
        _settle_appeals(session, comment, taken_back)
    return taken_back


def _count(session: Session, comment: Comment, before: Status, after: Status) -> None:
    """Carry a change of visibility into the counts of the ancestors and of the thread."""
    step = int(after is Status.PUBLISHED) - int(before is Status.PUBLISHED)
    if step == 0:
        # A place that only holds replies says whether its author or a moderator emptied it.
        if after is Status.WITHDRAWN and comment.descendant_count:
            change(session, comment.thread_id)
        return
    change(session, comment.thread_id, comments=step)
    branches.carry(session, comment, step)


def _settle_reports(session: Session, comment: Comment, decision: Decision) -> None:
    """A person's decision answers the open reports: removed means that they were right."""
    if decision.after is Status.HELD:
        return
    upheld = decision.after is Status.REJECTED
    session.execute(
        update(Report)
        .where(Report.comment_id == comment.id, Report.state == ReportState.OPEN)
        .values(
            state=ReportState.UPHELD if upheld else ReportState.DISMISSED,
            decision_id=decision.id,
        )
    )
    count_open_reports(session, comment)


def _settle_appeals(session: Session, comment: Comment, decision: Decision) -> None:
    """A person's decision answers the open appeal: published again means that it is granted."""
    if decision.after is Status.HELD:
        return
    granted = decision.after is Status.PUBLISHED
    session.execute(
        update(Appeal)
        .where(Appeal.comment_id == comment.id, Appeal.state == AppealState.OPEN)
        .values(state=AppealState.GRANTED if granted else AppealState.DENIED, answer_id=decision.id)
    )


def _drop_appeals(session: Session, comment: Comment) -> None:
    """An author who changes the text or takes it back has nothing left to object to."""
    session.execute(
        delete(Appeal).where(Appeal.comment_id == comment.id, Appeal.state == AppealState.OPEN)
    )


def _reopen_appeals(session: Session, undone: Decision) -> None:
    """Open again what the undone decision had answered."""
    session.execute(
        update(Appeal)
        .where(Appeal.comment_id == undone.comment_id, Appeal.answer_id == undone.id)
        .values(state=AppealState.OPEN, answer_id=0)
    )


def _reopen_reports(session: Session, comment: Comment, undone: Decision) -> None:
    """Open again what the undone decision had settled."""
    session.execute(
        update(Report)
        .where(Report.comment_id == comment.id, Report.decision_id == undone.id)
        .values(state=ReportState.OPEN, decision_id=0)
    )
    count_open_reports(session, comment)


def count_open_reports(session: Session, comment: Comment) -> None:
    """Count the open reports on a comment and add up their weights."""
    are_open = (Report.comment_id == comment.id, Report.state == ReportState.OPEN)
    still_open = select(func.count()).select_from(Report).where(*are_open).scalar_subquery()
    weight = select(func.coalesce(func.sum(Report.weight), 0.0)).where(*are_open).scalar_subquery()
    session.execute(
        update(Comment)
        .where(Comment.id == comment.id)
        .values(open_reports=still_open, report_weight=weight)
        .execution_options(synchronize_session=False)
    )
    session.expire(comment)
