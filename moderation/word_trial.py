"""What lists of words would find among the comments of a site, before they are made its policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Comment, Status
from moderation.signals.words import Found, WordList

_COMMENTS, _SHOWN = 500, 10
# Looking through a text takes about four microseconds a character: this is two seconds' work.
_CHARACTERS = 400_000
_LOOKED_AT = (Status.PUBLISHED, Status.HELD, Status.REJECTED, Status.UNSCORED)

Lists = Mapping[str, Sequence[str]]  # kind of rule -> its entries


@dataclass(frozen=True)
class Written:
    """A comment as far as a trial needs it, free of its transaction."""

    id: int
    author_name: str
    text: str
    status: Status
    created_at: datetime


@dataclass(frozen=True)
class Hit:
    """An entry of a list that is in a comment, and where."""

    kind: str
    found: Found


@dataclass(frozen=True)
class Match:
    """A comment in which something was found."""

    comment: Written
    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class Tried:
    """One entry of one list, and how many comments have it."""

    kind: str
    entry: str
    comments: int


@dataclass(frozen=True)
class Trial:
    """How many comments were looked at, how many each list would find, and what it found there;
    the entries come with the most frequent first, the matches with the newest."""

    looked_at: int
    counts: Mapping[str, int]
    entries: tuple[Tried, ...]
    matches: tuple[Match, ...]


def recent(session: Session, site_id: int) -> list[Written]:
    """The last comments of a site that were not withdrawn, newest first; one query a status, each
    along an index."""
    found: list[Written] = []
    for status in _LOOKED_AT:
        rows = session.execute(
            select(
                Comment.id, Comment.author_name, Comment.text, Comment.status, Comment.created_at
            )
            .where(Comment.site_id == site_id, Comment.status == status)
            .order_by(Comment.created_at.desc(), Comment.id.desc())
            .limit(_COMMENTS)
        )
        found += [Written(*row) for row in rows]
    newest_first = sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)
    return newest_first[:_COMMENTS]


def trial(comments: Sequence[Written], lists: Lists) -> Trial:
    """Look for the entries of some lists in comments; needs no transaction, which it would hold
    open for a second."""
    kinds = _kinds_of(lists)
    words = WordList(kinds)
    counts: Counter[str] = Counter()
    tried: Counter[tuple[str, str]] = Counter()
    matches: list[Match] = []
    looked_at = characters = 0
    for comment in comments:
        characters += len(comment.text)
        if looked_at and characters > _CHARACTERS:
            break
        looked_at += 1
        hits = tuple(
            Hit(kind, one) for one in words.find(comment.text) for kind in kinds[one.entry]
        )
        counts.update({hit.kind for hit in hits})
        tried.update((hit.kind, hit.found.entry) for hit in hits)
        if hits:
            matches.append(Match(comment, hits))
    return Trial(
        looked_at,
        {kind: counts[kind] for kind in lists},
        tuple(Tried(*one, number) for one, number in tried.most_common()),
        tuple(matches[:_SHOWN]),
    )


def _kinds_of(lists: Lists) -> dict[str, list[str]]:
    """Which lists each entry is in: all are looked for at once, for a text is read but once."""
    kinds: dict[str, list[str]] = {}
    for kind, entries in lists.items():
        for entry in entries:
            kinds.setdefault(entry.strip(), []).append(kind)
    return kinds
