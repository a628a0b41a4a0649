"""The addresses of the pages without script, in the language that was asked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import url_for

from discussion.reading import Sort
from web.runtime import runtime
from web.thread_page.place import Place

_USUAL = Sort.NEWEST


class Links:
    """Addresses that keep what was asked for in the address itself: the language, and the
    article's points."""

    def __init__(self, lang: str = "", *, shows_points: bool = False) -> None:
        self._carried = {"lang": lang, "points": "1" if shows_points else ""}
        self.shows_points = shows_points
        # One comment has half a dozen addresses, and a page up to two hundred comments.
        self._comments = f"{url_for('thread_page.show')}/comments"

    def page(
        self, place: Place, sort: str = "", cursor: str = "", said: str = "", anchor: str = ""
    ) -> str:
        """An article's discussion."""
        return self._to("show", anchor, **self._of(place), sort=_kept(sort), cursor=cursor,
                        said=said)  # fmt: skip

    def found(self, place: Place, typed: str, cursor: str = "") -> str:
        """What is found in an article's discussion."""
        return self._to("show", **self._of(place), q=typed, cursor=cursor)

    def named(self, place: Place) -> dict[str, str]:
        """What names an article's discussion, for a form that asks and changes nothing."""
        return self._given(self._of(place))

    def posting(self, place: Place) -> str:
        """Where a new comment is sent."""
        return self._to("post", **self._of(place))

    def back(self, url: str, page_id: str) -> str:
        """The discussion of a page that nothing more is known of."""
        return self._to("show", url=url, page_id=page_id)

    def points(self, place: Place, sort: str = "", cursor: str = "") -> str:
        """Where a point for the article is sent."""
        return self._to("points", **self._of(place), sort=_kept(sort), cursor=cursor)

    def preview(self, place: Place, *, reply: int = 0, edit: int = 0) -> str:
        """Where a text is sent to be looked at: a new comment, a reply, or a change of one."""
        return self._to("preview", **self._of(place), reply=reply, edit=edit)

    def branch(
        self, comment_id: int, sort: str = "", cursor: str = "", said: str = "", anchor: str = ""
    ) -> str:
        """One comment with what stands around it."""
        asked = {"sort": sort, "cursor": cursor, "said": said}
        return self._with(f"{self._comments}/{comment_id}", anchor, asked)

    def act(self, name: str, comment_id: int, **back: Any) -> str:
        """Where something is done with a comment: its form, and where that is sent."""
        return self._with(f"{self._comments}/{comment_id}/{name}", "", back)

    def acknowledge(self, sanction_id: int, place: Place) -> str:
        """Where a warning is acknowledged."""
        path = url_for("thread_page.acknowledge", sanction_id=sanction_id)
        return self._with(path, "", self._of(place))

    def _of(self, place: Place) -> dict[str, str]:
        named = {"url": place.url, "page_id": place.page_id}
        # The title is stored once a discussion begins; until then it travels along.
        return named if place.thread_id else {**named, "title": place.title}

    def _to(self, name: str, anchor: str = "", **values: Any) -> str:
        return self._with(url_for(f"thread_page.{name}"), anchor, values)

    def _with(self, path: str, anchor: str, asked: dict[str, Any]) -> str:
        given = self._given(asked)
        query = f"?{urlencode(given)}" if given else ""
        return f"{path}{query}" + (f"#{anchor}" if anchor else "")

    def _given(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in {**asked, **self._carried}.items() if value}


def _kept(sort: str) -> str:
    return "" if sort == _USUAL else sort


def outward(path: str) -> str:
    """The full address by which the world reaches a path of this server."""
    return runtime().public_url.rstrip("/") + path
