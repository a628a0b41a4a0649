"""A discussion as search engines read it: schema.org, in JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from discussion.views import CommentView
from web.thread_page.place import Place
from web.thread_page.words import straight

_BLOCKS = {"p", "li", "br", "blockquote", "pre", "ul", "ol", "h3", "hr"}
_BLANKS = re.compile(r"\s+")


class _Text(HTMLParser):
    """The words of rendered HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _BLOCKS:
            self.parts.append(" ")


def plain(html: str) -> str:
    """The words of a rendered comment on one line, without what turns the writing direction."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    return straight(_BLANKS.sub(" ", "".join(reader.parts)).strip())


def posting(
    place: Place, comments: list[CommentView], address: Callable[[int], str], page: str
) -> dict[str, Any]:
    """The article's discussion (schema.org/DiscussionForumPosting) with the comments of one page.

    `address` gives the full address of a comment, `page` is that of the discussion. Comments that
    are not public stand in it as little as on the page.
    """
    return {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "headline": straight(place.heading),
        "url": page,
        "mainEntityOfPage": place.url,
        "datePublished": place.begun.isoformat(),
        "author": {"@type": "Organization", "name": straight(place.site_name)},
        "commentCount": place.count,
        "comment": _comments(comments, address),
    }


def _comments(views: list[CommentView], address: Callable[[int], str]) -> list[dict[str, Any]]:
    return [_comment(view, address) for view in views if not view.is_tombstone or view.replies]


def _comment(view: CommentView, address: Callable[[int], str]) -> dict[str, Any]:
    below = _comments(view.replies, address)
    nested = {"comment": below} if below else {}
    if view.is_tombstone:
        # Only what stands below it is public.
        return {"@type": "Comment", "url": address(view.id), **nested}
    changed = {"dateModified": view.edited_at.isoformat()} if view.edited_at else {}
    return {
        "@type": "Comment",
        "url": address(view.id),
        "author": {"@type": "Person", "name": straight(view.author_name)},
        "dateCreated": view.created_at.isoformat(),
        **changed,
        "text": plain(view.html),
        "upvoteCount": view.up,
        "downvoteCount": view.down,
        **nested,
    }
