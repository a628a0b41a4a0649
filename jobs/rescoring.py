"""Score old comments with the model of today, and count what it would decide differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from jobs.transactions import reading, writing
from models import Comment, Score, Status, Thread
from models.thread import lock
from moderation import rescreening, screening
from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.scores import Scores, with_language
from moderation.errors import ScoringFailed, ScoringTimeout
from moderation.rescreening import Difference

_BATCH = 32
# Comments compared in one reading transaction, which no writer waits for.
_COMPARED = 200
_PATIENCE = 120.0


@dataclass(frozen=True)
class Scope:
    """Which comments are meant: of these sites, written since, scored by this older model.

    `only_model` is a name, or a name and a version with a blank between them; "" for any.
    """

    site_ids: Sequence[int]
    since: datetime | None
    only_model: str

    def all(self) -> Select[int]:
        """The numbers of all of them."""
        query = select(Comment.id).where(
            Comment.site_id.in_(self.site_ids), Comment.status.in_(rescreening.JUDGED)
        )
        if self.since:
            query = query.where(Comment.created_at >= self.since)
        if self.only_model:
            # A checkpoint's name may have blanks: it is the whole, or all but a version at the end.
            name, _, version = self.only_model.rpartition(" ")
            meant = or_(_is_scored_by(self.only_model), _is_scored_by(name, version))
            query = query.where(meant)
        return query


@dataclass
class Tally:
    """How many decisions would differ, from which status to which, and for which reasons."""

    changes: Counter[tuple[Status, Status]] = field(default_factory=Counter)
    reasons: dict[tuple[Status, Status], Counter[str]] = field(default_factory=dict)
    by_person: int = 0
    to_hold: list[int] = field(default_factory=list)

    def add(self, comment_id: int, found: Difference | None) -> None:
        """Count one comment."""
        if found is None:
            return
        if found.by_person:
            self.by_person += 1
            return
        change = found.before, found.after
        self.changes[change] += 1
        self.reasons.setdefault(change, Counter()).update(found.reasons)
        if found.before is Status.PUBLISHED:
            self.to_hold.append(comment_id)


@dataclass(frozen=True)
class Rescorer:
    """One run; `told` are the languages that the operator says the model reads."""

    classifier: BatchingClassifier
    scope: Scope
    told: str

    @property
    def model(self) -> str:
        """Name and version of the model of today."""
        return f"{self.classifier.name} {self.classifier.version}"

    def count_unscored(self) -> int:
        """How many carry no score of the model of today for their present text."""
        with reading() as session:
            query = select(func.count()).select_from(self._unscored(None).subquery())
            return session.scalar(query) or 0

    def score(self, tally: Tally | None, tell: Callable[[int], None]) -> tuple[int, int]:
        """Score what is not scored yet, newest first; answers how many were, and how many the
        model fails on. With a `tally` nothing is written, and each is counted there. `tell` hears
        how many are done."""
        before, scored, failed = None, 0, 0
        while batch := self._next_batch(before):
            before = min(row.id for row in batch)
            outcomes = self._outcomes([row.text for row in batch])
            found = [(row, scores) for row, scores in zip(batch, outcomes, strict=True) if scores]
            failed += len(batch) - len(found)
            if tally is None:
                self._record(found)
            else:
                self._compare_unstored(found, tally)
            scored += len(found)
            tell(scored + failed)
        return scored, failed

    def compare(self) -> Tally:
        """What would be decided differently among all that carry the model's scores."""
        tally, before = Tally(), None
        name, version = self.classifier.name, self.classifier.version
        while True:
            query = self.scope.all().where(_is_scored_by(name, version))
            with reading() as session:
                numbers = session.scalars(_older(query, before).limit(_COMPARED)).all()
                comments = session.scalars(_with_threads(numbers)).all()
                signals = rescreening.signals_now(session, comments, name, version, self.told)
                for comment in comments:
                    found = rescreening.difference(session, comment, signals[comment.id])
                    tally.add(comment.id, found)
            if not numbers:
                return tally
            before = min(numbers)

    def hold(self, numbers: Sequence[int]) -> int:
        """Send published comments that would be held back to the queue; answers how many were."""
        held = 0
        name, version = self.classifier.name, self.classifier.version
        for begin in range(0, len(numbers), _BATCH):
            with writing() as session:
                comments = _locked(session, numbers[begin : begin + _BATCH])
                signals = rescreening.signals_now(session, comments, name, version, self.told)
                for comment in comments:
                    held += rescreening.hold(session, comment, signals[comment.id], self.model)
        return held

    def _unscored(self, before: int | None) -> Select[int]:
        is_scored = _is_scored_by(self.classifier.name, self.classifier.version)
        return _older(self.scope.all().where(not_(is_scored)), before)

    def _next_batch(self, before: int | None) -> Sequence[Comment]:
        with reading() as session:
            numbers = session.scalars(self._unscored(before).limit(_BATCH)).all()
            found = session.scalars(select(Comment).where(Comment.id.in_(numbers))).all()
            # Read while the transaction lasts, used while the model runs and none is open.
            session.expunge_all()
            return found

    def _outcomes(self, texts: Sequence[str]) -> list[Scores | None]:
        """Scores, or None for a text that the model fails on; one bad text spoils no other."""
        try:
            scores = self.classifier.score(texts, timeout=_PATIENCE)
            return [with_language(one, text) for one, text in zip(scores, texts, strict=True)]
        except (ScoringFailed, ScoringTimeout):
            if len(texts) == 1:
                return [None]
        return [outcome for text in texts for outcome in self._outcomes([text])]

    def _record(self, found: Sequence[tuple[Comment, Scores]]) -> None:
        of = {row.id: (scores, row.revision) for row, scores in found}
        with writing() as session:
            comments = _locked(session, list(of))
            scored = [(comment, *of[comment.id]) for comment in comments]
            rescreening.record(session, scored, self.told)

    def _compare_unstored(self, found: Sequence[tuple[Comment, Scores]], tally: Tally) -> None:
        with reading() as session:
            for row, scores in found:
                comment = session.get(Comment, row.id)
                if comment is None or comment.revision != row.revision:
                    continue
                signals = screening.find_signals(session, comment, scores, self.told).signals
                tally.add(row.id, rescreening.difference(session, comment, signals))


def _is_scored_by(name: str, version: str = "") -> ColumnElement[bool]:
    """Whether a comment's present text carries a score of a model, in this version or in any."""
    scored = exists().where(
        Score.comment_id == Comment.id,
        Score.revision == Comment.revision,
        Score.model_name == name,
    )
    return scored.where(Score.model_version == version) if version else scored


def _older(query: Select[int], before: int | None) -> Select[int]:
    if before is not None:
        query = query.where(Comment.id < before)
    return query.order_by(Comment.id.desc())


def _with_threads(numbers: Sequence[int]) -> Select[Comment]:
    query = select(Comment).where(Comment.id.in_(numbers))
    return query.options(joinedload(Comment.thread).joinedload(Thread.site))


def _locked(session: Session, numbers: Sequence[int]) -> list[Comment]:
    """Comments taken for changing after their threads, in the one order that everybody keeps to."""
    of_thread = select(Comment.thread_id).where(Comment.id.in_(numbers)).distinct()
    for thread_id in sorted(session.scalars(of_thread)):
        lock(session, thread_id)
    query = select(Comment).where(Comment.id.in_(numbers))
    in_order = query.order_by(Comment.thread_id, Comment.id).with_for_update()
    return list(session.scalars(in_order))
