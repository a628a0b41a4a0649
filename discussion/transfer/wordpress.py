"""WordPress's WXR export (RSS with a vocabulary of its own), versions 1.0 to 1.2.

Source: wp-admin/includes/export.php of WordPress, which writes it, and real exports. The address of
the vocabulary's name is not looked at: it has been http and https.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from discussion.transfer.cleaning import plain
from discussion.transfer.records import (
    AuthorRecord,
    CommentRecord,
    Fate,
    Flaw,
    Markup,
    Records,
    ThreadRecord,
    Told,
)
from discussion.transfer.unpacking import Export
from discussion.transfer.values import read_time
from discussion.transfer.xml_cutting import LARGE, LARGEST_RECORD, TOGETHER, Piece, cut
from discussion.transfer.xml_outline import Outline
from discussion.transfer.xml_records import Fields, all_fields, fields_of

_FATES = {
    "1": Fate.PUBLISHED,
    "approve": Fate.PUBLISHED,
    "approved": Fate.PUBLISHED,
    "0": Fate.HELD,
    "hold": Fate.HELD,
    "spam": Fate.REJECTED,
    "trash": Fate.REJECTED,
    "post-trashed": Fate.REJECTED,
}
# A page that everybody can read, as far as can be told; what is said below another one is held.
# What hangs on a page ("inherit") is as public as that, which this file may not hold.
_PUBLIC = ("publish", "closed")
_COMMENTS = ("", "comment", "review")
_PINGS = ("pingback", "trackback")
# No place on earth is farther from UTC.
_FARTHEST = timedelta(hours=14)


def read(export: Export) -> Records:
    """Every page with comments, and its comments; every flaw where it stands."""
    flaws: list[Flaw] = []
    outline = Outline(flaws.append)
    clock, item, waiting = _Clock(), _Item(0), list[Piece]()
    for piece in cut(export, ("comment",), flaws.append, marks=("item",)):
        outline.look(piece)
        if piece.name == "item":
            yield from _comments(waiting, item, clock, flaws)
            item = _Item(item.number + 1)
        elif piece.name == "comment":
            yield from item.begin(flaws.append)
            waiting.append(piece)
        else:
            item.add(piece)
        if len(waiting) >= TOGETHER or len(piece.data) > LARGE:
            yield from _comments(waiting, item, clock, flaws)
    yield from _comments(waiting, item, clock, flaws)
    outline.end()
    yield from flaws


def _comments(waiting: list[Piece], item: _Item, clock: _Clock, flaws: list[Flaw]) -> Records:
    for piece, fields in zip(waiting, all_fields(waiting, flaws.append), strict=True):
        if fields is not None:
            yield _comment(fields, piece, item, clock, flaws.append)
    waiting.clear()
    yield from flaws
    flaws.clear()


class _Clock:
    """Tells the times of comments, and how far the blog's own time is from UTC."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def read(self, fields: Fields) -> datetime | None:
        """When a comment was written. Old blogs only have their own time of some comments: that is
        as far from UTC as it was for the comment before."""
        at, own = read_time(fields.get("comment_date_gmt")), read_time(fields.get("comment_date"))
        if at is None:
            return None if own is None else own - self._ahead
        if own is not None and abs(own - at) <= _FARTHEST:
            self._ahead = own - at
        return at


class _Item:
    """One page: what stands in it before its first comment tells its address."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.thread_id = f"item {number}"
        self.is_public = True
        self._head: list[Piece] = []
        self._size = 0
        self._is_told = False

    def add(self, piece: Piece) -> None:
        """Some more of what is no comment."""
        if not self._is_told and self._size < LARGEST_RECORD:
            self._head.append(piece)
            self._size += len(piece.data)

    def begin(self, told: Told) -> Iterator[ThreadRecord]:
        """The thread of the page, once."""
        if self._is_told:
            return
        self._is_told = True
        data = b"".join(piece.data for piece in self._head)
        first = self._head[0] if self._head else Piece("", b"", 1, 1)
        self._head.clear()
        whole = Piece("item", b"<item>" + data + b"</item>", first.byte, first.line)
        faults: list[Flaw] = []
        fields = fields_of(whole, faults.append) or {}
        for flaw in faults:
            told(flaw)
        link, number = fields.get("link", ""), fields.get("post_id", "")
        # By its address where it has one: what the numbers of items mean changes with every export.
        self.thread_id = link or (f"post {number}" if number else self.thread_id)
        status = fields.get("status", "").casefold()
        # Programs other than WordPress write no status; a broken head may have lost it.
        is_known = status in _PUBLIC or not (status or faults or "status" in fields)
        self.is_public = is_known and not any(
            value for name, value in fields.items() if name.startswith("post_password")
        )
        yield ThreadRecord(
            id=self.thread_id,
            url=link,
            identifier=fields.get("thread_identifier", ""),
            title=fields.get("title", ""),
            is_closed=fields.get("comment_status", "") == "closed",
        )


def _comment(fields: Fields, piece: Piece, item: _Item, clock: _Clock, told: Told) -> CommentRecord:
    kind = fields.get("comment_type", "")
    written_at = clock.read(fields)
    if written_at is None:
        told(
            Flaw(piece.place(), "a comment has no time that can be read; dated as the one before.")
        )
    if "comment_content" not in fields:
        told(Flaw(piece.place(), "the words of this comment cannot be read", is_lost=True))
    fate, reason = _fate(fields, piece, told), ""
    if fate is Fate.PUBLISHED and not item.is_public:
        fate = Fate.HELD
    if kind not in _COMMENTS:
        fate = Fate.LEFT_OUT
        reason = "pingback or trackback" if kind in _PINGS else f"of the type {kind[:40]}"
    parent = fields.get("comment_parent", "")
    email = fields.get("comment_author_email", "")
    # The first account of one blog is somebody else in another: who has an address goes by that.
    user = "" if email else fields.get("comment_user_id", "")
    return CommentRecord(
        id=fields.get("comment_id", ""),
        thread_id=item.thread_id,
        parent_id="" if parent == "0" else parent,
        body=fields.get("comment_content", ""),
        markup=Markup.HTML_LINES,
        author=AuthorRecord(
            plain(fields.get("comment_author", "")),
            email,
            "" if user == "0" else user,
        ),
        fate=fate,
        reason=reason,
        written_at=written_at,
    )


def _fate(fields: Fields, piece: Piece, told: Told) -> Fate:
    word = fields.get("comment_approved", "")
    if word not in _FATES:
        told(Flaw(piece.place(), f"“{word[:40]}” is no status of a comment; held for a moderator."))
    return _FATES.get(word, Fate.HELD)
