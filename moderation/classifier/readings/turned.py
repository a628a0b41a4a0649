"""Knows how text looks upside down, and turns it back."""

from __future__ import annotations

import re

from moderation.classifier.readings.lexicon import is_short_word, lexicon

# What each sign is when the page is turned by half; no library lists them.
_PAIRS = """
ɐa ɒa qb ɔc pd ǝe əe ɟf ɓg ƃg ᵷg ɥh ᴉi ıi ᵎi !i ɾj ſj ʞk ןl ʅl ꞁl ɯm un dp bq ɹr ʇt nu ʌv ʍw ʎy
∀A ᗺB ꓭB ƆC ↃC ᗡD ◖D ꓷD ƎE ∃E ℲF ᖵF ⅁G פG ᒋJ ⋊K ꓘK ⅂L ˥L ꞀL WM ԀP ΌQ ᴚR ꓤR ⊥T ┴T ꓕT ∩U ՈU
ΛV ꓥV MW ⅄Y ¡! ¿? ˙. ., ,'
"""
_TURNED = {pair[0]: pair[1] for pair in _PAIRS.split() if len(pair) == 2}
_TURNED |= {char: char for char in "oslxzHINOSXZ018-:()"} | {"6": "9", "9": "6", "'": ","}
_TELLING = re.compile("[ɐɒɔǝəɟɓƃᵷɥᴉᵎɾſʞןʅꞁɯɹʇʌʍʎ∀ᗺꓭƆↃᗡꓷƎ∃Ⅎᖵ⅁ᒋ⋊ꓘ⅂˥ꞀԀᴚꓤ⊥┴ꓕ∩ՈΛꓥ⅄]")
_LETTERS = re.compile(r"[^\W\d_]+")
_ENOUGH = 0.4
_TOO_MANY = 3


def turned_back(text: str) -> str:
    """Stretches written upside down, backwards or not, as they read when the page is turned."""
    if not _TELLING.search(text):
        return text
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    pieces = re.split(r"(\s+)", line)
    begin = 0
    while begin < len(pieces):
        end = begin
        while end < len(pieces) and all(map(_can_turn, pieces[end])):
            end += 2
        if end > begin:
            pieces[begin : end - 1] = [_best_reading(pieces[begin : end - 1])] + [""] * (
                end - begin - 2
            )
        begin = end + 2
    return "".join(pieces)


def _best_reading(pieces: list[str]) -> str:
    """Words that can all be turned: as they are, or turned from the first telling one to the last,
    or all of them, whichever is most words."""
    telling = [place for place, piece in enumerate(pieces) if _TELLING.search(piece)]
    whole = "".join(pieces)
    if not telling:
        return whole
    first, last = telling[0], telling[-1] + 1
    before, after = "".join(pieces[:first]), "".join(pieces[last:])
    core = "".join(pieces[first:last])
    readings = [
        _turned(whole)[::-1],
        before + _turned(core)[::-1] + after,
        _turned(whole),
        before + _turned(core) + after,
    ]
    best = max(readings, key=_share_of_words)
    if _share_of_words(best) > max(_ENOUGH, _share_of_words(whole)):
        return best
    # No alphabet has so many of these letters side by side.
    return readings[1] if len(set(_TELLING.findall(core))) > _TOO_MANY else whole


def _can_turn(char: str) -> bool:
    return char in _TURNED or (char.isascii() and not char.isalnum())


def _turned(text: str) -> str:
    return "".join(_TURNED.get(char, char) for char in text)


def _share_of_words(text: str) -> float:
    """The share of the letters, 0 to 1, that are in words."""
    words = lexicon()
    found = _LETTERS.findall(text.lower())
    letters = sum(map(len, found))
    known = sum(
        len(word) for word in found if is_short_word(word) or (len(word) > 2 and words.knows(word))
    )
    return known / letters if letters > 3 or any(map(words.disguises, found)) else 0.0
