"""Knows words spelt to get past a filter: digits for letters, stars, repeats, jumping capitals."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from moderation.classifier.readings.lexicon import is_short_word, lexicon, plain_signs

# Neither may give back what it took: "<!---->" a thousand times over would take for ever.
_TAG = r"(?><!--(?:(?!-->).){0,200}-->|</?[a-zA-Z][a-zA-Z0-9]{0,10}(?:\s[^<>&|;]{0,100})?/?>|</?>)"
_TAGS = re.compile(_TAG, re.DOTALL)
_INNER_TAG = re.compile(rf"[^\W_]{_TAG}{{1,9}}+[^\W_]", re.DOTALL)

# One letter drawn with several signs.
_DRAWN = {
    "|\\/|": "m", "/\\/\\": "m", "\\/\\/": "w", "|\\|": "n", "|-|": "h", "|_|": "u", "(_)": "u",
    "(_|": "u", "/\\": "a", "\\/": "v", "|<": "k", "|{": "k", "|)": "d", "()": "o", "[]": "o",
    "/\\/": "n", "[)": "d", "|]": "d", "|3": "b", "|2": "r", "|>": "p", "|*": "p", "|=": "f",
    "><": "x", "}{": "h", "/-\\": "a",
}  # fmt: skip
_DRAWING = re.compile("|".join(map(re.escape, sorted(_DRAWN, key=len, reverse=True))))
_TOKEN = re.compile(r"(?:(?!\.\.)[^\s'’]){2,40}")
_SIGN = re.compile(r"[0-9@$!|+#(<{\[\\%^€£¢¥§¡†°]")
_LETTER = re.compile("[a-zA-Z]")
_SOUNDS = re.compile("ph|[vz]", re.IGNORECASE)
# Addresses, tags, hashes: their digits and signs are their own.
_ADDRESS = re.compile(
    r"://|^www\.|^#\w|\w@\w[\w-]*\.\w|\.(?:com|org|net|html?|php|pdf)\b|^[0-9a-fA-F-]{8,}$"
)
_STOPS, _BRACKETS_AFTER, _BRACKETS_BEFORE = '"“”.,;:!?…', '"“”)]}>*_~-.,;:!?…', '"“”([{<*_~-'
# Units, ordinals, products, roads: "10km", "iPhone15", "COVID-19", "A55", "G4S".
_NUMBERED = re.compile(r"[A-Za-z]+-?\d+|\d[\d.,:/x×-]*[A-Za-z]{1,4}|[A-Z0-9+&-]{1,3}")
_ENDS_IN_SIGNS = re.compile(r"[A-Za-z]{2,}(?:\d{2,}|\$+)")
_INNER_SIGN = re.compile(r"[a-z][^a-z\s]+[a-z]")
_LONE_ONE = re.compile(r"(?<!\S)1(?= [a-z])")
_OFTEN, _VERY_OFTEN = 1_000, 300

_MASKED = re.compile(r"(?<![\w*#])[a-zA-Z][a-zA-Z*#%@$?!_.•-]{2,15}")
_MASK = re.compile(r"[*#%@$?!_.•-]")
_GENTLE_MASKS = frozenset("_.!?-")
_GENTLY_MASKED = re.compile(r"[a-zA-Z]+[_.!?-]+[a-zA-Z]+")
_SINGLE_WORD = re.compile(r"(?<![^\W_])[a-zA-Z]{3,}(?![^\W_])")
_TWICE = re.compile(r"([a-z])\1", re.IGNORECASE)
_THRICE = re.compile(r"([a-z])\1\1", re.IGNORECASE)
_REPEATS = re.compile(r"([a-z])\1+")
_LONGEST_RUN_OF_WORDS = 60
_ROMAN = re.compile("[ivxlcm]+", re.IGNORECASE)
_JUMP = re.compile("[a-z][A-Z]")


def without_tags(text: str) -> str:
    """The text without HTML tags and comments, where one of them stands inside a word."""
    return _TAGS.sub("", text) if "<" in text and _INNER_TAG.search(text) else text


def without_signs(text: str) -> str:
    """Words in which digits and signs stand for letters, or a "z" for an "s", with their letters.

    Where one such word is found beyond doubt, doubtful ones are read so too.
    """
    if not _SIGN.search(text) and not _SOUNDS.search(text):
        return text
    read = _TOKEN.sub(lambda match: _unsigned(match.group(), False), text)
    if read == text:
        return text
    return _TOKEN.sub(lambda match: _unsigned(match.group(), True), _LONE_ONE.sub("I", read))


@lru_cache(maxsize=4096)
def _unsigned(token: str, may_guess: bool) -> str:
    if _ADDRESS.search(token):
        return token
    bare = token.rstrip(_BRACKETS_AFTER)
    trimmed = bare.lstrip(_BRACKETS_BEFORE)
    respelt = _respelt(trimmed) if trimmed.isalpha() else trimmed
    if respelt != trimmed or not _SIGN.search(token):
        return token.replace(trimmed, respelt, 1) if trimmed else token
    if not _LETTER.search(token) and (token.isdigit() or (len(token) < 4 and not may_guess)):
        return token
    for core in dict.fromkeys((token.rstrip(_STOPS), trimmed, bare)):
        word = _behind(core, may_guess)
        if word:
            return token.replace(core, word, 1)
    return token


def _respelt(token: str) -> str:
    """A word with letters that sound or look like its own: "phuck", "azz", "cvnt"."""
    words, low = lexicon(), token.lower()
    # A capitalised one may be somebody's name: Dr Azz.
    if not _SOUNDS.search(low) or words.knows(low) or token.istitle():
        return token
    by_sound = low.replace("ph", "f").replace("vv", "w").replace("z", "s")
    spellings = (by_sound, by_sound.replace("v", "u"))
    return next((word for word in spellings if words.disguises(word)), token)


def _behind(core: str, may_guess: bool) -> str:
    """The word that signs in a token stand for; "" where it is none, or doubtful."""
    words, low = lexicon(), core.lower()
    drawn = _DRAWING.sub(lambda match: _DRAWN[match.group()], low)
    sounded = drawn.replace("ph", "f").replace("vv", "w")
    for form in dict.fromkeys((drawn, low, sounded, _THRICE.sub(r"\1", drawn))):
        word = words.behind_signs(form) if _SIGN.search(form) or form != low else ""
        if word and (_is_certain(core, form, word) or (may_guess and _is_likely(core, word))):
            return word
    plain = plain_signs(drawn)
    is_stem = _SIGN.search(drawn) and _hides_stem(drawn, plain)
    if plain.isalpha() and (is_stem or _is_full_of_signs(core, drawn, may_guess)):
        return plain
    return ""


def _is_certain(core: str, form: str, word: str) -> bool:
    if lexicon().disguises(word):
        is_number = core.isupper() and len(core) < 4 and _NUMBERED.fullmatch(core)
        return len(word) > 2 and not is_number
    if _ENDS_IN_SIGNS.fullmatch(core) and len(word) > 3 + core[-1].isdigit():
        return True
    letters = len(_LETTER.findall(form))
    if len(word) == 3 and core.islower() and lexicon().ranks[word] < _VERY_OFTEN:
        return bool(_INNER_SIGN.fullmatch(form))
    return (
        len(word) > 3
        and not _NUMBERED.fullmatch(core)
        and bool(_INNER_SIGN.search(form))
        and 2 * letters >= len(form)
    )


def _is_likely(core: str, word: str) -> bool:
    if len(word) < 3 and not is_short_word(word):
        return False
    words = lexicon()
    is_often = words.ranks[word] < _OFTEN or words.disguises(word)
    return is_often or not _NUMBERED.fullmatch(core)


def _is_full_of_signs(core: str, drawn: str, may_guess: bool) -> bool:
    """Whether a word that is not listed has more signs in it than one would put into a name."""
    if len(drawn) < 4 or not _INNER_SIGN.search(drawn) or _NUMBERED.fullmatch(core):
        return False
    signs = len(_SIGN.findall(core))
    return may_guess or (signs > 2 and core.islower() and 5 * signs >= 2 * len(drawn))


def _hides_stem(drawn: str, plain: str) -> bool:
    """Whether a disguised word is part of the token, and a sign part of that word."""
    stems = lexicon().stems_in(plain)
    return any(plain[begin:end] != drawn[begin:end] for begin, end in stems)


def unmasked(text: str) -> str:
    """Words whose letters were starred out, with the letters: "f*ck", "sh--", "b****"."""
    if not _MASK.search(text):
        return text
    return _MASKED.sub(lambda match: _without_mask(match.group()), text)


@lru_cache(maxsize=4096)
def _without_mask(found: str) -> str:
    token = found.rstrip("-.!?_")
    masks = set(_MASK.findall(token))
    if not masks or not _may_be_masked(token, masks):
        return found
    word = lexicon().behind_mask(_MASK.sub(".", token.lower()))
    return word + found[len(token) :] if word else found


def _may_be_masked(token: str, masks: set[str]) -> bool:
    """Whether enough of a word is left, and what covers the rest is not ordinary punctuation."""
    visible = sum(char.isalpha() for char in token)
    if masks <= _GENTLE_MASKS:
        return len(token) > 3 and visible > 1 and bool(_GENTLY_MASKED.fullmatch(token))
    if token[-1].isalpha():
        return len(token) > 2 and visible > 1
    covered = len(token) - visible
    return len(token) > 2 and (covered > 2 or (visible < 3 and covered > 1))


def unstretched(text: str) -> str:
    """Words whose letters were repeated, with as many as they have."""
    if not _TWICE.search(text):
        return text
    return _SINGLE_WORD.sub(lambda match: _unstretched(match.group()), text)


@lru_cache(maxsize=4096)
def _unstretched(word: str) -> str:
    words, low = lexicon(), word.lower()
    if words.knows(low) or not _TWICE.search(low) or _ROMAN.fullmatch(low) or len(set(low)) < 2:
        return word
    is_thrice = bool(_THRICE.search(low))
    found = words.behind_repeats(low)
    if len(found) < 3 and not is_short_word(found):
        once = _REPEATS.sub(r"\1", low)
        parts = words.split(once) if len(once) < _LONGEST_RUN_OF_WORDS else []
        is_split = parts and min(map(len, parts)) > 2
        found = " ".join(parts) if is_split else once if len(set(once)) > 3 else ""
        is_certain = is_thrice
    else:
        is_certain = is_thrice or (words.disguises(found) and len(_TWICE.findall(low)) > 1)
    if not found or not is_certain:
        return word
    return found.upper() if word.isupper() else found


def in_one_case(text: str) -> str:
    """Words whose capitals jump ("iDiOt"), without capitals; names like "JavaScript" stay."""
    if not _JUMP.search(text):
        return text
    return _SINGLE_WORD.sub(lambda match: _in_one_case(match.group()), text)


def _in_one_case(word: str) -> str:
    jumps = sum(a.isupper() != b.isupper() for a, b in pairwise(word))
    low, words = word.lower(), lexicon()
    enough = jumps > 2 if words.disguises(low) else jumps > 3 and len(low) > 5
    return low if enough and words.knows(low) else word
