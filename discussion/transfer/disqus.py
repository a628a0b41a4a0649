"""Disqus's XML export: threads, and posts whose messages are HTML.

Source: the schemas disqus.xsd and disqus-internals.xsd that the exports name, and real exports.
"""

from __future__ import annotations

from collections.abc import Iterator

from discussion.transfer.opening import Export
from discussion.transfer.records import (
    AuthorRecord,
    CommentRecord,
    Fate,
    Flaw,
    Records,
    ThreadRecord,
    Told,
)
from discussion.transfer.values import read_count, read_flag, read_time
from discussion.transfer.xml_cutting import Piece, cut
from discussion.transfer.xml_outline import Outline
from discussion.transfer.xml_records import Fields, fields_of

_RECORDS = ("thread", "post")


def read(export: Export) -> Records:
    """Every thread and post of an export, and every flaw of it where it stands."""
    flaws: list[Flaw] = []
    outline = Outline(flaws.append)
    for piece in cut(export, _RECORDS, flaws.append):
        outline.look(piece)
        if piece.name:
            yield from _record(piece, flaws.append)
        yield from _drained(flaws)
    outline.end()
    yield from _drained(flaws)


def _drained(flaws: list[Flaw]) -> Iterator[Flaw]:
    yield from flaws
    flaws.clear()


def _record(piece: Piece, told: Told) -> Records:
    fields = fields_of(piece, told)
    if fields is None:
        return
    if piece.name == "thread":
        yield _thread(fields)
    else:
        yield _post(fields, piece, told)


def _thread(fields: Fields) -> ThreadRecord:
    return ThreadRecord(
        id=fields.get("@id", ""),
        url=fields.get("link", ""),
        identifier=fields.get("id", ""),
        title=fields.get("title", ""),
        is_closed=read_flag(fields.get("isClosed")) is True,
        is_deleted=read_flag(fields.get("isDeleted")) is True,
    )


def _post(fields: Fields, piece: Piece, told: Told) -> CommentRecord:
    written_at = read_time(fields.get("createdAt"))
    if written_at is None:
        told(Flaw(piece.place(), "a post has no time that can be read; dated as the one before."))
    return CommentRecord(
        # A post without a number of its own may have one of the system it came to Disqus from.
        id=fields.get("@id") or (f"id:{fields['id']}" if fields.get("id") else ""),
        thread_id=fields.get("thread@id", ""),
        parent_id=fields.get("parent@id", ""),
        body=fields.get("message", ""),
        author=_author(fields),
        fate=_fate(fields, piece, told),
        written_at=written_at,
        up=read_count(fields.get("likes")),
        down=read_count(fields.get("dislikes")),
    )


def _author(fields: Fields) -> AuthorRecord:
    # Of somebody who did not sign in, the name of an account is nobody's in particular.
    is_anonymous = read_flag(fields.get("author/isAnonymous")) is True
    return AuthorRecord(
        name=fields.get("author/name") or fields.get("author/username", ""),
        email=fields.get("author/email", ""),
        user_id="" if is_anonymous else fields.get("author/username", ""),
    )


def _fate(fields: Fields, piece: Piece, told: Told) -> Fate:
    deleted, spam = read_flag(fields.get("isDeleted")), read_flag(fields.get("isSpam"))
    approved = read_flag(fields.get("isApproved", "true"))
    if deleted:
        return Fate.DELETED
    if spam:
        return Fate.REJECTED
    if None in (deleted, spam, approved):
        told(Flaw(piece.place(), "isSpam or isDeleted cannot be read; held for a moderator."))
        return Fate.HELD
    return Fate.PUBLISHED if approved else Fate.HELD
