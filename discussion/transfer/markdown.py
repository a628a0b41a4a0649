"""Safe HTML, as the sanitiser leaves it, as Markdown that renders to about the same; pure.

What Markdown has no sign for here loses it and keeps its words: headings become bold lines.
Source of the rules of escaping: CommonMark 0.31.2, sections 2.4, 5 and 6.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from urllib.parse import quote

# Well-formed on purpose: this never sees HTML that did not come out of the sanitiser.
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)\s*/?>')
_HREF = re.compile(r'\bhref="([^"]*)"')
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_SPECIAL = re.compile(r"[\\`*_\[~<&]|://")
_SIGNS = re.compile(
    r"(?P<url>https?://\S+)|(?P<always>[\\`*\[])|(?P<under>(?<![^\W_])_|_(?![^\W_]))"
    r"|(?P<strike>~(?=~)|(?<=~)~)|(?P<tag><(?=[a-zA-Z/!?]))|(?P<entity>&(?=#?\w+;))"
)
# What begins a list, a quotation or a line across at the beginning of a line.
_BLOCK_SIGN = re.compile(r"^(?:([-+>])(?=[-+\s>]|$)|(>)|(\d{1,9})([.)])(?=\s|$))")
_BARE_LINK = re.compile(r"https?://[\w./?=&%#:+,~@;-]*[\w/]")
_PLAIN_TARGET = re.compile(r"[^\s()<>\\]+")
_MARKS = {"strong": "**", "em": "*", "del": "~~", "s": "~~"}
# markdown-it goes no deeper either.
_DEEPEST = 18


@dataclass
class _Frame:
    """An element that is open: what was written in it so far, in blocks and in the line at hand."""

    name: str
    href: str = ""
    blocks: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    items: int = 0

    @property
    def is_line(self) -> bool:
        """Whether it stands within a line, and so can hold no blocks."""
        return self.name in _MARKS or self.name in ("a", "code")

    def flush(self) -> None:
        """End the line at hand."""
        text = _tidy("".join(self.line))
        self.line.clear()
        if text:
            self.blocks.append(text)


def from_html(source: str) -> str:
    """The Markdown of some HTML that `rendering.sanitise` answered."""
    if "<" not in source:
        return _tidy(_escaped(html.unescape(source)))
    return _Writer().write(source)


class _Writer:
    def __init__(self) -> None:
        self._root = _Frame("")
        self._frames = [self._root]
        # All that is open, with its frame if it has one of its own.
        self._open: list[_Frame | None] = []

    def write(self, source: str) -> str:
        """All of it."""
        at = 0
        for tag in _TAG.finditer(source):
            self._text(source[at : tag.start()])
            at = tag.end()
            closing, name, attributes = tag.groups()
            if closing:
                self._end(name)
            else:
                self._begin(name, attributes)
        self._text(source[at:])
        while len(self._frames) > 1:
            self._finish(self._frames.pop())
        self._root.flush()
        return "\n\n".join(self._root.blocks)

    @property
    def _top(self) -> _Frame:
        return self._frames[-1]

    def _is_raw(self) -> bool:
        return any(frame.name in ("pre", "code") for frame in self._frames)

    def _text(self, text: str) -> None:
        if not text:
            return
        text = html.unescape(text) if "&" in text else text
        if self._is_raw():
            self._top.line.append(text)
            return
        text = _escaped(_BLANKS.sub(" ", text))
        if any(frame.name == "a" for frame in self._frames):
            text = text.replace("]", r"\]")
        self._top.line.append(text)

    def _begin(self, name: str, attributes: str) -> None:
        if name == "br":
            self._top.line.append("\n")
        elif name == "hr":
            self._block("---")
        elif name == "p":
            self._part()
            self._open.append(None)
        else:
            self._push(name, attributes)

    def _push(self, name: str, attributes: str) -> None:
        is_line = name in _MARKS or name in ("a", "code")
        in_line = self._top.is_line or self._top.name == "pre"
        # A block in the midst of a line, and a mark in code, have no sign.
        if len(self._frames) > _DEEPEST or (in_line and not is_line) or self._is_raw():
            self._open.append(None)
            return
        if not is_line:
            self._top.flush()
        found = _HREF.search(attributes)
        frame = _Frame(name, html.unescape(found[1]) if found else "")
        self._frames.append(frame)
        self._open.append(frame)

    def _end(self, name: str) -> None:
        frame = self._open.pop() if self._open else None
        if frame is None:
            if name not in _MARKS and name not in ("a", "code"):
                self._part()
        elif frame is self._top:
            self._finish(self._frames.pop())

    def _part(self) -> None:
        if self._top.is_line or self._top.name == "pre":
            self._top.line.append("\n")
        else:
            self._top.flush()

    def _block(self, text: str) -> None:
        self._part()
        if self._top.is_line or self._top.name == "pre":
            self._top.line.append(text)
        else:
            self._top.blocks.append(text)

    def _finish(self, frame: _Frame) -> None:
        name = frame.name
        if name in _MARKS:
            self._top.line.append(_marked("".join(frame.line), _MARKS[name]))
        elif name == "a":
            self._top.line.append(_linked("".join(frame.line), frame.href))
        elif name == "code":
            self._top.line.append(_coded("".join(frame.line)))
        elif name == "pre":
            self._top.blocks.append(_fenced("".join(frame.line)))
        else:
            frame.flush()
            self._close_block(frame)

    def _close_block(self, frame: _Frame) -> None:
        body = "\n\n".join(frame.blocks)
        if not body:
            return
        above = self._top
        if frame.name == "blockquote":
            above.blocks.append(_prefixed(body, "> ", "> "))
        elif frame.name == "h3":
            above.blocks.append("\n\n".join(_marked(block, "**") for block in frame.blocks))
        elif frame.name == "li":
            above.items += 1
            mark = f"{above.items}. " if above.name == "ol" else "- "
            above.blocks.append(_prefixed(body, mark, " " * len(mark)))
        elif frame.name in ("ul", "ol"):
            is_loose = any("\n\n" in block for block in frame.blocks)
            above.blocks.append(("\n\n" if is_loose else "\n").join(frame.blocks))
        else:
            above.blocks.extend(frame.blocks)


def _escaped(text: str) -> str:
    """Plain text whose signs would have a meaning otherwise; addresses stay as they are."""
    if not _SPECIAL.search(text):
        return text
    return _SIGNS.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    if found["url"]:
        return found["url"]
    return "&amp;" if found["entity"] else "\\" + found[0]


def _tidy(text: str) -> str:
    """Lines without outer blanks, of which none begins a block by accident."""
    lines = [_BLOCK_SIGN.sub(_unblocked, line.strip(" \t\r\f")) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _unblocked(found: re.Match[str]) -> str:
    sign, quoted, number, dot = found.groups()
    return f"{number}\\{dot}" if number else f"\\{sign or quoted}"


def _marked(text: str, mark: str) -> str:
    """Emphasis binds to words: blanks at its ends go outside, and no blank line can be in it."""
    inner = re.sub(r"\n{2,}", "\n", text.strip())
    if not inner:
        return text
    before = text[: len(text) - len(text.lstrip())]
    return f"{before}{mark}{inner}{mark}{text[len(text.rstrip()) :]}"


def _linked(text: str, href: str) -> str:
    inner = re.sub(r"\s*\n\s*", " ", text.strip())
    if not href:
        return text
    if inner == href and _BARE_LINK.fullmatch(href):
        return href
    if not _PLAIN_TARGET.fullmatch(href):
        href = f"<{quote(href, safe=_KEPT)}>"
    return f"[{inner or _escaped(href)}]({href})"


_KEPT = "".join(chr(n) for n in range(33, 127) if chr(n) not in '<>\\"')


def _fence(text: str, least: int) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    return "`" * max(longest + 1, least)


def _coded(text: str) -> str:
    inner = _BLANKS.sub(" ", text)
    if not inner.strip():
        return inner
    fence = _fence(inner, 1)
    is_at_edge = inner.startswith("`") or inner.endswith("`")
    return f"{fence} {inner} {fence}" if is_at_edge else f"{fence}{inner}{fence}"


def _fenced(text: str) -> str:
    fence = _fence(text, 3)
    return f"{fence}\n{text.strip(chr(10))}\n{fence}"


def _prefixed(body: str, first: str, others: str) -> str:
    head, *rest = body.split("\n")
    return "\n".join([first + head, *(f"{others}{line}".rstrip() for line in rest)])
