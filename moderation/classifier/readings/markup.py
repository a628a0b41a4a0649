"""Knows what is left of Markdown when it is shown: words without the signs around and in them."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# What has been said to be literal stands aside in this plane while signs are looked for.
_ASIDE = 0x10F000
_FROM_ENTITY = 128
_BROUGHT_BACK = {_ASIDE + code: chr(code % _FROM_ENTITY) for code in range(2 * _FROM_ENTITY)}
# Signs that letters are drawn with ("\\/" is a v): their backslash is kept for who looks for that.
_DRAWN_WITH = {_ASIDE + ord(char): f"\\{char}" for char in "/|()_<"}
_LITERAL = re.compile(r"\\([!-/:-@\[-`{-~])|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{2,31});")
_LINK = re.compile(
    r"\[([^\[\]\n]{0,200})\](?:\(\s{0,9}(?:<[^<>\n]{0,300}>|[^\s()<>]{0,300})"
    r"(?:\s{1,9}(?:\"[^\"]{0,300}\"|'[^']{0,300}'|\([^()]{0,300}\)))?\s{0,9}\)|\[([^\[\]\n]{0,200})\])?"
)
_DEFINITION = re.compile(
    r"^ {0,3}\[([^\[\]\n]{1,200})\]:[ \t]{0,9}<?[^\s<>]{1,500}>?"
    r"(?:[ \t]{1,9}(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|\([^()\n]{0,300}\)))?[ \t]{0,9}$\n?",
    re.MULTILINE,
)
_BACKTICKS = re.compile("`+")
_EMPHASIS = re.compile(r"\*+|_+|~~|\n[ \t]*\n")
_SIGNS = re.compile(r"[*_~`\[]")


@dataclass(frozen=True)
class Shown:
    """Markdown as it is shown, whether it stood inside a word, and whether words went with it.

    `signs_kept` is the same with the signs that stand inside words: "f*ck" and "sh*t" in one line
    are emphasis by the letter, and something else to everybody who reads them.
    """

    text: str
    signs_kept: str
    is_inside_word: bool = False
    drops_words: bool = False


def literal(text: str) -> tuple[str, bool]:
    """Escapes and entities as the characters that they stand for, and whether one was a letter.

    Signs among them are put aside, lest they be taken for Markdown; `shown` brings them back.
    """
    has_letters = False

    def character(match: re.Match[str]) -> str:
        nonlocal has_letters
        char = match[1] or html.unescape(match.group())
        has_letters = has_letters or (not match[1] and char.isalpha() and char.isascii())
        is_sign = len(char) == 1 and " " < char < "\x7f" and not char.isalnum()
        return chr(_ASIDE + ord(char) + (0 if match[1] else _FROM_ENTITY)) if is_sign else char

    if "\\" not in text and "&" not in text:
        return text, False
    return _LITERAL.sub(character, text), has_letters


def shown(text: str) -> Shown:
    """What is shown of `literal` text, near enough to be read by a model.

    Linear in the text's length whatever it is, which a parser is not.
    """
    if not _SIGNS.search(text):
        whole = text.translate(_BROUGHT_BACK)
        return Shown(whole, text.translate(_BROUGHT_BACK | _DRAWN_WITH))
    unlinked, by_links = _without_links(text)
    code = _code_signs(unlinked)
    by_code = any(_parts_word(unlinked, *pair) for pair in zip(code[::2], code[1::2], strict=True))
    unquoted, _ = _without(unlinked, code, keep_inner=False)
    signs = _emphasis_signs(unquoted)
    smooth, by_emphasis = _without(unquoted, signs, keep_inner=False)
    signs_kept, _ = _without(unquoted, signs, keep_inner=True)
    return Shown(
        smooth.translate(_BROUGHT_BACK),
        signs_kept.translate(_BROUGHT_BACK | _DRAWN_WITH),
        by_links or by_code or by_emphasis,
        drops_words=unlinked != text,
    )


def _without_links(text: str) -> tuple[str, bool]:
    """Links as their words alone, and whether one was part of a word."""
    labels: set[str] = set()
    hides = False

    def definition(match: re.Match[str]) -> str:
        labels.add(match[1].casefold())
        return ""

    def link(match: re.Match[str]) -> str:
        nonlocal hides
        points = match.group().endswith(")")
        if not points and (match[2] or match[1]).casefold() not in labels:
            return match.group()
        hides = hides or _is_inside_word(match.string, match.start(), match.end())
        return match[1]

    if "[" not in text:
        return text, False
    return _LINK.sub(link, _DEFINITION.sub(definition, text)), hides


def _code_signs(text: str) -> list[tuple[int, int]]:
    """Where the backticks stand that open and close code: runs pair with the next equal one."""
    runs = [match.span() for match in _BACKTICKS.finditer(text)]
    following: dict[int, int] = {}
    partner: list[int | None] = [None] * len(runs)
    for place in range(len(runs) - 1, -1, -1):
        size = runs[place][1] - runs[place][0]
        partner[place] = following.get(size)
        following[size] = place
    signs: list[tuple[int, int]] = []
    place = 0
    while place < len(runs):
        closing = partner[place]
        if closing is None:
            place += 1
        else:
            signs += [runs[place], runs[closing]]
            place = closing + 1
    return signs


def _parts_word(text: str, opening: tuple[int, int], closing: tuple[int, int]) -> bool:
    """Whether a pair of signs and what is between them stand inside one word."""
    start, end = opening[0], closing[1]
    return (
        text[start - 1 : start].isalpha()
        and text[end : end + 1].isalpha()
        and text[opening[1] : closing[0]].isalpha()
    )


def _emphasis_signs(text: str) -> list[tuple[int, int]]:
    """Where the signs stand that open and close emphasis, roughly as CommonMark pairs them."""
    open_ones: dict[str, list[tuple[int, int]]] = {}
    signs: list[tuple[int, int]] = []
    for match in _EMPHASIS.finditer(text):
        sign, (start, end) = match.group()[0], match.span()
        if sign == "\n":
            open_ones.clear()
            continue
        can_open, can_close = _flanks(text, start, end)
        waiting = open_ones.setdefault(sign, [])
        while can_close and waiting and start < end:
            opened, until = waiting.pop()
            size = min(until - opened, end - start)
            signs += [(until - size, until), (start, start + size)]
            start += size
            if opened < until - size:
                waiting.append((opened, until - size))
        if can_open and start < end:
            waiting.append((start, end))
    return sorted(signs)


def _flanks(text: str, start: int, end: int) -> tuple[bool, bool]:
    """Whether a run of signs can open and close emphasis (CommonMark 0.31, section 6.2)."""
    before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
    loose_before = before.isspace() or _is_punctuation(before)
    loose_after = after.isspace() or _is_punctuation(after)
    left = not after.isspace() and (not _is_punctuation(after) or loose_before)
    right = not before.isspace() and (not _is_punctuation(before) or loose_after)
    if text[start] != "_":
        return left, right
    return (
        left and (not right or _is_punctuation(before)),
        right and (not left or _is_punctuation(after)),
    )


@lru_cache(maxsize=1024)
def _is_punctuation(char: str) -> bool:
    return ord(char) >= _ASIDE or unicodedata.category(char)[0] in "PS"


def _is_inside_word(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()


def _without(text: str, signs: list[tuple[int, int]], keep_inner: bool) -> tuple[str, bool]:
    """The text without these signs, and whether one of them parted the letters of a word."""
    hides = False
    parts: list[str] = []
    at = 0
    for start, end in sorted(signs):
        is_inner = text[start - 1 : start].isalpha() and text[end : end + 1].isalpha()
        if is_inner and keep_inner:
            continue
        hides = hides or is_inner
        parts.append(text[at:start])
        at = end
    return "".join([*parts, text[at:]]), hides
