"""Which words of a text carry its score: words are left out, and what the score loses is theirs.

Occlusion (Zeiler and Fergus, arXiv:1311.2901, for words as in Li et al., arXiv:1612.08220), in two
views, since each alone errs: what the text loses without a word, and what the word scores where
nothing else is said. Two insults in one text hide each other when one is left out; by themselves
they do not. A word that is rude only in its company shows only when it is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from moderation.classifier.scores import Scores

# Words that are looked at one by one; of longer texts, those in the sentences that score highest.
MOST_WORDS = 60
# What is read again for each of its words: a sentence of so many words, or a few characters more
# than _WIDEST; or a text that is no longer than a long comment of MOST_WORDS words.
_LONGEST_SENTENCE, _WIDEST, _WIDEST_TEXT = 40, 400, 1_000
# Sentences, or stretches of them, that are read in one go to find those that matter, and stretches
# that are then looked into at the least: an insult must not be lost to a few that are ruder.
MOST_SENTENCES = 60
_LOOKED_INTO = 8
# Where nothing else is said, in no language: a bare word is read as a heading or a command, and
# "go" and "your" alone score 0.6.
_BARE = ("- {} -", "... {} ...")
# Chosen on 500 texts of the training half of the Toxic Spans data (benchmarks/explaining.py).
_SHARE_OF_STRONGEST = 0.5
_LEAST = 0.1
_SEPARATORS = re.compile(r"(?<=\w\w)[/,;:!?.…—–\-\"()\[\]]+(?=\w\w)")
# What a link leads to, up to its title or its end; a pair of brackets within is part of it.
_ADDRESS = re.compile(r"(?<=\])\([^\s()]*(?:\([^\s()]*\)[^\s()]*)*(?=\)|\s+[\"'(])")
_WORD_SIGNS = "*@$#_"

Score = Callable[[Sequence[str]], Sequence[Scores]]
_Place = tuple[int, int]


@dataclass(frozen=True)
class Span:
    """A stretch of the text, in code points with the end not included, and its weight.

    The weight is above 0 and up to 1: how much of the score these words carry, compared with those
    that carry most.
    """

    start: int
    end: int
    weight: float


@dataclass(frozen=True)
class _Word:
    """One word and what it is left out of: its sentence, or a short text as a whole."""

    place: _Place
    around: _Place


def explain(score: Score, text: str, labels: Sequence[str]) -> dict[str, tuple[Span, ...]]:
    """Find the words that carry each label's score: at most 4 * MOST_WORDS variants, in one call.

    A longer text takes some calls more, each of at most MOST_SENTENCES texts, to find the sentences
    that matter: one for so many different ones, and three for 2,500.
    Spans are in the order of the text and do not touch; () where no word carries anything. Raises
    what `score` raises.
    """
    words = list(_words(text))
    if not words:
        return dict.fromkeys(labels, ())
    if len(words) > MOST_WORDS or len(text) > _WIDEST_TEXT:
        words = _weightiest(score, text, words, labels)
    else:
        words = [_Word(word.place, (0, len(text))) for word in words]
    asked = list(dict.fromkeys(one for word in words for one in _variants(text, word)))
    known = dict(zip(asked, score(asked), strict=True))
    return {
        label: _spans(text, words, [_weight(text, word, label, known) for word in words])
        for label in labels
    }


def _variants(text: str, word: _Word) -> tuple[str, ...]:
    """What tells a word's weight: its surroundings with and without it, and it without them."""
    bare = _cut(text, word.place)
    return (
        _cut(text, word.around),
        _without(text, word.around, word.place),
        *(form.format(bare) for form in _BARE),
    )


def _weight(text: str, word: _Word, label: str, known: Mapping[str, Scores]) -> float:
    """What is lost without the word, and what it scores by itself: 0 to 2."""
    whole, without, *bare = (known[one].values[label] for one in _variants(text, word))
    return max(0.0, whole - without) + sum(bare) / len(bare)


def _spans(text: str, words: Sequence[_Word], weights: Sequence[float]) -> tuple[Span, ...]:
    """The words that carry a good part of what the strongest carries, neighbours joined."""
    strongest = max(weights)
    found: list[Span] = []
    last = -1
    for number, (word, weight) in enumerate(zip(words, weights, strict=True)):
        if weight < max(_LEAST, _SHARE_OF_STRONGEST * strongest):
            continue
        start, end = word.place
        share = round(weight / strongest, 3)
        if found and last == number - 1 and _cut(text, (found[-1].end, start)).isspace():
            before = found.pop()
            start, share = before.start, max(before.weight, share)
        found.append(Span(start, end, share))
        last = number
    return tuple(found)


