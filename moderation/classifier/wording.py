"""Knows which words of a comment in Markdown its author wrote, and in which scripts; no languages.

Links' addresses, code, quotations and mentions say nothing of the author. But where they are nearly
all of a comment they are what others get to read, and a `>` must let nobody past a check.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

# What stands for a language by its script alone, ISO 15924, and the language where there is one.
SCRIPTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "LATIN": ("Latn", ""),
        "CYRILLIC": ("Cyrl", ""),
        "CJK": ("Hani", "zh"),
        "HIRAGANA": ("Jpan", "ja"),
        "KATAKANA": ("Jpan", "ja"),
        "KATAKANA-HIRAGANA": ("Jpan", "ja"),
        "HANGUL": ("Kore", "ko"),
        "ARABIC": ("Arab", ""),
        "HEBREW": ("Hebr", "he"),
        "GREEK": ("Grek", "el"),
        "DEVANAGARI": ("Deva", "hi"),
        "BENGALI": ("Beng", "bn"),
        "TAMIL": ("Taml", "ta"),
        "TELUGU": ("Telu", "te"),
        "GUJARATI": ("Gujr", "gu"),
        "GURMUKHI": ("Guru", "pa"),
        "THAI": ("Thai", "th"),
        "GEORGIAN": ("Geor", "ka"),
        "ARMENIAN": ("Armn", "hy"),
        "ETHIOPIC": ("Ethi", "am"),
    }
)
LATIN, OTHER = "Latn", "Zzzz"
# Scripts of which two letters are a word; they say twice as much with each letter as others do.
_DENSE = ("Hani", "Jpan", "Kore")

# The part of a text, and the letters, that another script than Latin needs beside a larger one to
# be more than names and a quotation. In the 76,660 comments of benchmarks/languages.py those come
# to 21 % of the letters; what comes to 28 % is bilingual. A name or three have 25 letters.
_PART, _LEAST_LETTERS = 0.25, 30
# Different words, and letters in them, that say something by themselves; and the share of all
# letters that they need to answer for what is quoted as well: two words are no reply to a page.
_LEAST_OWN, _OWN_SHARE = (2, 10), 0.15

_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`]*`")
_QUOTE = re.compile(r"^ {0,3}>.*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ADDRESS = re.compile(r"(?i)://|\w@|^www\.|\.(?:com|org|net|info|edu|gov|html?|co\.uk)\b")
# Before a name or a topic.
_SIGNS = ("#", "@")
_ENDS = "\"'.,;:!?()[]{}*_~|-–—…“”‘’„«»¿¡=+/&<>\\、。，！？；：「」『』（）"
_BETWEEN = re.compile(r"[.,;:!?()\[\]{}*_~|–—…“”„«»¿¡=+/&<>\\、。，！？；：「」『』（）\"]+")
# They choose between the picture and the sign of an emoji.
_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True)
class Part:
    """A part of a text that says something by itself: a script (ISO 15924), and in their order the
    words that have letters of it; there may be none that is certainly a word."""

    script: str
    words: tuple[str, ...]


def parts(text: str) -> tuple[Part, ...]:
    """What the author of a comment wrote, by scripts, the largest first, and then what is quoted
    if that is nearly all; () for too little. The whole text is looked at, however long."""
    text = _plain(text)
    own, every = _own_tokens(text), _every_token(text)
    words, letters = _words(own), _letters(own)
    scripts = _scripts(letters)
    found: tuple[Part, ...] = ()
    if scripts[:1] not in ([], [LATIN]) or is_enough(words, _LEAST_OWN):
        found = _parts(words, scripts)
    if own == every and found:
        return found
    of_all = _letters(every)
    if not found or letters.total() < _OWN_SHARE * of_all.total():
        found += _parts(_words(every), _scripts(of_all))
    return found


def is_enough(words: Iterable[str], needed: tuple[int, int]) -> bool:
    """Whether there are so many different words, and so many letters in them."""
    different = {word.lower() for word in words}
    return len(different) >= needed[0] and sum(map(len, different)) >= needed[1]


def _plain(text: str) -> str:
    """The text in ordinary letters, without what nobody sees, and with a gap for each picture."""
    typed = html.unescape(text)
    text = unicodedata.normalize("NFKC", typed)
    if len(text) > 2 * len(typed):
        # One character can stand for eighteen, and time is short; two tell the script as well.
        short = {ord(char): unicodedata.normalize("NFKC", char)[:2] for char in set(typed)}
        text = typed.translate(short)
    changed: dict[int, str] = {}
    for char in set(text):
        kind = unicodedata.category(char)
        if kind == "Cf" or ord(char) in _SELECTORS:
            changed[ord(char)] = ""
        elif kind in ("So", "Sk") and not char.isascii():
            changed[ord(char)] = " "
    return text.translate(changed)


def _own_tokens(text: str) -> list[str]:
    """What stands outside of quotations, code and tags and is no address."""
    for mark in (_FENCE, _CODE, _QUOTE, _TAG):
        text = mark.sub(" ", text)
    return [token for token in _LINK.sub(r"\1", text).split() if not _ADDRESS.search(token)]


def _every_token(text: str) -> list[str]:
    """All that is there, without the marks. Words can be written like addresses; those that lead
    somewhere are mostly ASCII."""
    tokens = _LINK.sub(r"\1", text).replace("`", " ").split()
    return [token for token in tokens if not (token.isascii() and _ADDRESS.search(token))]


def _words(tokens: Sequence[str]) -> list[str]:
    """What is certainly a word: letters alone and whole. Names and topics are none, unless hardly
    anything else is there."""
    stripped = [token.strip(_ENDS).replace("’", "'") for token in tokens]
    own = [token for token in stripped if not token.startswith(_SIGNS)]
    has_names = len(own) < len(stripped)
    if has_names and _letters(own).total() < _OWN_SHARE * _letters(stripped).total():
        own = [token.lstrip("".join(_SIGNS)) for token in stripped]
    return [part for token in own for part in _BETWEEN.split(token) if _is_word(part)]


def _parts(words: Sequence[str], scripts: Iterable[str]) -> tuple[Part, ...]:
    """The words that have letters of each script."""
    found = []
    for script in scripts:
        own = {script, "Hani"} if script == "Jpan" else {script}
        of_it = (word for word in words if not own.isdisjoint(map(_script_of, word)))
        found.append(Part(script, tuple(of_it)))
    return tuple(found)


def _is_word(part: str) -> bool:
    bare = part.replace("'", "").replace("-", "")
    if not bare.isalpha():
        kinds = [unicodedata.category(char)[0] for char in bare]
        if not set(kinds) <= {"L", "M"}:
            return False
        bare = "".join(char for char, kind in zip(bare, kinds, strict=True) if kind == "L")
    # A letter alone is what is left of s.p.e.l.l.i.n.g.
    return len(bare) > 1 or (len(bare) == 1 and _script_of(bare) in _DENSE)


def _letters(tokens: Iterable[str]) -> Counter[str]:
    """How much is written in each script, in letters; those of a dense script count for two."""
    found: Counter[str] = Counter()
    for char, times in Counter("".join(tokens)).items():
        if char.isalpha():
            script = _script_of(char)
            found[script] += times * (2 if script in _DENSE else 1)
    if "Jpan" in found:
        # Japanese writes its nouns in Chinese characters.
        found["Jpan"] += found.pop("Hani", 0)
    return found


def _scripts(letters: Counter[str]) -> list[str]:
    """The script of most letters and, where they are a good part, the largest of the others; [] for
    too little of it. Latin is no such other: names and borrowed words bring it in everywhere."""
    # Of two that are even the one that fewer models read.
    main = max(letters, key=lambda script: (letters[script], script != LATIN), default="")
    if letters[main] < (4 if main in _DENSE else 3):
        return []
    others = Counter({one: n for one, n in letters.items() if one not in (main, LATIN)})
    if others.total() < max(_LEAST_LETTERS, _PART * letters.total()):
        return [main]
    return [main, max(others, key=others.__getitem__)]


@cache
def _script_of(char: str) -> str:
    named = unicodedata.name(char, "").split(" ")[0]
    return SCRIPTS.get(named, (OTHER, ""))[0]
