"""Markdown to safe HTML, once, when a comment is written; the only sanitiser there is."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_core.linkify import linkify as link_whole
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.linkify import linkify

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "hr", "li", "ol", "p", "pre", "s",
    "strong", "ul",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto"}
# Where the scheme before "://" can begin: "https" and what tells it from the end of a word.
_BEFORE_COLON = 8
# Brackets among which links are looked for: each may be the beginning of one that ends nowhere, and
# a text of 4,000 took a quarter of a second. Nobody means so many.
_MOST_BRACKETS = 400


def _parser() -> MarkdownIt:
    parser = MarkdownIt(
        "commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": 20}
    )
    parser.enable(["linkify", "strikethrough"])
    # Pictures would make every reader's browser ask a server that the commenter chose; headings
    # would outrank those of the page.
    parser.disable(["image", "heading", "lheading"])
    if parser.linkify is None:  # pragma: no cover - the option above asks for it
        raise RuntimeError("linkify-it-py is not installed")
    # Only addresses written out with their scheme: guessing at host names and e-mail addresses
    # is where the time and the false links are.
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("//", "ftp:", "mailto:"):
        parser.linkify.add(scheme, None)
    parser.core.ruler.at("linkify", _link_whole)
    parser.inline.ruler.at("linkify", _linkify)
    parser.block.ruler.before("paragraph", "end_of_quote", _ends_quote, {"alt": ["blockquote"]})
    return parser


def _ends_quote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line without ">" ends a quotation: what stands there is the answer to it.

    CommonMark would let it run on, and markdown-it reads to the end of the text for that: six
    seconds for 2,000 times "a", newline, ">-".
    """
    return silent


def _link_whole(state: StateCore) -> None:
    """markdown-it's own rule, for texts that can hold an address: looking for the beginnings of
    one in those that cannot took a third of the time of all rendering."""
    if "://" in state.src:
        link_whole(state)


def _linkify(state: StateInline, silent: bool) -> bool:
    """markdown-it's own rule, kept from reading the whole text before it at every "://".

    On 1,111 times "https://[" that took half a second.
    """
    if not state.src.startswith("://", state.pos):
        return False
    pending = state.pending
    if not silent and len(pending) > _BEFORE_COLON:
        state.pending = pending[:-_BEFORE_COLON]
        state.pushPending()
    state.pending = pending[-_BEFORE_COLON:]
    found: bool = linkify(state, silent)
    if silent:
        state.pending = pending
    return found


_PARSER = _parser()
_LINKLESS = _parser().disable("link")


def render(text: str) -> str:
    """The HTML of a comment; only the tags, schemes and attributes listed here can be in it."""
    parser = _PARSER if text.count("[") <= _MOST_BRACKETS else _LINKLESS
    return sanitise(parser.render(text))


# Made once: that takes longer than most comments.
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style"},
    # nh3 keeps `title` everywhere unless it is told otherwise.
    attributes={"*": set(), "a": {"href"}},
    url_schemes=_SCHEMES,
    url_relative="deny",
    link_rel="ugc nofollow noopener noreferrer",
    strip_comments=True,
)


def sanitise(html: str) -> str:
    """Any HTML, reduced to what a comment may hold; links are marked as a user's own."""
    return _CLEANER.clean(html).strip()