def _weightiest(
    score: Score, text: str, words: Sequence[_Word], labels: Sequence[str]
) -> list[_Word]:
    """The words of the sentences that score highest for any label, up to MOST_WORDS of them."""
    of_place: dict[_Place, list[_Word]] = {}
    for word in words:
        of_place.setdefault(word.around, []).append(word)
    sentences: dict[str, list[list[_Word]]] = {}
    for place, inside in of_place.items():
        sentences.setdefault(_cut(text, place), []).append(inside)
    chosen: list[_Word] = []
    for sentence in _highest(score, list(sentences), labels):
        for inside in sentences[sentence]:
            if len(chosen) + len(inside) <= MOST_WORDS:
                chosen += inside
    return sorted(chosen, key=lambda word: word.place)


def _highest(score: Score, sentences: Sequence[str], labels: Sequence[str]) -> list[str]:
    """The sentences that score highest, at most MOST_SENTENCES, the highest first.

    Of more than that, neighbours are read together first, and only those that score highest are
    looked into: a text counts as its worst passage does (windows.py), so a stretch that scores low
    has little to mark, and reading all of the stretches costs no more than the text did.
    """
    while len(sentences) > MOST_SENTENCES:
        size = -(-len(sentences) // MOST_SENTENCES)
        stretches = [sentences[at : at + size] for at in range(0, len(sentences), size)]
        worst = _worst(score, [". ".join(stretch) for stretch in stretches], labels)
        order = sorted(range(len(stretches)), key=lambda number: -worst[number])
        kept = sorted(order[: max(_LOOKED_INTO, MOST_SENTENCES // size)])
        sentences = [sentence for number in kept for sentence in stretches[number]]
    worst = _worst(score, sentences, labels)
    order = sorted(range(len(sentences)), key=lambda number: -worst[number])
    return [sentences[number] for number in order]


def _worst(score: Score, texts: Sequence[str], labels: Sequence[str]) -> list[float]:
    return [max(one.values[label] for label in labels) for one in score(texts)]


def _words(text: str) -> Iterator[_Word]:
    """The words of a text without the punctuation around them, each with its sentence."""
    # Blanks take the place of an address: what it says is not shown, and nothing else may move.
    text = _ADDRESS.sub(lambda address: " " * len(address.group()), text)
    places = _joined([place for chunk in re.finditer(r"\S+", text) for place in _parts(chunk)])
    first = 0
    for number, (_, end) in enumerate(places):
        following = places[number + 1][0] if number + 1 < len(places) else len(text)
        is_last = number + 1 == len(places)
        ends = is_last or re.search(r"[.!?\n]", text[end:following]) is not None
        is_long = number + 1 - first >= _LONGEST_SENTENCE or end - places[first][0] >= _WIDEST
        if ends or is_long:
            sentence = (places[first][0], end)
            for place in places[first : number + 1]:
                yield _Word(place, sentence)
            first = number + 1


def _parts(chunk: re.Match[str]) -> Iterator[_Place]:
    """The words in what stands between two spaces: `stupid,lazy` is two, `(stupid)` is one."""
    begin, whole = chunk.start(), chunk.group()
    at = 0
    for until, following in [
        *((match.start(), match.end()) for match in _SEPARATORS.finditer(whole)),
        (len(whole), len(whole)),
    ]:
        start, end = at, until
        while start < end and not _belongs(whole[start]):
            start += 1
        while start < end and not _belongs(whole[end - 1]):
            end -= 1
        if start < end:
            yield begin + start, begin + end
        at = following


def _belongs(character: str) -> bool:
    """Whether a character can begin or end a word; stars and the like stand for letters."""
    category = unicodedata.category(character)[0]
    return character.isalnum() or character in _WORD_SIGNS or category in "MS"


def _joined(places: Sequence[_Place]) -> list[_Place]:
    """Take three and more single characters in a row for one word: s t u p i d."""
    found: list[_Place] = []
    number = 0
    while number < len(places):
        until = number
        while (
            until < len(places)
            and places[until][1] - places[until][0] == 1
            and (until == number or places[until][0] - places[until - 1][1] <= 2)
        ):
            until += 1
        if until - number >= 3:
            found.append((places[number][0], places[until - 1][1]))
            number = until
        else:
            found.append(places[number])
            number += 1
    return found


def _cut(text: str, place: _Place) -> str:
    return text[place[0] : place[1]]


def _without(text: str, whole: _Place, word: _Place) -> str:
    """The stretch `whole` without one word, and without the gap it would leave."""
    return f"{text[whole[0] : word[0]].rstrip()} {text[word[1] : whole[1]].lstrip()}".strip()
