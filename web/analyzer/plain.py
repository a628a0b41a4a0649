"""The words of a comment as a reader sees them, and where each of them stands in what was sent."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

# Of these not even the text is shown, whatever cleans or draws a comment.
_UNSEEN = frozenset({"script", "style"})
# Between these and what stands around them words do not run together.
_BREAKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption"),
        *("figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
    )
)
_BEGINNING = re.compile("[<&]")
_NAME = re.compile("</?[A-Za-z]")
_TAG = re.compile(r"""</?([A-Za-z][^\s/>]*+)(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_TAG_WITHOUT_QUOTES = re.compile(r"</?([A-Za-z][^\s/>]*+)[^>]*+>")
_CHARACTER = re.compile(
    r"&(?:\#[0-9]{1,8}|\#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});?", re.ASCII
)


@dataclass(frozen=True)
class Plain:
    """A text without marks. `begins` and `ends` say for each of its characters from where to where
    it stands in what was sent; both are empty where the two are the same."""

    text: str
    sent: str
    begins: Sequence[int] = ()
    ends: Sequence[int] = ()

    def place(self, begin: int, end: int) -> tuple[int, int]:
        """Where a stretch of the text, which is not empty, stands in what was sent."""
        if not self.begins:
            return begin, end
        return self.begins[begin], self.ends[end - 1]


class Units:
    """Offsets of one text in UTF-16 code units, as JavaScript counts; from those in characters."""

    def __init__(self, text: str) -> None:
        wide = [1 if char > "\uffff" else 0 for char in text]
        self._before = [0, *accumulate(wide)] if any(wide) else []

    def at(self, offset: int) -> int:
        """The offset in code units."""
        return offset + self._before[offset] if self._before else offset


def plain(sent: str, *, is_html: bool) -> Plain:
    """What a reader sees of a comment.

    Of HTML the tags, comments, scripts and styles are left out, and characters written by name are
    read; what never closes is taken for text, so that no half tag hides words from the model.
    """
    if not is_html:
        return Plain(sent, sent)
    text: list[str] = []
    begins: list[int] = []
    ends: list[int] = []

    def add(piece: str, begin: int, end: int) -> None:
        one_each = len(piece) == end - begin
        text.append(piece)
        begins.extend(range(begin, end) if one_each else [begin] * len(piece))
        ends.extend(range(begin + 1, end + 1) if one_each else [end] * len(piece))

    at, unseen = 0, ""
    for mark in _marks(sent):
        if not unseen and mark.begin > at:
            add(sent[at : mark.begin], at, mark.begin)
        at = mark.end
        if unseen:
            unseen = "" if mark.closes and mark.name == unseen else unseen
        elif sent[mark.begin] == "&":
            add(html.unescape(sent[mark.begin : at]), mark.begin, at)
        elif mark.name in _UNSEEN and not mark.closes:
            # One that is never closed hides nothing.
            unseen = mark.name if f"</{mark.name}" in sent[at:].lower() else ""
        elif mark.name in _BREAKS:
            add("\n", mark.begin, at)
    if not unseen and at < len(sent):
        add(sent[at:], at, len(sent))
    return Plain("".join(text), sent, begins, ends)


@dataclass(frozen=True)
class _Mark:
    """A tag, a comment, a declaration, or a character by name; `name` is that of a tag."""

    begin: int
    end: int
    name: str = ""
    closes: bool = False


def _marks(sent: str) -> Iterator[_Mark]:
    """What is not text, in order; the time that it takes grows with the text and no faster."""
    at, tag = 0, _TAG
    # Beyond these nothing can end any more, and nothing has to be looked for.
    last, last_comment = sent.rfind(">"), sent.rfind("-->")
    while (beginning := _BEGINNING.search(sent, at)) is not None:
        begin = beginning.start()
        at = begin + 1
        if sent[begin] == "&":
            if found := _CHARACTER.match(sent, begin):
                at = found.end()
                yield _Mark(begin, at)
        elif begin > last:
            continue
        elif sent.startswith(("<!", "<?"), begin):
            is_comment = sent.startswith("<!--", begin) and begin + 4 <= last_comment
            at = sent.find("-->", begin + 4) + 3 if is_comment else sent.find(">", begin) + 1
            yield _Mark(begin, at)
        elif _NAME.match(sent, begin):
            found = tag.match(sent, begin)
            if found is None and tag is _TAG:
                # A quotation mark that is never closed; to look on from here again would be slow.
                tag = _TAG_WITHOUT_QUOTES
                found = tag.match(sent, begin)
            if found is not None:
                at = found.end()
                yield _Mark(begin, at, found[1].lower(), sent.startswith("</", begin))
