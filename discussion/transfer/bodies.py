"""The body of an imported comment as text (Markdown) and as safe HTML; pure.

Everything goes through the one sanitiser: HTML by itself, Markdown by way of rendering.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from discussion.rendering import render, sanitise
from discussion.transfer.cleaning import clean_text
from discussion.transfer.markdown import from_html
from discussion.transfer.records import Markup


class Body(NamedTuple):
    """What is stored of a comment's words; `is_cleaned` says that unstorable ones were taken out.

    Of a text without any words both are empty.
    """

    text: str
    html: str
    is_cleaned: bool


# Other names of what a comment may hold. What comes out of this is still to be sanitised.
_SYNONYMS = {"b": "strong", "i": "em", "strike": "s", "tt": "code", "div": "p"}
_SYNONYM = re.compile(r"<(/?)(b|i|strike|tt|div|h[12456])(?=[\s>/])", re.IGNORECASE)
# Pictures, and films in frames, would make every reader's browser ask a server that the commenter
# chose; and of a comment that is nothing else no word would be left.
_PICTURE = re.compile(r"<(?:img|iframe|embed|video|audio|source)\b[^<>]*+>", re.IGNORECASE)
_SOURCE = re.compile(
    r"""\bsrc\s{0,9}=\s{0,9}["']?((?:https?:)?//[^\s"'<>]{1,2000})""", re.IGNORECASE
)
# The same in Markdown, and the code in which it stands for itself.
_MARKDOWN_PICTURE = re.compile(
    r"""(?<!\\)!\[([^\[\]]{0,500})\]\(<?(https?://[^\s()<>]{1,2000})>?(?:\s+"[^"]{0,500}")?\)"""
)
_MARKDOWN_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`)", re.DOTALL)
_BLOCK = re.compile(
    r"</?(?:p|blockquote|ul|ol|li|pre|div|h[1-6]|hr|table|tr|td)\b[^<>]*>", re.IGNORECASE
)
# So long and so many: each may be the beginning of one that ends nowhere.
_UNTOUCHED = re.compile(r"(<(pre|code)\b.{0,50000}?</\2>)", re.IGNORECASE | re.DOTALL)
_CODE, _MOST_CODES = re.compile(r"<(?:pre|code)\b", re.IGNORECASE), 200
_LINK = re.compile(r"<a\b[^>]*>.*?</a>", re.IGNORECASE | re.DOTALL)
# Tags that only somebody writes who writes HTML, and signs that only have a meaning in Markdown.
_WRITTEN_IN_HTML = re.compile(r"<(?:p|br|blockquote|ul|ol|pre|a\s+href)\b[^<>]*>", re.IGNORECASE)
_WRITTEN_IN_MARKDOWN = re.compile(r"\*\*|\]\(|`|^(?:[>*+-] |\d+\. | {4}|\t)", re.MULTILINE)


def body_of(markup: Markup, source: str) -> Body:
    """The words of a comment, whole however long they are."""
    text, is_cleaned = clean_text(source)
    if markup is Markup.MARKDOWN or (markup is Markup.MARKDOWN_HTML and not _is_html(text)):
        text = _without_pictures(text)
        return Body(text, render(text), is_cleaned)
    if markup is Markup.HTML_LINES:
        text = _paragraphs(text)
    safe = sanitise(_opened(_renamed(text))) if "<" in text else _as_html(html.unescape(text))
    words = from_html(safe)
    if markup is not Markup.HTML and "://" in _LINK.sub("", safe):
        # There an address is a link without anybody saying so.
        safe = render(words)
    return Body(words, safe if words else "", is_cleaned)


def _opened(text: str) -> str:
    """What does not begin with a block begins with a paragraph, which the next block ends."""
    return text if _BLOCK.match(text) else f"<p>{text}"


def _as_html(text: str) -> str:
    # As the sanitiser writes it, too.
    safe = html.escape(text, quote=False).replace("\xa0", "&nbsp;")
    return f"<p>{safe}</p>"


def _is_html(text: str) -> bool:
    return bool(_WRITTEN_IN_HTML.search(text)) and not _WRITTEN_IN_MARKDOWN.search(text)


def _renamed(text: str) -> str:
    text = _SYNONYM.sub(_synonym, text)
    return _PICTURE.sub(_link_to, text)


def _link_to(tag: re.Match[str]) -> str:
    found = _SOURCE.search(tag[0])
    if found is None:
        return tag[0]
    url = f"https:{found[1]}" if found[1].startswith("//") else found[1]
    return f'<a href="{url}">{url}</a>'


def _without_pictures(text: str) -> str:
    """Markdown with links in the place of pictures; one without a name would have no words."""
    if "![" not in text:
        return text
    parts = _MARKDOWN_CODE.split(text)
    for place in range(0, len(parts), 2):
        parts[place] = _MARKDOWN_PICTURE.sub(
            lambda found: f"[{found[1]}]({found[2]})" if found[1].strip() else f"<{found[2]}>",
            parts[place],
        )
    return "".join(parts)


def _synonym(found: re.Match[str]) -> str:
    name = found[2].lower()
    return f"<{found[1]}{_SYNONYMS.get(name, 'h3')}"


def _paragraphs(text: str) -> str:
    """HTML of text whose blank lines part paragraphs and whose line ends are meant, outside of
    blocks that say so themselves."""
    if "\n" not in text:
        return text
    parts = []
    many = len(_CODE.findall(text)) > _MOST_CODES
    for place, piece in enumerate([text] if many else _UNTOUCHED.split(text)):
        # Of three parts the second is code, as it stands, and the third the name of its element.
        if place % 3 == 1:
            parts.append(piece)
        elif place % 3 == 0:
            parts.append(_with_breaks(piece))
    return "".join(parts)


def _with_breaks(text: str) -> str:
    # A line end beside a block is no break.
    text = re.sub(rf"(?<!\s)\s*+({_BLOCK.pattern})\s*", r"\1", text, flags=re.IGNORECASE)
    text = re.sub(r"(<br\s*/?>)\n", r"\1", text, flags=re.IGNORECASE)
    return re.sub(r"\n\s*\n", "<p>", text).replace("\n", "<br>")
