"""Hold what answers, sanctions and batches say against the decisions and entries they rest on.

Reads only, in pieces; every check yields sentences with numbers of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from models import (
    Appeal,
    AppealState,
    AuditEntry,
    Batch,
    BatchState,
    Decision,
    Report,
    ReportState,
    Sanction,
    SanctionState,
    Status,
)
from moderation.sanctions import LIFTED, REPLACED

PIECE = 1_000


def answers(session: Session) -> Iterator[str]:
    """Reports and appeals: open ones name no decision, answered ones one of their comment."""
    decision = aliased(Decision)
    reports = (
        select(Report.id, Report.state, Report.decision_id, Report.comment_id)
        .outerjoin(decision, decision.id == Report.decision_id)
        .where(
            or_(
                and_(Report.state == ReportState.OPEN, Report.decision_id != 0),
                and_(
                    Report.state != ReportState.OPEN,
                    or_(decision.id.is_(None), decision.comment_id != Report.comment_id),
                ),
            )
        )
    )
    for number, state, decision_id, _ in session.execute(reports):
        yield f"report {number} is {state}, but decision {decision_id} did not settle it"
    wrong = or_(
        decision.id.is_(None),
        decision.comment_id != Appeal.comment_id,
        (decision.after == Status.PUBLISHED) != (Appeal.state == AppealState.GRANTED),
    )
    appeals = (
        select(Appeal.id, Appeal.state, Appeal.answer_id)
        .outerjoin(decision, decision.id == Appeal.answer_id)
        .where(
            or_(
                and_(Appeal.state == AppealState.OPEN, Appeal.answer_id != 0),
                and_(Appeal.state != AppealState.OPEN, wrong),
            )
        )
    )
    for number, outcome, answer_id in session.execute(appeals):
        yield f"appeal {number} is {outcome}, but decision {answer_id} did not answer it so"


def sanctions(session: Session) -> Iterator[str]:
    """Each was written down when it was imposed, and lifted ones when they were."""
    last = 0
    while rows := _piece(session, Sanction, (Sanction.id, Sanction.state), last):
        first, last = rows[0].id, rows[-1].id
        acts = _acts(session, Sanction.__tablename__, first, last)
        for number, state in rows:
            done = acts.get(number, set())
            if not done:
                yield f"sanction {number} is nowhere in the audit log"
            elif state is SanctionState.LIFTED and not done & {LIFTED, REPLACED}:
                yield f"sanction {number} is lifted, but the audit log does not say by whom"
    yield from _strays(session, Sanction)


def _strays(session: Session, table: Any) -> Iterator[str]:
    """Rows of a table that the audit log knows of and that are not there."""
    kind = table.__tablename__
    query = (
        select(AuditEntry.subject_id)
        .outerjoin(table, table.id == AuditEntry.subject_id)
        .where(AuditEntry.subject_kind == kind, table.id.is_(None))
        .distinct()
    )
    for number in session.scalars(query):
        yield f"{kind} {number} is in the audit log and is not there"


def batches(session: Session) -> Iterator[str]:
    """Each was written down, and says how many comments it decided and took back."""
    last = 0
    columns = (Batch.id, Batch.state, Batch.after, Batch.site_id, Batch.decided, Batch.taken_back)
    while rows := _piece(session, Batch, columns, last):
        first, last = rows[0].id, rows[-1].id
        acts = _acts(session, Batch.__tablename__, first, last)
        made = _made(session, first, last)
        for number, state, after, site_id, decided, taken_back in rows:
            done = acts.get(number, set())
            if "batch begun" not in done:
                yield f"batch {number}: the audit log does not say that it was begun"
            going_back = state in (BatchState.UNDOING, BatchState.UNDONE)
            if going_back != ("batch taken back" in done):
                yield f"batch {number} is {state}, but the audit log says otherwise"
            yield from _batch_faults(number, (after, site_id, decided, taken_back), made)
    yield from _strays(session, Batch)
    stray = (
        select(Decision.id)
        .outerjoin(Batch, Batch.id == Decision.batch_id)
        .where(Decision.batch_id > 0, Batch.id.is_(None))
    )
    for number in session.scalars(stray):
        yield f"decision {number} is of a batch that is not there"


def _batch_faults(
    number: int, said: tuple[Status, int, int, int], made: dict[int, dict[str, int]]
) -> Iterator[str]:
    after, site_id, decided, taken_back = said
    its = made.get(number, {})
    for name, count in (("decided", decided), ("taken_back", taken_back)):
        if its.get(name, 0) != count:
            yield f"batch {number}: {name} says {count}, its decisions say {its.get(name, 0)}"
    others = its.get("decided", 0) - its.get(f"{after} at {site_id}", 0)
    if others:
        yield f"batch {number}: {others} of its decisions are not what it asked for"


def _made(session: Session, first: int, last: int) -> dict[int, dict[str, int]]:
    """How many decisions some batches made and took back, and of which kind at which site."""
    is_undoing = Decision.undoes > 0
    query = (
        select(Decision.batch_id, is_undoing, Decision.after, Decision.site_id, func.count())
        .where(Decision.batch_id > 0, Decision.batch_id.between(first, last))
        .group_by(Decision.batch_id, is_undoing, Decision.after, Decision.site_id)
    )
    found: dict[int, dict[str, int]] = {}
    for number, undoing, after, site_id, count in session.execute(query):
        its = found.setdefault(number, {})
        name = "taken_back" if undoing else "decided"
        its[name] = its.get(name, 0) + count
        if not undoing:
            its[f"{after} at {site_id}"] = count
    return found


def _piece(session: Session, table: Any, columns: Sequence[Any], last: int) -> Sequence[Any]:
    query = select(*columns).where(table.id > last).order_by(table.id).limit(PIECE)
    return session.execute(query).all()


def _acts(session: Session, kind: str, first: int, last: int) -> dict[int, set[str]]:
    """What the audit log says was done to some rows of a table."""
    query = select(AuditEntry.subject_id, AuditEntry.action).where(
        AuditEntry.subject_kind == kind, AuditEntry.subject_id.between(first, last)
    )
    found: dict[int, set[str]] = {}
    for number, action in session.execute(query):
        found.setdefault(number, set()).add(action)
    return found


def numbers(session: Session) -> Iterator[str]:
    """Rows that are gone, by the gaps they leave in SQLite, which never leaves a number out.

    PostgreSQL does, whenever a transaction is rolled back: there nothing can be told from it, and
    only what each comment counts of its decisions misses one.
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    for table in (Decision, AuditEntry):
        count, most = session.execute(select(func.count(), func.max(table.id))).one()
        if (most or 0) != count:
            kind = table.__tablename__.replace("_", " ")
            yield f"{(most or 0) - count} numbers of {kind} rows are missing"
