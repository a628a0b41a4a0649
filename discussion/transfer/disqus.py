"""Disqus's XML export: threads, and posts whose messages are HTML.

Source: the schemas disqus.xsd and disqus-internals.xsd that the exports name, and real exports.
"""

from __future__ import annotations

from discussion.transfer.records import (
    AuthorRecord,
    CommentRecord,
    Fate,
    Flaw,
    Records,
    ThreadRecord,
    Told,
)
from discussion.transfer.unpacking import Export
from discussion.transfer.values import read_count, read_flag, read_time
from discussion.transfer.xml_cutting import LARGE, TOGETHER, Piece, cut
from discussion.transfer.xml_outline import Outline
from discussion.transfer.xml_records import Fields, all_fields

_RECORDS = ("thread", "post")


def read(export: Export) -> Records:
    """Every thread and post of an export, and every flaw of it where it stands."""
    flaws: list[Flaw] = []
    outline = Outline(flaws.append)
    waiting: list[Piece] = []
    for piece in cut(export, _RECORDS, flaws.append):
        outline.look(piece)
        if piece.name:
            waiting.append(piece)
        if len(waiting) >= TOGETHER or len(piece.data) > LARGE:
            yield from _records(waiting, flaws)
    yield from _records(waiting, flaws)
    outline.end()
    yield from flaws


def _records(waiting: list[Piece], flaws: list[Flaw]) -> Records:
    for piece, fields in zip(waiting, all_fields(waiting, flaws.append), strict=True):
        if fields is not None and piece.name == "thread":
            yield _thread(fields)
        elif fields is not None:
            yield _post(fields, piece, flaws.append)
    waiting.clear()
    yield from flaws
    flaws.clear()


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
    fate = _fate(fields, piece, told)
    if "message" not in fields and fate is not Fate.DELETED:
        told(Flaw(piece.place(), "the words of this post cannot be read", is_lost=True))
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
        fate=fate,
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
