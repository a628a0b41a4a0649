"""Comments of an export become rows again, a piece at a time, with all that hangs on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from discussion.rendering import sanitise
from discussion.transfer.parley import shape
from discussion.transfer.parley.names import source_of
from discussion.transfer.parley.shape import Shape
from discussion.transfer.pieces import pieces
from discussion.votes import wilson
from models import (
    Appeal,
    Comment,
    CommentSource,
    Job,
    JobKind,
    Note,
    Report,
    ReportState,
    Sample,
    Sanction,
    Score,
    Site,
    Status,
    StoredSignal,
    Vote,
)
from models.bulk import insert_many
from models.numbering import take_numbers
from models.thread import lock
from moderation import adopting
from moderation.adopting import History
from moderation.errors import Invalid

Line = Mapping[str, Any]
# A site's number, and what a comment is called there.
Key = tuple[int, str]
# The number of a stored comment, of its thread, and how deep it stands.
Stored = tuple[int, int, int]


@dataclass
class Brought:
    """One comment that is to be stored: its line's place in the file, its rows, what hangs on it;
    `name` is what it is called, `key` the same with its site."""

    place: str
    line: Line
    name: str
    key: Key
    # Numbers in the file of what it led to.
    sanctions: list[int]
    history: History
    # By table, rows that still want the number of the comment, and places instead of decisions.
    hanging: dict[Any, list[dict[str, Any]]]


@dataclass(frozen=True)
class References:
    """Numbers in this database for the names in a piece of lines; 0 for what is not there."""

    person: Callable[[Any], int]
    thread: Callable[[Any], int]
    batch: Callable[[Any], int]
    sanction: Callable[[Any], int]
    comment: Callable[[Any], int]
    # Whether the policies of the site are those of the file.
    site: Site
    has_policies: bool


def read(place: str, line: Line, of: References) -> Brought:
    """The rows of one line. Raises Invalid."""
    row = shape.COMMENT.row(line)
    name = shape.name_in(line, 200)
    row["thread_id"] = of.thread(line.get("thread"))
    row["author_id"] = of.person(line.get("author"))
    if not row["thread_id"] or not row["author_id"]:
        missing = "thread" if not row["thread_id"] else "author"
        raise Invalid(f"Its {missing} is nowhere in the file before it.", field=missing)
    # What a file says is never trusted to be harmless.
    row["html"] = sanitise(row["html"])
    decisions = [_decision(one, of) for one in shape.objects(line, "decisions")]
    hanging = {
        Score: [shape.SCORE.row(one) for one in shape.objects(line, "scores")],
        StoredSignal: [_signal(one, of) for one in shape.objects(line, "signals")],
        Vote: _votes(line, of),
        Report: _by_somebody(shape.REPORT, line, "reports", of, "decision"),
        Appeal: _by_somebody(shape.APPEAL, line, "appeals", of, "decision", "answer"),
        Note: [_by(shape.NOTE, one, of) for one in shape.objects(line, "notes")],
        Sample: [_sample(one, of) for one in shape.objects(line, "samples")],
    }
    _count(row, hanging)
    row["site_id"] = of.site.id
    history = History(of.site, row, decisions)
    sanctions = line.get("sanctions", [])
    if not isinstance(sanctions, list) or not all(isinstance(one, int) for one in sanctions):
        raise Invalid("“sanctions” is no list of numbers.", field="sanctions")
    return Brought(place, line, name, (of.site.id, name), sanctions, history, hanging)


def _place(line: Line, name: str) -> int:
    found = line.get(name, 0)
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise Invalid(f"“{name}” is no place in a list.", field=name)
    return found


def _decision(line: Line, of: References) -> dict[str, Any]:
    row = shape.DECISION.row(line)
    # A site that was here before has policies of its own, and its numbers are other ones.
    if not of.has_policies:
        row["policy_version"] = of.site.policy_version
    actor = of.person(line.get("actor")) if line.get("actor") else 0
    return row | {
        "actor_id": actor,
        "undoes": _place(line, "undoes"),
        "batch_id": of.batch(line.get("batch")),
    }


def _signal(line: Line, of: References) -> dict[str, Any]:
    row = shape.SIGNAL.row(line)
    evidence = dict(row["evidence"])
    if evidence.get("comment"):
        evidence["comment"] = of.comment(evidence["comment"])
    if evidence.get("sanction"):
        evidence["sanction"] = of.sanction(evidence["sanction"])
    return row | {"evidence": evidence}


def _votes(line: Line, of: References) -> list[dict[str, Any]]:
    """One to a person, of those who travelled along."""
    found: dict[int, dict[str, Any]] = {}
    for one in shape.objects(line, "votes"):
        row = shape.VOTE.row(one)
        if row["value"] not in (-1, 1):
            raise Invalid("A vote is 1 or -1.", field="votes")
        person = of.person(one.get("account"))
        if person:
            found.setdefault(person, row | {"account_id": person})
    return list(found.values())


def _by(of_table: Shape, line: Line, of: References, *places: str) -> dict[str, Any]:
    """A row that somebody wrote; places in the list of decisions stand for their numbers yet."""
    row = of_table.row(line) | {"account_id": of.person(line.get("account"))}
    return row | {f"{name}_id": _place(line, name) for name in places}


def _by_somebody(
    of_table: Shape, line: Line, name: str, of: References, *places: str
) -> list[dict[str, Any]]:
    """The same of many; without those whose authors did not travel along."""
    rows = [_by(of_table, one, of, *places) for one in shape.objects(line, name)]
    return [row for row in rows if row["account_id"]]


def _sample(line: Line, of: References) -> dict[str, Any]:
    return shape.SAMPLE.row(line) | {
        "decision_id": _place(line, "decision"),
        "first_account_id": of.person(line.get("first")),
        "account_id": of.person(line.get("account")),
    }


def _count(row: dict[str, Any], hanging: Mapping[Any, Sequence[Mapping[str, Any]]]) -> None:
    """What a comment says of its votes and open reports."""
    votes = [one["value"] for one in hanging[Vote]]
    row["up"] = row["imported_up"] + votes.count(1)
    row["down"] = row["imported_down"] + votes.count(-1)
    row["best"] = wilson(row["up"], row["down"])
    weights = [one["weight"] for one in hanging[Report] if one["state"] is ReportState.OPEN]
    row["open_reports"], row["report_weight"] = len(weights), sum(weights)


def store(
    session: Session, brought: Sequence[Brought], there: Mapping[Key, Stored]
) -> tuple[dict[Key, int], dict[str, str]]:
    """Store comments in the order of their lines.

    `there` are comments that were stored before. Answers the numbers of the new ones, and by place
    why some were not stored.
    """
    refused: dict[str, str] = {}
    kept: list[Brought] = []
    for one in brought:
        fault = adopting.fault_of(one.history)
        if fault:
            refused[one.place] = f"Its decisions do not lead to where it stands: {fault}."
        else:
            kept.append(one)
    if not kept:
        return {}, refused
    known = dict(there)
    # As everyone who changes a comment does: its thread first.
    for thread_id in sorted({one.history.comment["thread_id"] for one in kept}):
        lock(session, thread_id)
    for one, number in zip(kept, take_numbers(session, Comment, len(kept)), strict=True):
        _put_in_place(one, number, known)
    decisions = adopting.adopt(session, [one.history for one in kept])
    for one, its in zip(kept, decisions, strict=True):
        _hang(one, its)
    _insert_hanging(session, kept)
    _remember(session, kept)
    return {one.key: one.history.comment["id"] for one in kept}, refused


def _put_in_place(one: Brought, number: int, known: dict[Key, Stored]) -> None:
    row = one.history.comment
    above = (row["site_id"], str(one.line.get("parent", "")))
    parent, thread_id, depth = known.get(above, (None, 0, -1))
    # A parent that did not travel along leaves its replies at the first level.
    if thread_id != row["thread_id"]:
        parent, depth = None, -1
    row |= {"id": number, "parent_id": parent, "depth": depth + 1}
    known[one.key] = (number, row["thread_id"], depth + 1)


def _hang(one: Brought, decisions: Sequence[int]) -> None:
    """Give what hangs on a comment its number, and those of its decisions."""
    number = one.history.comment["id"]
    for table, rows in one.hanging.items():
        for row in rows:
            row["comment_id"] = number
            if table in (Appeal, Note, Sample):
                row["site_id"] = one.history.comment["site_id"]
            for name in ("decision_id", "answer_id"):
                if name in row:
                    place = row[name]
                    row[name] = decisions[place - 1] if 0 < place <= len(decisions) else 0
    one.hanging[Appeal] = [row for row in one.hanging[Appeal] if row["decision_id"]]


def _insert_hanging(session: Session, kept: Sequence[Brought]) -> None:
    for table in (Score, StoredSignal, Vote, Report, Appeal, Note, Sample):
        rows = [row for one in kept for row in one.hanging[table]]
        insert_many(session, insert(cast(Any, table).__table__), rows)
    owed = [
        {"kind": JobKind.SCORE, "comment_id": one.history.comment["id"],
         "revision": one.history.comment["revision"]}
        for one in kept
        if one.history.comment["status"] is Status.UNSCORED
    ]  # fmt: skip
    insert_many(session, insert(Job.__table__), owed)  # type: ignore[arg-type]


def _remember(session: Session, kept: Sequence[Brought]) -> None:
    rows = []
    for one in kept:
        system, number = source_of(one.name)
        rows.append(
            {
                "comment_id": one.history.comment["id"],
                "site_id": one.history.comment["site_id"],
                "system": system,
                "source_id": number,
            }
        )
    insert_many(session, insert(CommentSource.__table__), rows)  # type: ignore[arg-type]


def link_sanctions(
    session: Session, stored: Mapping[Key, int], brought: Sequence[Brought], of: References
) -> None:
    """Tell sanctions which comment led to them."""
    for one in brought:
        comment = stored.get(one.key)
        for number in one.sanctions if comment else ():
            session.execute(
                update(Sanction)
                .where(Sanction.id == of.sanction(number), Sanction.comment_id == 0)
                .values(comment_id=comment)
            )


def depths(session: Session, numbers: Mapping[Key, int]) -> dict[Key, Stored]:
    """Number, thread and depth of stored comments."""
    keys = {number: key for key, number in numbers.items()}
    found: dict[Key, Stored] = {}
    for some in pieces(sorted(keys)):
        query = select(Comment.id, Comment.thread_id, Comment.depth).where(Comment.id.in_(some))
        found |= {
            keys[row.id]: (row.id, row.thread_id, row.depth) for row in session.execute(query)
        }
    return found


def named_in(line: Line) -> Iterator[str]:
    """Every comment that the line of a comment names."""
    yield str(line.get("id"))
    if "parent" in line:
        yield str(line["parent"])
    signals = line.get("signals")
    for signal in signals if isinstance(signals, list) else ():
        evidence = signal.get("evidence") if isinstance(signal, dict) else None
        if isinstance(evidence, dict) and evidence.get("comment"):
            yield str(evidence["comment"])
