"""Discussions as WordPress's export format (WXR 1.0), which WordPress and Disqus both import.

Disqus reads the thread's identifier from an element of its own (help.disqus.com, "Custom XML Import
Format"). There are no addresses of people in it, for none are kept. What its author took back is
left out, and its replies move up to what it answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.transfer.parley.writing import Wanted
from models import Comment, Site, Status, Thread, ThreadState

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:dsq="http://www.disqus.com/"
  xmlns:wp="http://wordpress.org/export/1.0/">
<channel>
<title>{title}</title>
<wp:wxr_version>1.0</wp:wxr_version>
"""
_TAIL = "</channel>\n</rss>\n"
_APPROVED = {
    Status.PUBLISHED: "1",
    Status.HELD: "0",
    Status.UNSCORED: "0",
    Status.REJECTED: "trash",
}
# What no XML 1.0 document may hold (w3.org/TR/xml, "Characters").
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PIECE = 500


def lines(session: Session, wanted: Wanted) -> Iterator[str]:
    """The whole document, in pieces."""
    names = session.scalars(select(Site.name).where(Site.id.in_(wanted.sites)).order_by(Site.id))
    yield _HEAD.format(title=_text(", ".join(names)))
    last = 0
    asked = [Thread.site_id.in_(wanted.sites)]
    if wanted.threads:
        asked.append(Thread.id.in_(wanted.threads))
    while True:
        query = select(Thread).where(*asked, Thread.id > last).order_by(Thread.id).limit(_PIECE)
        threads = session.scalars(query).all()
        if not threads:
            break
        for thread in threads:
            yield from _item(session, wanted, thread)
        last = threads[-1].id
        session.expunge_all()
    yield _TAIL


def _item(session: Session, wanted: Wanted, thread: Thread) -> Iterator[str]:
    is_open = thread.state is ThreadState.OPEN
    yield (
        "<item>\n"
        f"<title>{_text(thread.title or thread.url)}</title>\n"
        f"<link>{_text(thread.url)}</link>\n"
        f"<dsq:thread_identifier>{_text(_identifier(thread))}</dsq:thread_identifier>\n"
        "<content:encoded><![CDATA[]]></content:encoded>\n"
        f"<wp:post_id>{thread.id}</wp:post_id>\n"
        f"<wp:post_date_gmt>{_time(thread.created_at)}</wp:post_date_gmt>\n"
        f"<wp:comment_status>{'open' if is_open else 'closed'}</wp:comment_status>\n"
        "<wp:status>publish</wp:status>\n"
        "<wp:post_type>post</wp:post_type>\n"
    )
    for row, parent in _comments(session, wanted, thread):
        yield _comment(row, parent)
    yield "</item>\n"


def _identifier(thread: Thread) -> str:
    """The page's own id, where it has one; else its address, as Disqus takes it then."""
    kind, _, name = thread.identity.partition(":")
    return name if kind == "id" else thread.url


def _comments(session: Session, wanted: Wanted, thread: Thread) -> Iterator[tuple[Any, int]]:
    """A thread's comments, parents first, each with the number of what it answers; 0 for none."""
    columns = (
        Comment.id, Comment.parent_id, Comment.author_name, Comment.created_at, Comment.html,
        Comment.status,
    )  # fmt: skip
    # Of what is left out: what its replies answer instead.
    instead: dict[int, int] = {}
    written: set[int] = set()
    last = 0
    while True:
        query = select(*columns).where(
            wanted.comments(), Comment.thread_id == thread.id, Comment.id > last
        )
        rows = session.execute(query.order_by(Comment.id).limit(_PIECE)).all()
        if not rows:
            return
        for row in rows:
            parent = row.parent_id or 0
            parent = instead.get(parent, parent if parent in written else 0)
            if row.status is Status.WITHDRAWN:
                instead[row.id] = parent
                continue
            written.add(row.id)
            yield row, parent
        last = rows[-1].id


def _comment(row: Any, parent: int) -> str:
    return (
        "<wp:comment>\n"
        f"<wp:comment_id>{row.id}</wp:comment_id>\n"
        f"<wp:comment_author>{_cdata(row.author_name)}</wp:comment_author>\n"
        "<wp:comment_author_email></wp:comment_author_email>\n"
        "<wp:comment_author_url></wp:comment_author_url>\n"
        "<wp:comment_author_IP></wp:comment_author_IP>\n"
        f"<wp:comment_date>{_time(row.created_at)}</wp:comment_date>\n"
        f"<wp:comment_date_gmt>{_time(row.created_at)}</wp:comment_date_gmt>\n"
        f"<wp:comment_content>{_cdata(row.html)}</wp:comment_content>\n"
        f"<wp:comment_approved>{_APPROVED[row.status]}</wp:comment_approved>\n"
        "<wp:comment_type></wp:comment_type>\n"
        f"<wp:comment_parent>{parent}</wp:comment_parent>\n"
        "</wp:comment>\n"
    )


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("", value))


def _cdata(value: str) -> str:
    """Text as it stands, also where it holds what would end it."""
    return f"<![CDATA[{_FORBIDDEN.sub('', value).replace(']]>', ']]]]><![CDATA[>')}]]>"
