"""Which comments are asked for: by place, author, scores, signals, language, time and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, SQLColumnExpression, exists, func, select
from sqlalchemy.orm import Session

from models import Comment, Score, StoredSignal, Thread
from models.wording import comments_with, found_among, has_words
from moderation.errors import Invalid
from moderation.wanted_words import query_of

# In the place of a label: whichever scored highest.
ANY_LABEL = ""


@dataclass(frozen=True)
class Filter:
    """What comments must be like; what is left as it is says nothing.

    `least` and `most` (0 to 1, both included) bound the score of `label`. `since` is included,
    `until` is not.
    """

    section: str = ""
    thread_id: int = 0
    author_id: int = 0
    label: str = ANY_LABEL
    least: float = 0.0
    most: float = 1.0
    signal: str = ""
    language: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""

    def clauses(
        self, session: Session, site_ids: Sequence[int], among: CTE
    ) -> list[ColumnElement[bool]]:
        """The same as conditions on a few comments, which are `among` others by their `id`.

        Raises Invalid for words that ask for nothing. The sums keep SQLite from looking for other
        comments in an index.
        """
        found: list[ColumnElement[bool]] = []
        if self.section:
            there = select(Thread.id).where(
                Thread.site_id.in_(site_ids), Thread.section == self.section
            )
            found.append((Comment.thread_id + 0).in_(there))
        if self.thread_id:
            found.append(Comment.thread_id + 0 == self.thread_id)
        if self.author_id:
            found.append(Comment.author_id + 0 == self.author_id)
        if self.least > 0.0 or self.most < 1.0:
            found.append(self._scores())
        if self.signal:
            found.append(self._shows_signal())
        if self.language:
            found.append(Comment.language == self.language)
        found += self.times()
        if self.words.strip():
            found.append(has_words(session, self._query(session), among))
        return found

    def times(self) -> list[ColumnElement[bool]]:
        """When a comment was written, as conditions: a part of `clauses`."""
        found: list[ColumnElement[bool]] = []
        if self.since is not None:
            found.append(Comment.created_at >= self.since)
        if self.until is not None:
            found.append(Comment.created_at < self.until)
        return found

    @property
    def asks(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.as_record())

    def narrowest(
        self, session: Session, site_ids: Sequence[int]
    ) -> list[tuple[Select[int], Filter]]:
        """The numbers of the comments that fit each of the parts for which there is an index, and
        what is asked besides. Raises Invalid for words that ask for nothing."""
        found: list[tuple[Select[int], Filter]] = []
        if self.words.strip():
            found.append((comments_with(session, self._query(session)), replace(self, words="")))
        if self.author_id:
            by = select(Comment.id).where(
                Comment.author_id == self.author_id, Comment.site_id.in_(site_ids)
            )
            found.append((by, replace(self, author_id=0)))
        if self.thread_id:
            under = select(Comment.id).where(Comment.thread_id == self.thread_id)
            found.append((under, replace(self, thread_id=0)))
        return found

    def found_among(self, session: Session, texts: Iterable[tuple[int, str, str]]) -> set[int]:
        """Which of some comments (number, author's name, text) have the words; SQLite only."""
        return found_among(self._query(session), texts)

    def _scores(self) -> ColumnElement[bool]:
        return score_of(self.label).between(self.least, self.most)

    def _shows_signal(self) -> ColumnElement[bool]:
        return exists().where(
            StoredSignal.comment_id == Comment.id,
            StoredSignal.revision == Comment.revision,
            StoredSignal.kind == self.signal,
        )

    def _query(self, session: Session) -> str:
        query = query_of(self.words, session.get_bind().dialect.name)
        if not query:
            raise Invalid("Search for a word: signs alone find nothing.", field="words")
        return query

    def as_record(self) -> dict[str, Any]:
        """For a JSON column; `filter_of` reads it back."""
        record = {name: value for name, value in vars(self).items() if value != _PLAIN[name]}
        for name in ("since", "until"):
            if name in record:
                record[name] = record[name].isoformat()
        return record


def score_of(label: str) -> SQLColumnExpression[float]:
    """The score of a label as its text stands, of several models the highest; NULL without one."""
    if label == ANY_LABEL:
        return Comment.risk
    # The sum keeps SQLite from walking all scores of the label down from the highest.
    highest = select(func.max(Score.value + 0.0)).where(
        Score.comment_id == Comment.id, Score.revision == Comment.revision, Score.label == label
    )
    return highest.correlate(Comment).scalar_subquery()


_PLAIN = vars(Filter())


def filter_of(record: dict[str, Any]) -> Filter:
    """Read what `as_record` wrote."""
    read = dict(record)
    for name in ("since", "until"):
        if name in read:
            read[name] = datetime.fromisoformat(read[name])
    return Filter(**read)
