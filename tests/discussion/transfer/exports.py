"""Small exports of each system, written here, and ways to read them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from discussion.transfer.formats import READERS
from discussion.transfer.opening import open_parts
from discussion.transfer.records import CommentRecord, Flaw, Record, ThreadRecord
from tests.conftest import skip_loudly

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "imports"


def shared(name: str) -> Path:
    """A real export of the collection beside the checkout."""
    path = SHARED / name
    if not path.exists():
        skip_loudly("the collection of exports beside the checkout")
    return path


def read(system: str, path: Path) -> list[Record]:
    """All that a format's reader makes of a file, and what is wrong with its packing."""
    records: list[Record] = []
    with open_parts(path) as parts:
        for export in parts:
            records += [*READERS[system](export), *export.flaws]
    return records


def comments(records: list[Record]) -> dict[str, CommentRecord]:
    """The comments among some records, by their numbers."""
    return {one.id: one for one in records if isinstance(one, CommentRecord)}


def threads(records: list[Record]) -> list[ThreadRecord]:
    """The threads among some records."""
    return [one for one in records if isinstance(one, ThreadRecord)]


def flaws(records: list[Record]) -> list[Flaw]:
    """The flaws among some records."""
    return [one for one in records if isinstance(one, Flaw)]


DISQUS_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<disqus xmlns="http://disqus.com"'
    ' xmlns:dsq="http://disqus.com/disqus-internals">\n'
)
DISQUS_THREAD = (
    '<thread dsq:id="t1"><id/><link>https://news.example/story</link><title>A story</title>'
    "<isClosed>false</isClosed><isDeleted>false</isDeleted></thread>\n"
)


def post(
    number: str,
    message: str = "<p>Hello.</p>",
    *,
    parent: str = "",
    thread: str = "t1",
    name: str = "Ann",
    more: str = "",
    at: str = "2020-01-02T03:04:05Z",
    flags: str = "<isDeleted>false</isDeleted><isSpam>false</isSpam>",
) -> str:
    """A post of Disqus; `message` is put into CDATA."""
    above = f'<parent dsq:id="{parent}"/>' if parent else ""
    return (
        f'<post dsq:id="{number}"><id/><message><![CDATA[{message}]]></message>'
        f"<createdAt>{at}</createdAt>{flags}<author><name>{name}</name>{more}"
        f'<isAnonymous>false</isAnonymous></author><thread dsq:id="{thread}"/>{above}</post>\n'
    )


def disqus(folder: Path, *posts: str, head: str = DISQUS_HEAD + DISQUS_THREAD) -> Path:
    """An export of Disqus with one thread and these posts."""
    path = folder / "disqus.xml"
    path.write_text(head + "".join(posts) + "</disqus>\n", encoding="utf-8")
    return path


def wp_comment(number: str, content: str = "Hello.", **fields: str) -> str:
    """A comment of WordPress; `fields` without their prefix."""
    values = {
        "id": number, "author": "Ann", "author_email": "ann@mail.example",
        "date_gmt": "2020-01-02 03:04:05", "content": content, "approved": "1", "type": "",
        "parent": "0",
    } | fields  # fmt: skip
    inner = "".join(
        f"<wp:comment_{name}><![CDATA[{value}]]></wp:comment_{name}>"
        for name, value in values.items()
    )
    return f"<wp:comment>{inner}</wp:comment>\n"


def wordpress(folder: Path, *items: str, name: str = "http://wordpress.org/export/1.2/") -> Path:
    """An export of WordPress with these items."""
    path = folder / "wordpress.xml"
    path.write_text(
        f'<?xml version="1.0"?>\n<rss xmlns:wp="{name}"><channel><title>x</title>'
        + "".join(items) + "</channel></rss>\n", encoding="utf-8",
    )  # fmt: skip
    return path


def wp_item(*inner: str, link: str = "https://news.example/story", status: str = "open") -> str:
    """A page of WordPress with its comments."""
    return (
        f"<item><title>A story</title><link>{link}</link>"
        f"<wp:comment_status>{status}</wp:comment_status>{''.join(inner)}</item>\n"
    )


def remark(number: str, **fields: Any) -> dict[str, Any]:
    """A comment of Remark42."""
    return {
        "id": number, "pid": "", "text": "<p>Hello.</p>", "orig": "Hello.",
        "user": {"name": "Ann", "id": "github_1"},
        "locator": {"site": "x", "url": "https://news.example/story"},
        "score": 0, "votes": {}, "time": "2020-01-02T03:04:05.123456789+01:00",
    } | fields  # fmt: skip


def remark42(folder: Path, *lines: dict[str, Any], head: dict[str, Any] | None = None) -> Path:
    """A backup of Remark42."""
    path = folder / "remark42.jsonl"
    first = {"version": 1, "users": [], "posts": []} if head is None else head
    path.write_text("".join(json.dumps(one) + "\n" for one in (first, *lines)), encoding="utf-8")
    return path


def commento_comment(number: str, **fields: Any) -> dict[str, Any]:
    """A comment of Commento."""
    return {
        "commentHex": number, "domain": "news.example", "url": "/story",
        "commenterHex": "anonymous", "markdown": "Hello.", "parentHex": "root", "score": 0,
        "state": "approved", "creationDate": "2020-01-02T03:04:05Z", "deleted": False,
    } | fields  # fmt: skip


def as_json(folder: Path, value: Any, name: str = "export.json") -> Path:
    """A file of JSON."""
    path = folder / name
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")
    return path


def isso(folder: Path, *rows: dict[str, Any], columns: str = "") -> Path:
    """A database of Isso with one page and these comments."""
    path = folder / "isso.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE threads (id INTEGER PRIMARY KEY, uri TEXT, title TEXT)")
        made.execute("INSERT INTO threads VALUES (1, '/story', 'A story')")
        made.execute(
            "CREATE TABLE comments (tid, id INTEGER PRIMARY KEY, parent, created, modified, mode,"
            f" remote_addr, text, author, email, website, likes, dislikes, voters{columns})"
        )
        for row in rows:
            whole = {"tid": 1, "mode": 1, "created": 1577934245.25, "text": "Hello."} | row
            names = ", ".join(whole)
            marks = ", ".join("?" * len(whole))
            made.execute(f"INSERT INTO comments ({names}) VALUES ({marks})", tuple(whole.values()))
    return path


def many(count: int) -> list[str]:
    """Posts in several threads, most of which answer another one."""
    return [
        post(str(n), f"<p>Post {n}.</p>", parent=str(n - 7) if n % 3 and n > 7 else "",
             thread=f"t{n % 7}", name=f"Reader {n % 50}")
        for n in range(1, count + 1)
    ]  # fmt: skip
