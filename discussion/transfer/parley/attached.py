"""What hangs on some comments (decisions, scores, votes, reports and more), for their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.transfer.parley import shape
from discussion.transfer.parley.shape import Shape
from models import ActorKind, Sanction

Line = dict[str, Any]
# Of one person's number: what they are called, or None where they do not travel along.
Called = Callable[[int], str | None]
# Kinds of actors that are people of ours; a key and the system are only called by their names.
PEOPLE = (ActorKind.STAFF, ActorKind.AUTHOR)


class Attached:
    """All of it for one piece of comments, in a fixed number of queries."""

    def __init__(
        self,
        session: Session,
        comments: Sequence[int],
        called: Called,
        batches: Mapping[int, int],
        sanctions: Mapping[int, int],
        mentioned: Callable[[Collection[int]], Mapping[int, str]],
    ) -> None:
        self._session, self._comments = session, comments
        self._called, self._batches, self._sanctions = called, batches, sanctions
        self._places: dict[int, int] = {}
        self._lines: dict[int, dict[str, list[Any]]] = defaultdict(dict)
        self._add(
            "decisions", shape.DECISION, self._decision, "id", "actor_id", "undoes", "batch_id"
        )
        self._add("scores", shape.SCORE, _nothing)
        self._add("signals", shape.SIGNAL, _nothing)
        self._add("votes", shape.VOTE, self._by_account, "account_id")
        self._add("reports", shape.REPORT, self._report, "account_id", "decision_id")
        self._add("appeals", shape.APPEAL, self._appeal, "account_id", "decision_id", "answer_id")
        self._add("notes", shape.NOTE, self._by_account, "account_id")
        self._add(
            "samples", shape.SAMPLE, self._sample, "decision_id", "first_account_id", "account_id"
        )
        self._name_evidence(mentioned)
        self._add_sanctions()

    def of(self, comment: int) -> dict[str, list[Any]]:
        """What hangs on one of the comments, in lists by their names; empty ones are left out."""
        return self._lines.get(comment, {})

    def _add(self, name: str, of: Shape, more: Callable[[Any], Line], *columns: str) -> None:
        """Read the rows of one table and note them down under `name`; `more` are their refers."""
        table = of.table
        order = table.id if hasattr(table, "id") else table.account_id
        query = select(
            table.comment_id, *of.read, *(getattr(table, column) for column in columns)
        ).where(table.comment_id.in_(self._comments))
        for row in self._session.execute(query.order_by(table.comment_id, order)):
            lines = self._lines[row.comment_id].setdefault(name, [])
            if name == "decisions":
                self._places[row.id] = len(lines) + 1
            lines.append(of.line(row) | _said(more(row)))
            if "evidence" in lines[-1]:
                lines[-1]["evidence"] = dict(lines[-1]["evidence"])

    def _decision(self, row: Any) -> Line:
        return {
            "actor": self._called(row.actor_id) if row.actor_kind in PEOPLE else None,
            "undoes": self._places.get(row.undoes),
            "batch": self._batches.get(row.batch_id),
        }

    def _by_account(self, row: Any) -> Line:
        return {"account": self._called(row.account_id)}

    def _report(self, row: Any) -> Line:
        return self._by_account(row) | {"decision": self._places.get(row.decision_id)}

    def _appeal(self, row: Any) -> Line:
        return self._report(row) | {"answer": self._places.get(row.answer_id)}

    def _sample(self, row: Any) -> Line:
        return {
            "decision": self._places.get(row.decision_id),
            "first": self._called(row.first_account_id),
            "account": self._called(row.account_id),
        }

    def _name_evidence(self, mentioned: Callable[[Collection[int]], Mapping[int, str]]) -> None:
        """What a check found can be another comment, or a sanction."""
        found = [
            signal["evidence"]
            for lines in self._lines.values()
            for signal in lines.get("signals", ())
            if "evidence" in signal
        ]
        names = mentioned({one["comment"] for one in found if one.get("comment")})
        for one in found:
            if one.get("comment"):
                one["comment"] = names[one["comment"]]
            if one.get("sanction"):
                one["sanction"] = self._sanctions.get(one["sanction"], 0)

    def _add_sanctions(self) -> None:
        """Which sanctions a comment led to."""
        query = select(Sanction.comment_id, Sanction.id).where(
            Sanction.comment_id.in_(self._comments)
        )
        for comment, number in self._session.execute(query.order_by(Sanction.id)):
            if number in self._sanctions:
                self._lines[comment].setdefault("sanctions", []).append(self._sanctions[number])


def _nothing(row: Any) -> Line:
    return {}


def _said(line: Line) -> Line:
    return {name: value for name, value in line.items() if value is not None}
