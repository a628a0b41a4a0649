"""Knows what a reader sees of a comment's source: what takes room, in the order of the page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from moderation.classifier.readings import markup

# Characters that take no room: Unicode's default ignorable ones, and control characters.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Letters that invisible characters have no business between. Elsewhere they join emoji, choose
# the form of a Persian letter, or say where a Khmer word ends.
_PLAIN = re.compile(
    "[\x00-\u058f\u10a0-\u10ff\u13a0-\u167f\u1ab0-\u1aff\u1c80-\u1ccf\u1d00-\u2065\u2070-\u20cf"
    "\u2100-\u2138\u2140-\u218f\u2460-\u24ff\u2c00-\u2dff\ua4d0-\ua4ff\ua640-\ua7ff\uab30-\uabbf"
    "\uff00-\uff5e\U00010280-\U000107ff\U0001d400-\U0001d7ff\U0001f110-\U0001f1ff\U0010f000-\U0010f0ff]"
)
_OVERRIDE = "\u202e"
_DIRECTIONS = re.compile("([\u202a-\u202e\u2066-\u2069])")
_OPENS = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
# As deep as the bidirectional algorithm itself goes (UAX 9, BD2).
_DEEPEST = 125
_WRITTEN_LEFTWARDS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


@dataclass(frozen=True)
class Sight:
    """A text as it is seen, and how it hid letters or parted words: by what takes no room, by
    Markdown, by turning the direction of writing. `signs_kept` and `drops_words` are as in
    `markup.Shown`.
    """

    text: str
    signs_kept: str
    has_invisible: bool
    has_markup: bool
    has_turned_direction: bool
    drops_words: bool


def seen(text: str) -> Sight:
    """What a reader sees of a comment's source."""
    written, has_entities = markup.literal(text)
    ordered = _in_display_order(written)
    is_turned = ordered != written and ordered != _DIRECTIONS.sub("", written)
    bare, has_invisible = _without_invisible(ordered)
    shown = markup.shown(bare)
    return Sight(
        shown.text,
        shown.signs_kept,
        has_invisible,
        has_entities or shown.is_inside_word,
        is_turned,
        shown.drops_words,
    )


def _in_display_order(text: str) -> str:
    """Letters that a right-to-left override turns round stand as they are shown."""
    if _OVERRIDE not in text:
        return text
    return "\n".join(
        _line_in_order(line) if _OVERRIDE in line else line for line in text.split("\n")
    )


def _line_in_order(line: str) -> str:
    """One paragraph: an override holds until what pops it, and never beyond the end."""
    open_ones: list[tuple[bool, list[str]]] = [(False, [])]
    too_deep = 0

    def close() -> None:
        is_turned, parts = open_ones.pop()
        inner = "".join(parts)
        outer_is_turned, around = open_ones[-1]
        turns = is_turned != outer_is_turned and 2 * len(_WRITTEN_LEFTWARDS.findall(inner)) < len(
            inner
        )
        around.append(inner[::-1] if turns else inner)

    for part in _DIRECTIONS.split(line):
        if not _DIRECTIONS.fullmatch(part):
            open_ones[-1][1].append(part)
        elif part in _OPENS:
            if len(open_ones) > _DEEPEST:
                too_deep += 1
            else:
                open_ones.append((part == _OVERRIDE, []))
        elif too_deep:
            too_deep -= 1
        elif len(open_ones) > 1:
            close()
    while len(open_ones) > 1:
        close()
    return "".join(open_ones[0][1])


def _without_invisible(text: str) -> tuple[str, bool]:
    """The text without what takes no room, and whether any of it stood inside a word."""
    hides = False
    parts: list[str] = []
    end = 0
    for match in _INVISIBLE.finditer(text):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if (before and not _PLAIN.match(before)) or (after and not _PLAIN.match(after)):
            continue
        hides = hides or (before.isalpha() and after.isalpha())
        parts.append(text[end : match.start()])
        end = match.end()
    return ("".join([*parts, text[end:]]), hides) if parts else (text, False)
