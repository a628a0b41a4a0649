"""What a site's own lists of words say of a comment: where they stand in it, however written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from moderation.classifier.readings import readings
from moderation.classifier.readings.lexicon import plain_signs
from moderation.classifier.readings.lookalikes import loose_look
from moderation.signals.facts import Facts, Signal

BANNED, SUSPECT = "banned-words", "suspect-words"
# A moderator needs to see why, not every one of a thousand repetitions.
_MOST_ENTRIES, _MOST_PLACES = 20, 20
_SHORTEST_STEM, _LONGEST_STEM = 3, 60

# In many scripts the vowels are marks on letters, and no letters themselves.
_MARKS = "".join(
    char for char in map(chr, range(0x300, 0x10000)) if unicodedata.category(char)[0] == "M"
)
_TOKEN = re.compile(rf"(?:[^\W_][{_MARKS}]*)+(?:['’](?:[^\W_][{_MARKS}]*)+)*")
# What an entry may have besides words.
_BETWEEN = re.compile(r"[\s'’.,!?-]*")
_FEWEST_LETTERS = 2
_CHUNK = re.compile(r"\S+")
_STRETCHED = re.compile(r"(.)\1{2,}")
_APOSTROPHES = str.maketrans("’", "'")


@dataclass(frozen=True)
class Token:
    """One word in its comparable form, and where it stands in the text."""

    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Found:
    """One entry of a list with the places where it stands, [start, end) in characters; none where
    it only shows once the text's disguises are taken off."""

    entry: str
    places: tuple[tuple[int, int], ...]


class WordList:
    """Words and phrases to look for; the time it takes does not grow with their number.

    Case, accents, punctuation and what stands between the words of a phrase are no difference.
    "idiot*" also finds longer words that begin so. An entry is found behind digits and signs for
    letters, letters of other scripts, letters that are repeated or written one by one, too.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        """Take what has any letter or digit; the rest can never be found and is left out."""
        self._entries: dict[tuple[str, ...], list[str]] = {}
        # By their last word, which may be a stem: how many words the phrases have.
        self._whole: dict[str, set[int]] = {}
        self._stems: dict[str, set[int]] = {}
        for entry in entries:
            words = tuple(token.word for token in tokens(entry))
            if not words:
                continue
            is_stem = entry.rstrip().endswith("*") and len(words[-1]) >= _SHORTEST_STEM
            ends = self._stems if is_stem else self._whole
            ends.setdefault(words[-1], set()).add(len(words))
            self._entries.setdefault((*words, "*" if is_stem else ""), []).append(entry.strip())
        self._shortest = min(map(len, self._stems), default=0)

    def find(self, text: str) -> list[Found]:
        """Every entry in the text, in the order of their first places; those that only a reading
        without disguises shows come last. Linear in the text's length."""
        places: dict[str, list[tuple[int, int]]] = {}
        for stream in (tokens(text), *_disguised(text)):
            for entry, place in self._in(list(stream)):
                known = places.setdefault(entry, [])
                if place not in known and len(known) < _MOST_PLACES:
                    known.append(place)
        for other in readings(text).others:
            for entry, _ in self._in(list(tokens(other))):
                places.setdefault(entry, [])
        found = [Found(entry, tuple(sorted(known))) for entry, known in places.items()]
        return sorted(found, key=lambda one: one.places[:1] or ((len(text), 0),))

    def _in(self, words: Sequence[Token]) -> Iterator[tuple[str, tuple[int, int]]]:
        for at, token in enumerate(words):
            for end, length, mark in self._ending_in(token.word):
                begin = at - length + 1
                if begin < 0:
                    continue
                key = (*(one.word for one in words[begin:at]), end, mark)
                for entry in self._entries.get(key, ()):
                    yield entry, (words[begin].start, token.end)

    def _ending_in(self, word: str) -> Iterator[tuple[str, int, str]]:
        """Which last words of phrases a word is, with the lengths of these phrases."""
        for length in self._whole.get(word, ()):
            yield word, length, ""
        if self._stems:
            for size in range(self._shortest, min(len(word), _LONGEST_STEM) + 1):
                for length in self._stems.get(word[:size], ()):
                    yield word[:size], length, "*"


def is_findable(entry: str) -> bool:
    """Whether enough of an entry is left when its signs are: "c++" would be found in every "c"."""
    words = [match.group() for match in _TOKEN.finditer(entry)]
    letters = sum(char.isalnum() for word in words for char in word)
    if any(char > "\u2e80" for word in words for char in word):
        return letters >= 1
    rest = _TOKEN.sub("", entry.strip().removesuffix("*"))
    has_signs = not _BETWEEN.fullmatch(rest)
    return letters >= _FEWEST_LETTERS + has_signs


def tokens(text: str) -> Iterator[Token]:
    """The words of a text as they are compared: without case, accents and width."""
    for match in _TOKEN.finditer(text):
        yield Token(_comparable(match.group()), match.start(), match.end())


def _comparable(word: str) -> str:
    if word.isascii():
        return word.lower()
    split = unicodedata.normalize("NFKD", word.translate(_APOSTROPHES).casefold())
    return "".join(char for char in split if not "\u0300" <= char <= "\u036f")


def _disguised(text: str) -> Iterator[Iterator[Token]]:
    """The words again as a reader makes them out, with the places that they have in the text."""
    chunks = [(match.group(), match.start(), match.end()) for match in _CHUNK.finditer(text)]
    yield _respelt(chunks)
    yield _spelt_out(text)


def _respelt(chunks: Sequence[tuple[str, int, int]]) -> Iterator[Token]:
    """Words with what signs, digits, other scripts and repeated letters stand for."""
    for chunk, start, end in chunks:
        core = chunk.strip("\"'.,;:!?()[]{}“”‘’«»…")
        letters = sum(char.isalpha() for char in core)
        if not letters:
            continue
        read = "".join(loose_look(char) or char for char in core)
        drawn = plain_signs(read.lower())
        plain = _comparable("".join(char for char in drawn if char.isalnum()))
        begin = start + chunk.find(core)
        for length in (1, 2):
            word = _STRETCHED.sub(lambda run: run.group(1) * length, plain)  # noqa: B023
            if word != core.lower():
                yield Token(word, begin, min(end, begin + len(core)))


def _spelt_out(text: str) -> Iterator[Token]:
    """Runs of three letters and more that stand one by one, each as one word."""
    run: list[Token] = []
    for token in (*tokens(text), None):
        if token is not None and len(token.word) == 1:
            run.append(token)
            continue
        if len(run) >= _SHORTEST_STEM:
            yield Token("".join(one.word for one in run), run[0].start, run[-1].end)
        run = []


@lru_cache(maxsize=64)
def compiled(entries: tuple[str, ...]) -> WordList:
    """The list of these entries, made once for as long as a site keeps it."""
    return WordList(entries)


def banned_words(facts: Facts) -> list[Signal]:
    """Each entry of the site's list of banned words that is in the text, with its places."""
    return _listed(facts, BANNED, facts.banned_words)


def suspect_words(facts: Facts) -> list[Signal]:
    """The same for the words that a site wants a person to look at."""
    return _listed(facts, SUSPECT, facts.suspect_words)


def _listed(facts: Facts, kind: str, entries: tuple[str, ...]) -> list[Signal]:
    if not entries:
        return []
    rule = facts.rule(kind)
    return [
        Signal(
            kind,
            rule.advice,
            one.entry[:100],
            float(max(1, len(one.places))),
            1.0,
            {"places": [list(place) for place in one.places]},
        )
        for one in compiled(entries).find(facts.text)[:_MOST_ENTRIES]
    ]
