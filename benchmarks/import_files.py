"""Knows how to write large exports of Disqus and Remark42, alike at every run, for a load test."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from web.demo import discussion

ORIGIN = "https://load.example"
_BEGAN = datetime(2015, 1, 1, tzinfo=UTC)
_THREAD = 100  # comments to a thread, on the average
_ANSWERS = 0.6  # the share of comments that answer another one
_PEOPLE = 5  # comments to a person
_LINKED, _MARKED, _DELETED = 0.06, 0.08, 0.01  # shares


@dataclass(frozen=True)
class _Comment:
    id: int
    thread: int
    parent: int
    person: int
    paragraphs: list[str]
    link: str
    is_marked: bool
    is_deleted: bool
    at: datetime
    up: int
    down: int


def _comments(count: int, seed: int) -> Iterator[_Comment]:
    """As many as asked, in the order of their times, as a site that has several pages at a time."""
    chance = random.Random(seed)
    sentences = [
        sentence
        for record in discussion()["comments"]
        for sentence in record["text"].replace("\n", " ").split(". ")
    ]
    threads, recent = max(1, count // _THREAD), dict[int, list[int]]()
    for number in range(1, count + 1):
        # Comments come for a while on a page, and then on the next ones.
        newest = number * threads // count
        thread = max(0, newest - int(chance.expovariate(1 / 8)))
        before = recent.setdefault(thread, [])
        parent = chance.choice(before) if before and chance.random() < _ANSWERS else 0
        before.append(number)
        del before[:-20]
        texts = [
            ". ".join(chance.choices(sentences, k=chance.randint(1, 4)))
            for _ in range(1 if chance.random() < 0.7 else 2)
        ]
        yield _Comment(
            number, thread, parent, chance.randrange(max(1, count // _PEOPLE)), texts,
            f"https://elsewhere.example/{number}" if chance.random() < _LINKED else "",
            chance.random() < _MARKED, chance.random() < _DELETED,
            _BEGAN + timedelta(seconds=61 * number), int(chance.expovariate(0.5)),
            int(chance.expovariate(2)),
        )  # fmt: skip


def disqus(path: Path, count: int, seed: int = 7) -> None:
    """An export of Disqus with so many posts."""
    with path.open("w", encoding="utf-8") as out:
        out.write(
            '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com"'
            ' xmlns:dsq="http://disqus.com/disqus-internals">\n'
        )
        for thread in range(max(1, count // _THREAD) + 1):
            out.write(
                f'<thread dsq:id="{thread}"><id /><forum>load</forum>'
                f"<link>{ORIGIN}/story/{thread}</link><title>Story {thread}</title><message />"
                "<createdAt>2015-01-01T00:00:00Z</createdAt><isClosed>false</isClosed>"
                "<isDeleted>false</isDeleted></thread>\n"
            )
        for one in _comments(count, seed):
            out.write(_post(one))
        out.write("</disqus>\n")


def _post(one: _Comment) -> str:
    paragraphs = [escape(text) for text in one.paragraphs]
    if one.link:
        paragraphs.append(f'<a href="{one.link}" rel="nofollow noopener" title="x">{one.link}</a>')
    if one.is_marked:
        paragraphs[0] = f"<b>{paragraphs[0]}</b>"
    message = "".join(f"<p>{text}</p>" for text in paragraphs)
    parent = f'<parent dsq:id="{one.parent}" />' if one.parent else ""
    return (
        f'<post dsq:id="{one.id}"><id /><message><![CDATA[{message}]]></message>'
        f"<createdAt>{one.at:%Y-%m-%dT%H:%M:%SZ}</createdAt>"
        f"<isDeleted>{str(one.is_deleted).lower()}</isDeleted><isSpam>false</isSpam>"
        f"<author><name>Reader {one.person}</name><isAnonymous>false</isAnonymous>"
        f"<username>reader{one.person}</username></author>"
        f'<thread dsq:id="{one.thread}" />{parent}</post>\n'
    )


def remark42(path: Path, count: int, seed: int = 7) -> None:
    """A backup of Remark42 with so many comments, in Markdown."""
    with path.open("w", encoding="utf-8") as out:
        out.write('{"version":1,"users":[],"posts":[]}\n')
        for one in _comments(count, seed):
            out.write(json.dumps(_line(one), ensure_ascii=False) + "\n")


def _line(one: _Comment) -> dict[str, object]:
    paragraphs = list(one.paragraphs)
    if one.is_marked:
        paragraphs[0] = f"**{paragraphs[0]}**"
    if one.link:
        paragraphs.append(f"[elsewhere]({one.link})")
    source = "\n\n".join(paragraphs)
    votes = {f"user{n}": n < one.up for n in range(one.up + one.down)}
    return {
        "id": f"{one.id:08x}-0000-4000-8000-000000000000",
        "pid": f"{one.parent:08x}-0000-4000-8000-000000000000" if one.parent else "",
        "text": f"<p>{escape(source)}</p>\n", "orig": source,
        "user": {"name": f"Reader {one.person}", "id": f"github_{one.person}", "picture": "",
                 "ip": "293ec5b0cf154855258824ec7fac5dc63d176915", "admin": False},
        "locator": {"site": "load", "url": f"{ORIGIN}/story/{one.thread}"},
        "score": one.up - one.down, "votes": votes, "time": one.at.isoformat(),
        "title": f"Story {one.thread}", "delete": one.is_deleted,
    }  # fmt: skip
