"""Hostile strings through the door of every format: nothing unsafe is ever stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from tests.discussion.hostile import OWN, UNSTORABLE, unsafe_parts
from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import post, wp_comment, wp_item
from tests.jobs.importing.conftest import Bring, rows

TEXTS = [*OWN, *UNSTORABLE]
NAME = "<b>\u202eEve</b>"


def in_cdata(text: str) -> str:
    """What a careful exporter writes into CDATA."""
    return text.replace("]]>", "]]]]><![CDATA[>").encode("utf-8", "replace").decode()


def disqus(folder: Path) -> Path:
    """As messages of posts."""
    return exports.disqus(
        folder, *(post(str(n), in_cdata(text), name=escape(NAME)) for n, text in enumerate(TEXTS))
    )


def wordpress(folder: Path) -> Path:
    """As contents of comments."""
    made = [wp_comment(str(n), in_cdata(text), author=NAME) for n, text in enumerate(TEXTS)]
    return exports.wordpress(folder, wp_item(*made))


def isso(folder: Path) -> Path:
    """As texts in the database."""
    texts = [text.encode("utf-8", "replace").decode() for text in TEXTS]
    return exports.isso(
        folder, *({"id": n + 1, "text": text, "author": NAME} for n, text in enumerate(texts))
    )


def remark42(folder: Path) -> Path:
    """As Markdown, and as HTML where there is none."""
    user = {"name": NAME, "id": "u"}
    made = [exports.remark(f"{n}m", orig=text, user=user) for n, text in enumerate(TEXTS)]
    made += [exports.remark(f"{n}h", orig="", text=text, user=user) for n, text in enumerate(TEXTS)]
    return exports.remark42(folder, *made)


def commento(folder: Path) -> Path:
    """As Markdown."""
    made = [exports.commento_comment(str(n), markdown=text) for n, text in enumerate(TEXTS)]
    value = {"version": 1, "comments": made, "commenters": []}
    return exports.as_json(folder, value)


def comentario(folder: Path) -> Path:
    """As HTML."""
    made = [
        {"id": str(n), "pageId": "p", "html": text, "isApproved": True, "authorName": NAME,
         "createdTime": "2020-01-02T03:04:05Z"}
        for n, text in enumerate(TEXTS)
    ]  # fmt: skip
    value = {"version": 3, "pages": [{"id": "p", "path": "/x", "title": NAME}], "comments": made}
    return exports.as_json(folder, value)


@pytest.mark.parametrize("write", [disqus, wordpress, isso, remark42, commento, comentario])
def test_nothing_unsafe_is_stored(bring: Bring, tmp_path: Path, write: Callable[[Path], Path]):
    said = bring(write.__name__, write(tmp_path))
    assert said.exit_code in (0, 3), said.output
    assert "(lost)" not in said.output
    stored = rows(tmp_path / "parley.db", "SELECT html, author_name FROM comment")
    assert len(stored) >= len(OWN)
    assert {html: wrong for html, _ in stored if (wrong := unsafe_parts(html))} == {}
    assert not any("\u202e" in name for _, name in stored)
