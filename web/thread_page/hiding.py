"""Authors that a reader hides for themselves: in a cookie of its own; the server stores nothing.

It names accounts by the API's numbers, the latest last. Nothing in it needs to be true: whoever
forges it hides something from themselves.
"""

from __future__ import annotations

import re

from flask import Response

from web.thread_page import reader

# So many at most, and the first of them give way: the cookie goes with every request to the server.
MOST = 100
_NAME = "hidden"
# As many digits as the number of a row may have.
_ONE = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_BETWEEN = "."


def authors() -> list[int]:
    """The accounts whose comments the reader of the request does not want to see."""
    parts = reader.cookie(_NAME).split(_BETWEEN, MOST)[:MOST]
    return list(dict.fromkeys(int(part) for part in parts if _ONE.fullmatch(part)))


def hide(response: Response, author_id: int) -> None:
    """Let the answer hide an author, as the latest."""
    _keep(response, [*(one for one in authors() if one != author_id), author_id])


def show(response: Response, author_id: int) -> None:
    """Let the answer show an author again."""
    _keep(response, [one for one in authors() if one != author_id])


def _keep(response: Response, numbers: list[int]) -> None:
    kept = _BETWEEN.join(str(one) for one in numbers[-MOST:])
    reader.keep(response, _NAME, kept, reader.YEAR if kept else 0)
