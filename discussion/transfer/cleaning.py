"""What texts and names of other systems have to lose before they can be stored."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

NAMELESS = "Anonymous"
# Control characters and halves of pairs, which no database takes; tabs and line ends stay.
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_PLAIN_LETTER = re.compile("[!-~]")
_LINE_ENDS = re.compile("\r\n|\r|\x85")
# Overrides of the writing direction would let a name run over what stands beside it.
_NOT_IN_NAMES = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str) -> tuple[str, bool]:
    """A text that can be stored, without outer blanks, and whether anything else was taken out."""
    if text.isascii() and text.isprintable():
        return text.strip(), False
    text = _LINE_ENDS.sub("\n", text)
    cleaned, count = _UNSTORABLE.subn("", text)
    return cleaned.strip(), bool(count)


# Whoever writes one comment writes more, soon.
@lru_cache(maxsize=4_096)
def clean_name(name: str, limit: int) -> tuple[str, bool]:
    """A name as plain text on one line, NAMELESS for none, and whether it was cut to the limit."""
    if not (name.isascii() and name.isprintable()):
        name = _NOT_IN_NAMES.sub("", re.sub(r"[\r\n\t\x85\u2028\u2029]", " ", name))
    name = " ".join(name.split())
    if not (_PLAIN_LETTER.search(name) or any(_is_visible(char) for char in name)):
        return NAMELESS, False
    return name[:limit].rstrip(), len(name) > limit


def _is_visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CZM"


def plain(text: str) -> str:
    """Plain text of what a source keeps with the entities of HTML in it."""
    return html.unescape(text) if "&" in text else text
