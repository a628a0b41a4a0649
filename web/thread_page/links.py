"""The addresses of the pages without script, in the language that was asked for."""

from __future__ import annotations

from typing import Any

from flask import url_for

from discussion.reading import Sort
from web.runtime import runtime
from web.thread_page.place import Place

_USUAL = Sort.NEWEST


class Links:
    """Addresses that keep the language, where one was asked for in the address itself."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def page(
        self, place: Place, sort: str = "", cursor: str = "", said: str = "", anchor: str = ""
    ) -> str:
        """An article's discussion."""
        return self._to("show", anchor, **self._of(place), sort=_kept(sort), cursor=cursor,
                        said=said)  # fmt: skip

    def posting(self, place: Place) -> str:
        """Where a new comment is sent."""
        return self._to("post", **self._of(place))

    def preview(self, place: Place, *, reply: int = 0, edit: int = 0) -> str:
        """Where a text is sent to be looked at: a new comment, a reply, or a change of one."""
        return self._to("preview", **self._of(place), reply=reply, edit=edit)

    def branch(
        self, comment_id: int, sort: str = "", cursor: str = "", said: str = "", anchor: str = ""
    ) -> str:
        """One comment with what stands around it."""
        return self._to("branch", anchor, comment_id=comment_id, sort=sort, cursor=cursor,
                        said=said)  # fmt: skip

    def act(self, name: str, comment_id: int, **back: Any) -> str:
        """Where something is done with a comment."""
        return self._to(name, comment_id=comment_id, **back)

    def acknowledge(self, sanction_id: int, place: Place) -> str:
        """Where a warning is acknowledged."""
        return self._to("acknowledge", sanction_id=sanction_id, **self._of(place))

    def _of(self, place: Place) -> dict[str, str]:
        named = {"url": place.url, "page_id": place.page_id}
        # The title is stored once a discussion begins; until then it travels along.
        return named if place.thread_id else {**named, "title": place.title}

    def _to(self, name: str, anchor: str = "", **values: Any) -> str:
        given: dict[str, Any] = {key: value for key, value in values.items() if value}
        lang: dict[str, Any] = {"lang": self._lang} if self._lang else {}
        path = url_for(f"thread_page.{name}", **given, **lang)
        return f"{path}#{anchor}" if anchor else path


def _kept(sort: str) -> str:
    return "" if sort == _USUAL else sort


def outward(path: str) -> str:
    """The full address by which the world reaches a path of this server."""
    return runtime().public_url.rstrip("/") + path
