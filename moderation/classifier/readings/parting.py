"""Knows where words end that no blank ends: at an emoji or another sign, in a long run of letters.

A model's tokenizer parts words at blanks and punctuation. What else touches a word becomes part of
it, and with a single character that its vocabulary lacks, or with more than a hundred letters, the
whole word is an unknown one to it: "Idiot😂" says as little as "😂".
"""

from __future__ import annotations

import re
import unicodedata

from moderation.classifier.readings.lexicon import lexicon

_LATIN = "A-Za-z\u00c0-\u02af\u1e00-\u1eff"
# Neither ASCII nor Latin nor blank nor a combining mark, which belongs to the letter before it.
_STRANGE = rf"[^\x00-\x7f{_LATIN}\u0300-\u036f\s]"
# In words of three letters and more: "kΩ", "x²" and "25°C" are what they are.
# A run is tried from its beginning only: from each of its characters it would take for ever.
_GLUED = re.compile(rf"(?<=[A-Za-z]{{3}}){_STRANGE}+|(?<!{_STRANGE}){_STRANGE}+(?=[A-Za-z]{{3}})")
_LONG_RUN = re.compile(rf"[{_LATIN}]{{26,}}")
# A run that makes no words is read in pieces of this many letters, each beginning amid the last.
_PIECE, _STEP = 40, 30
_FEWEST_WORDS = 3


def parted(text: str) -> str:
    """The text with blanks where its words end; as it is where they end at blanks anyway."""
    if not text.isascii():
        text = _GLUED.sub(_apart, text)
    return _LONG_RUN.sub(_words, text)


def _apart(match: re.Match[str]) -> str:
    """Letters of another script beside the word, and only a blank for signs, numbers in circles
    and what has no meaning; punctuation parts words by itself."""
    glue = match.group()
    kinds = {unicodedata.category(char)[0] for char in glue}
    if kinds == {"P"} or all(map(_is_index, glue)):
        return glue
    return f" {glue} " if "L" in kinds else " "


def _is_index(char: str) -> bool:
    """Whether it is a raised or lowered digit or letter: "CO₂", "m²", but not "™"."""
    is_placed = unicodedata.decomposition(char).startswith(("<super>", "<sub>"))
    return is_placed and len(unicodedata.normalize("NFKC", char)) == 1


def _words(match: re.Match[str]) -> str:
    letters = match.group()
    words = lexicon().split(letters.lower())
    if len(words) >= _FEWEST_WORDS:
        return " ".join(words)
    return " ".join(
        letters[at : at + _PIECE] for at in range(0, max(1, len(letters) - _STEP // 2), _STEP)
    )
