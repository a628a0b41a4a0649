"""Knows words that were taken apart: spaced out, stopped, written one letter a line."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import accumulate

from moderation.classifier.readings.lexicon import SHORT, SIGNS, is_short_word, lexicon

_LETTER = r"[^\W_]"
# The number of a list's item that is a single letter.
_LISTED = re.compile(rf"(?m)^[ \t]*\d{{1,3}}[.)][ \t]+(?={_LETTER}[ \t]*$)")
# Between two letters that belong together: up to four spaces, stops or signs, no apostrophe.
_ALONE = re.compile(
    rf"(?<!{_LETTER}){_LETTER}(?:(?:(?!['’])[\W_]){{1,4}}{_LETTER}(?!{_LETTER}|['’]{_LETTER})){{1,}}"
)
# As people write them, whatever word the letters make: A.S.S.
_ABBREVIATION = re.compile(r"(?:[A-Z]\.){1,2}[A-Z]")
_ONE_LETTER = re.compile(rf"({_LETTER})")
# The same with digits and signs for letters; then only spaces can part them.
_SIGNS_ALONE = re.compile(r"(?<!\S)\S(?:\s\S(?!\S)){3,}")
_PIECES = re.compile(
    rf"{_LETTER}{{1,12}}(?:[.\-_*~/|+=,:;•·\[\](){{}}<>^\"]{{1,3}}{_LETTER}{{1,12}}){{1,12}}"
)
_STUMPS = re.compile(r"(?<!\S)([a-zA-Z]{2,4}) ([a-zA-Z]{2,6})(?!\S)")
# Signs that two words stand on both sides of.
_SOFT = frozenset("-_/:=,;")
_ENOUGH, _MOSTLY = 0.75, 0.95
_LONG, _ONE_WORD = 4, 14


def joined(text: str) -> str:
    """Words put together again that had their letters parted; text is left as it is where what
    would come out is no word, as in "U.S.A.", "e.g." or "1, 2, 3"."""
    text = _LISTED.sub("", text)
    text = _SIGNS_ALONE.sub(_join_signs, text)
    text, found = _ALONE.sub(_join_run, text), text
    if text != found:
        # Where a long word was taken apart, short ones have been too.
        text = _ALONE.sub(lambda run: _join_run(run, any_length=True), text)
    text = _PIECES.sub(lambda match: _join_pieces(match.group()), text)
    return _STUMPS.sub(_join_stumps, text)


@lru_cache(maxsize=256)
def words_in(letters: str) -> tuple[str, ...]:
    """The words that letters, digits and signs in a row make; none where they make none."""
    words, low = lexicon(), letters.lower()
    if is_short_word(low) or (len(low) > 2 and words.knows(low)):
        return (letters,)
    if not low.isalpha():
        found = words.behind_signs(low) if any(char.isalpha() for char in low) else ""
        return (found,) if found else ()
    found = words.behind_repeats(low)
    if len(found) > 2:
        return (found,)
    split = words.split(low)
    if len(letters) <= _ONE_WORD and not all(map(words.knows, split)):
        return ()
    ends = list(accumulate(map(len, split)))
    return tuple(letters[end - len(part) : end] for part, end in zip(split, ends, strict=True))


def _join_signs(match: re.Match[str]) -> str:
    signs = match.group().split()
    letters = sum(sign.isalpha() for sign in signs)
    if letters < 2 or not any(sign in SIGNS for sign in signs):
        return match.group()
    return " ".join(words_in("".join(signs))) or match.group()


def _join_run(run: re.Match[str], any_length: bool = False) -> str:
    """Single letters put together: wider gaps part words, or else knowing the words."""
    parts = _ONE_LETTER.split(run.group())
    letters, gaps = parts[1::2], parts[2:-1:2]
    if len(letters) < _LONG and not any_length and "".join(letters).lower() not in SHORT:
        return run.group()
    if sum(char.isalpha() for char in letters) < 2:
        return run.group()
    if _ABBREVIATION.fullmatch(run.group()):
        return run.group()
    widths = [_blanks(gap) for gap in gaps]
    usual = Counter(widths).most_common(1)[0][0]
    nearby = zip(widths, [0, *widths], [*widths[1:], 0], strict=False)
    # What parts words is a gap wider than the usual one, or wider than those beside it, or none.
    partings = (
        [width > usual for width in widths],
        [width > before and width > after for width, before, after in nearby],
        [False] * len(gaps),
    )
    read, known = "", 0
    for parting in dict.fromkeys(map(tuple, partings)):
        if known < _MOSTLY * len(letters) and not all(parting):
            read, known = max((read, known), _words_between(letters, gaps, parting), key=_known)
    is_told = known >= _ENOUGH * len(letters) or (known and _has_disguised(read))
    return read if is_told else run.group()


def _known(reading: tuple[str, int]) -> int:
    return reading[1]


def _words_between(
    letters: list[str], gaps: list[str], parting: tuple[bool, ...]
) -> tuple[str, int]:
    """What the letters say when some gaps part words, and how many letters are in words then."""
    chunks: list[str] = [letters[0]]
    inner: list[list[str]] = [[]]
    for gap, letter, parts in zip(gaps, letters[1:], parting, strict=True):
        if parts:
            chunks.append(letter)
            inner.append([])
        else:
            chunks[-1] += letter
            inner[-1].append(gap)
    found = [
        words_in(chunk) or ((chunk,) if _is_one_word(chunk, between) else ())
        for chunk, between in zip(chunks, inner, strict=True)
    ]
    known = sum(len(chunk) for chunk, words in zip(chunks, found, strict=True) if words)
    read = " ".join(" ".join(words) or chunk for chunk, words in zip(chunks, found, strict=True))
    return read, known


def _is_one_word(letters: str, gaps: list[str]) -> bool:
    """Whether letters evenly parted may be a word that is not listed, and no abbreviation."""
    low = letters.lower()
    vowels = sum(char in "aeiouy" for char in low)
    is_even = len(set(gaps)) < 2 or not any(char.isspace() for gap in gaps for char in gap)
    return (
        is_even
        and _LONG <= len(low) <= _ONE_WORD
        and letters[1:].islower()
        and low.isalpha()
        and 4 * vowels >= len(low)
        and list(low) != sorted(low)
    )


def _has_disguised(read: str) -> bool:
    """Whether a word is among these that nobody takes apart for another reason."""
    return any(len(word) >= _LONG and lexicon().disguises(word) for word in read.lower().split())


def _blanks(gap: str) -> int:
    """How wide a gap is: a line's end is wider than any space."""
    return sum(4 if char == "\n" else 1 for char in gap if char.isspace())


@lru_cache(maxsize=4096)
def _join_pieces(found: str) -> str:
    """Pieces of one word, parted by stops or signs; two words remain two ("pen.is")."""
    if _ABBREVIATION.fullmatch(found):
        return found
    words = lexicon()
    pieces = re.findall(_LETTER + "+", found.lower())
    whole = "".join(pieces)
    if not whole.isalpha():
        word = words.behind_signs(whole)
        return word if len(word) > 2 and words.disguises(word) else found
    is_disguised = words.disguises(whole) and len(whole) > 2
    if not is_disguised and not (len(whole) > _LONG and words.knows(whole)):
        return found
    if not is_disguised and not _SOFT.isdisjoint(found):
        return found
    if all(is_short_word(piece) or (len(piece) > 2 and words.knows(piece)) for piece in pieces):
        return found
    return "".join(re.findall(_LETTER, found))


def _join_stumps(match: re.Match[str]) -> str:
    """Two stumps that are no words and together are one: "fu ck"."""
    words = lexicon()
    first, second = match[1].lower(), match[2].lower()
    if words.disguises(first + second) and not any(
        is_short_word(stump) or (len(stump) > 2 and words.knows(stump)) for stump in (first, second)
    ):
        return match[1] + match[2]
    return match.group()
