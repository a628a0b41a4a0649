"""Knows which characters look like plain letters: styled, marked, or of other scripts."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources

from anyascii import anyascii

from moderation.classifier.readings.lexicon import lexicon

# Letters by their looks where neither UTS 39 nor a transliteration gives what is meant by them.
_BY_LOOKS = dict(
    zip(
        "ғҒиИпПлЛяЯшШщЩьЬъЪыЫбБвВзЗцЦжЖчЧгГдДфФэЭюЮєЄ"
        "ηνωΩχμλΛΣΔΠπθΘςξγτφκĸβ"
        "ɯɹʌɥʞɐǝʇʎʍɔɟɾᴉ"
        "اهھہەסוןט١٥٧ߊ߀"
        "卂乃匚ᗪ乇千Ꮆ卄丨ﾌҜㄥ爪几ㄖ卩Ɋ尺丂ㄒㄩᐯ山乂ㄚ乙",
        "fFnNnNnNrRwWwWbBbBbBbBbBeEuUxXyYrRdDoOeEoOeE"
        "nvwwxmlaeannooseytokkb"
        "mrvhkaetywcfji"
        "looooollvlovlo"
        "abcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)
# UTS 39 writes some letters as two that look like them.
_ONE_FOR_TWO = {"rn": "m", "vv": "w"}
# Signs of their own right that happen to have letters in them.
_SIGNS_OF_THEIR_OWN = frozenset("©®™℠ªº°µ№℃℉×€£¥¢¤")
# Alphabets of living languages inside Latin: accents, and what Africa and Azerbaijan write with.
_ORDINARY = re.compile(
    "[a-zA-Z\u00c0-\u017f\u0181\u0186\u018a\u018f\u0190\u0194\u0198\u0199"
    "\u01a0\u01a1\u01af\u01b0\u01b3\u01b4\u01cd-\u01dd\u01e2-\u01f0\u01f4-\u021f\u0226-\u0233\u1e00-\u1ef9"
    "əɛɔɓɗɖɣɩʋʊɨʉ]"
)
_LATIN = re.compile(
    "[\u00c0-\u02af\u1d00-\u1d7f\u1e00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\uab30-\uab6b]"
)
_WORD = re.compile(
    r"[^\s\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f\u2000-\u206f\u3000-\u303f\ufe00-\ufe0f"
    r"\U000e0000-\U000e0fff]+"
)
_ASCII_WORD = re.compile("[a-zA-Z]{2}")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]+")
# Scripts that are written without spaces or whose letters nobody takes for Latin ones: beside
# Latin letters they are no disguise by themselves.
_APART = re.compile(
    "[\u0590-\u109f\u1100-\u139f\u1680-\u1c7f\u2e80-\ua4cf\ua800-\uab2f\uabc0-\ufaff\ufb13-\ufdff"
    "\ufe20-\ufeff\uff61-\uffff\U0001b000-\U0001bfff\U00020000-\U0003ffff]"
)
_STYLED = re.compile(
    "[\u0250-\u02ff\u1d00-\u1dbf\u2070-\u209c\u2100-\u214f\u2160-\u218b\u249c-\u24e9\u2c60-\u2c7f"
    "\ua720-\ua7ff\uab30-\uab6b\ufb00-\ufb06\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7cb"
    "\U0001f110-\U0001f18a]"
)
_GREEK_OR_CYRILLIC = re.compile("[\u0370-\u052f]")
_MARKED = re.compile(
    r"([^\W\d_]?)([\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f"
    r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]+)"
)
_SINGLE_BEFORE = re.compile(r"(?<![^\W_])[^\W_][\W_]{1,3}$")
_SINGLE_AFTER = re.compile(r"[\W_]{1,3}[^\W_](?![^\W_])")
# Marks that no alphabet puts on a letter: strokes through it, lines and pictures around it.
_STRANGE = re.compile(
    "[\u0332-\u033f\u0346-\u0357\u0359-\u036f\u0483-\u0489\u1ab0-\u20f0\ufe20-\ufe2f]"
)
_TONED = frozenset("aeiouyrnmslghAEIOUYRNMSLGH")


def without_marks(text: str) -> str:
    """Combining marks taken off where no language puts them: stacked, or on letters like "d"."""
    return _MARKED.sub(_unmarked, text)


def _unmarked(match: re.Match[str]) -> str:
    base, marks = match.groups()
    if not base:
        before = match.string[match.start() - 1 : match.start()]
        is_heap = before.isascii() and len(marks) > 1 and "\u20e3" not in marks
        return "" if is_heap else match.group()
    if not _ORDINARY.match(base) and not ("\u0370" <= base <= "\u052f"):
        return match.group()
    whole = unicodedata.normalize("NFC", match.group())
    left = whole[1:]
    if not left:
        return match.group()
    if (
        len(left) > 1
        or _STRANGE.search(left)
        or unicodedata.normalize("NFD", base)[0] not in _TONED
    ):
        return base
    return match.group()


@lru_cache(maxsize=1)
def _confusables() -> dict[str, str]:
    """What each character is confused with, by UTS 39: one or two ASCII letters; where there are
    none, a Latin letter that is not of ASCII."""
    file = resources.files("confusable_homoglyphs") / "confusables.json"
    found: dict[str, str] = {}
    for char, alike in json.loads(file.read_text(encoding="utf-8")).items():
        if len(char) == 1 and not char.isascii():
            glyphs = [_folded(one["c"]) for one in alike]
            letters = [one for one in glyphs if len(one) <= 2 and one.isascii() and one.isalpha()]
            if letters:
                same_case = [one for one in letters if one.isupper() == char.isupper()]
                found[char] = min(same_case or letters, key=len)
            else:
                further = [one for one in glyphs if len(one) == 1 and _LATIN.match(one)]
                found.update({char: further[0]} if further else {})
    return found


@lru_cache(maxsize=8192)
def strict_look(char: str) -> str:
    """The ASCII letters that UTS 39 says a character can be taken for; "" for none."""
    look = char if char.isalpha() else ""
    if not char.isascii():
        look = _confusables().get(char, "")
    return look if look.isascii() else ""


@lru_cache(maxsize=8192)
def loose_look(char: str) -> str:
    """The same, or else those that it is a style of, or is meant to stand for in disguise."""
    if char in _SIGNS_OF_THEIR_OWN:
        return ""
    if "\u2e80" <= char < "\ue000" and char not in _BY_LOOKS:
        return strict_look(char)
    style = char
    if unicodedata.decomposition(char):
        style = _folded(unicodedata.normalize("NFKC", char)).strip("()")
    for look in (_BY_LOOKS.get(char, style), strict_look(char), _BY_LOOKS.get(style, "")):
        if len(look) in (1, 2) and look.isascii() and look.isalpha():
            return _ONE_FOR_TWO.get(look, look)
    if _APART.match(char):
        return ""
    other = char if _LATIN.match(char) else _confusables().get(char, char)
    plain = _BY_LOOKS.get(other) or anyascii(other)
    return plain if len(plain) <= 2 and plain.isascii() and plain.isalpha() else ""


def _folded(glyph: str) -> str:
    """A character without its marks and accents."""
    decomposed = unicodedata.normalize("NFD", glyph)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@dataclass
class _Around:
    """What stands around a word that may be disguised."""

    text: str

    @cached_property
    def is_latin(self) -> bool:
        """Whether there are Latin words, and no word of a script that looks like Latin without
        being Latin in disguise."""
        return bool(_ASCII_WORD.search(self.text)) and not any(map(_is_foreign, self._words))

    @cached_property
    def is_accented(self) -> bool:
        """Whether accents are what this language is written with."""
        accented = [word for word in self._words if all(map(_ORDINARY.match, word))]
        return 2 * sum(_accents_off(word) == word for word in accented) >= len(accented)

    @cached_property
    def _words(self) -> list[str]:
        return [word for word in _WORD.findall(self.text) if not word.isascii()]

    def has_single_near(self, start: int, end: int) -> bool:
        """Whether another letter stands by itself on either side of this one."""
        return bool(
            _SINGLE_BEFORE.search(self.text, max(0, start - 6), start)
            or _SINGLE_AFTER.match(self.text, end)
        )


def _is_foreign(word: str) -> bool:
    """Whether a word is wholly in another script, and not only in letters that look Latin."""
    letters = [char for char in word if char.isalpha()]
    if len(letters) < 2 or any(_ORDINARY.match(char) for char in letters):
        return False
    if all(strict_look(char) or _STYLED.match(char) for char in letters):
        return False
    return not lexicon().disguises("".join(map(loose_look, letters)).lower())


def plain_letters(text: str) -> str:
    """Words in disguised letters as the plain letters that they look like; others as they are."""
    if text.isascii():
        return text
    around = _Around(_FLAG.sub(_unflagged, text))
    return _WORD.sub(lambda match: _plain(match, around), around.text)


def _unflagged(match: re.Match[str]) -> str:
    """Regional indicators as letters, unless they are flags: pairs that spell no word."""
    letters = "".join(map(loose_look, match.group())).lower()
    if len(letters) % 2 or (len(letters) > 2 and _spells(letters)):
        return letters
    return match.group()


def _spells(letters: str) -> bool:
    return lexicon().knows(letters) or bool(lexicon().split(letters))


def _plain(match: re.Match[str], around: _Around) -> str:
    word = match.group()
    if word.isascii() or not any(map(loose_look, word)):
        return word
    kinds = [_kind(char) for char in word]
    if set(kinds) <= {"latin", "accented", "digit"}:
        return word if around.is_accented else _accents_off(word)
    latin = kinds.count("latin") + kinds.count("accented")
    shaped, foreign = latin + kinds.count("styled"), kinds.count("foreign")
    read = {"styled"} if shaped + foreign > 1 else set()
    if foreign and (_mixes(word, shaped, foreign) or _stands_for_latin(match, kinds, around)):
        read.add("foreign")
    if 0 < kinds.count("apart") <= shaped or _is_drawn(word, kinds):
        read |= {"apart", "foreign"}
    if not read:
        return word
    looks = [
        (loose_look(char) or char) if kind in read else char
        for char, kind in zip(word, kinds, strict=True)
    ]
    read_so = _spelt("".join(looks))
    if "accented" in kinds and not lexicon().knows(read_so.lower()):
        without = _spelt("".join(loose_look(char) or char for char in read_so))
        return without if lexicon().knows(without.lower()) else read_so
    return read_so


@lru_cache(maxsize=8192)
def _kind(char: str) -> str:
    if char.isascii():
        return "latin" if char.isalpha() else "digit"
    if _ORDINARY.match(char):
        return "accented"
    if not loose_look(char) or _FLAG.match(char):
        return "other"
    if _STYLED.match(char) or not char.isalpha():
        return "styled"
    return "apart" if _APART.match(char) else "foreign"


def _mixes(word: str, latin: int, foreign: int) -> bool:
    """Whether two scripts in one word are more than a unit or a formula, such as "kΩ" or "Δt"."""
    return latin > 0 and (latin + foreign > 2 or not _GREEK_OR_CYRILLIC.search(word))


def _stands_for_latin(match: re.Match[str], kinds: list[str], around: _Around) -> bool:
    """Whether a word wholly of another script is a Latin one by its looks, in a Latin text."""
    word = match.group()
    if set(kinds) - {"foreign", "digit"}:
        return False
    if lexicon().disguises("".join(map(loose_look, word)).lower()):
        return all(map(strict_look, word)) or around.is_latin
    if len(word) == 1:
        return around.is_latin and around.has_single_near(*match.span())
    return around.is_latin and all(map(strict_look, word))


def _is_drawn(word: str, kinds: list[str]) -> bool:
    """Whether Chinese and other characters were put together for what they look like."""
    letters = "".join(_BY_LOOKS.get(char, "") for char in word)
    return len(word) > 2 and len(letters) == len(word) and lexicon().knows(letters.lower())


def _accents_off(word: str) -> str:
    """An accented word plain, where that is one that people disguise."""
    words = lexicon()
    for plain in (_folded(word), "".join(map(loose_look, word)), anyascii(word)):
        if words.disguises(plain.lower()):
            return plain
    return word


def _spelt(word: str) -> str:
    """The word, or the one it is when "l" and "I", which look the same, are told apart."""
    words, low = lexicon(), word.lower()
    if words.knows(low) or not low.isalpha():
        return word
    return words.behind_signs(low) or word
