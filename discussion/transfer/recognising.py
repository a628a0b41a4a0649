"""What system an export looks like it comes from, told from its first bytes."""

from __future__ import annotations

import re

SQLITE = b"SQLite format 3\x00"
# How a file begins whose characters have two bytes each, with a mark of that or without.
_WIDE = {
    b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16",
    b"<\0": "utf-16-le", b"{\0": "utf-16-le", b"[\0": "utf-16-le",
    b"\0<": "utf-16-be", b"\0{": "utf-16-be", b"\0[": "utf-16-be",
}  # fmt: skip
_SIGNS: dict[str, tuple[str, ...]] = {
    "wordpress": (r"<rss\b", r"<channel\b", r"wordpress\.org/export", r"<wp:"),
    "disqus": (r"<disqus\b", r"disqus-internals", r"<thread\s[^<>]*dsq:id"),
    "isso": (r'^\s*\[\s*\{.*"comments"\s*:\s*\[',),
    "remark42": (r'"locator"\s*:', r'"pid"\s*:', r'^\s*\{\s*"version"\s*:\s*1\s*,\s*"users"'),
    "commento": (r'"commentHex"\s*:', r'"commenterHex"\s*:', r'"parentHex"\s*:'),
    "comentario": (
        r'"pages"\s*:',
        r'"pageId"\s*:',
        r'"userCreated"\s*:',
        r'"version"\s*:\s*[23]\b',
    ),
}


def wide_encoding(head: bytes) -> str:
    """The name of the encoding with two bytes a character that a file begins in; "" for others."""
    return _WIDE.get(head[:2], "")


def text_of(head: bytes) -> str:
    """The first bytes of a text as text, in whichever encoding of Unicode it is."""
    if wide := wide_encoding(head):
        return head[: len(head) // 2 * 2].decode(wide, "replace")
    return head.decode("utf-8-sig", "replace")


def is_of_parley(head: bytes) -> bool:
    """Whether an export that begins like this is one of Parley's own."""
    return b'"parley-export"' in head


def formats_of(head: bytes) -> list[str]:
    """The systems whose exports begin like this, the likeliest first; none for anything else."""
    if head.startswith(SQLITE):
        return ["isso"]
    text = text_of(head)
    begin = text.lstrip("\ufeff \t\r\n`'\"\x00")[:1]
    is_broken = begin not in ("<", "{", "[")
    found = {
        system: sum(bool(re.search(sign, text, re.DOTALL)) for sign in signs)
        for system, signs in _SIGNS.items()
        if is_broken or (system in ("wordpress", "disqus")) == (begin == "<")
    }
    # Of a file whose first sign is broken the others have to tell for sure.
    least = 2 if is_broken else 1
    likely = sorted((one for one in found if found[one] >= least), key=lambda one: -found[one])
    # `{"version": 1}` and no more is an empty export of several systems.
    if not likely and re.match(r'\s*\{\s*"version"\s*:\s*1\s*[,}]', text):
        return ["commento", "comentario", "remark42"]
    return likely
