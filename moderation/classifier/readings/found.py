"""Knows how else a text can be read: as a reader sees it, and with its disguises taken off."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from moderation.classifier.readings.lookalikes import plain_letters, without_marks
from moderation.classifier.readings.parting import parted
from moderation.classifier.readings.seen import Sight, seen
from moderation.classifier.readings.spacing import joined
from moderation.classifier.readings.spelling import (
    in_one_case,
    unmasked,
    unstretched,
    without_signs,
    without_tags,
)
from moderation.classifier.readings.turned import turned_back


class Disguise(enum.StrEnum):
    """A way to keep a word from being recognised."""

    INVISIBLE = "invisible"
    MARKUP = "markup"
    DIRECTION = "direction"
    MARKS = "marks"
    TURNED = "turned"
    LETTERS = "letters"
    SPACED = "spaced"
    SIGNS = "signs"
    MASKED = "masked"
    STRETCHED = "stretched"
    CAPITALS = "capitals"


# In this order: what is put together of single letters may still be spelt with digits.
_TAKEN_OFF: tuple[tuple[Disguise, Callable[[str], str]], ...] = (
    (Disguise.MARKUP, without_tags),
    (Disguise.MARKS, without_marks),
    (Disguise.TURNED, turned_back),
    (Disguise.LETTERS, plain_letters),
    (Disguise.SPACED, joined),
    (Disguise.SIGNS, without_signs),
    (Disguise.MASKED, unmasked),
    (Disguise.STRETCHED, unstretched),
    (Disguise.CAPITALS, in_one_case),
)


@dataclass(frozen=True)
class Readings:
    """How a text can be read. `plain` is what stands there, and mostly all there is; `others` are
    what it says besides, without disguises and links and with its words parted, and `kinds` the
    disguises that were taken off.
    """

    plain: str
    others: tuple[str, ...] = ()
    kinds: tuple[Disguise, ...] = ()


def readings(text: str) -> Readings:
    """The readings of a comment's source: one of an ordinary text, two of one with links or with
    emoji that touch a word, three at most.

    Pure, never raises, and linear in the text's length. Only what looks like a disguise is
    rewritten: other scripts, names, numbers, addresses and abbreviations stay as they are.
    """
    sight = seen(text)
    kinds = _hidden(sight)
    # What is hidden from the eye is not hidden from the model: the source is scored as well. So
    # are the addresses of links: what is dropped here by mistake must not be dropped unread.
    has_source = bool(kinds) or sight.drops_words
    legible = parted(sight.text)
    plain = text if has_source else sight.text
    bare = sight.signs_kept
    for kind, take_off in _TAKEN_OFF:
        before, bare = bare, take_off(bare)
        if bare != before and kind not in kinds:
            kinds.append(kind)
    # What an emoji stood in the middle of is one word again.
    apart = parted(bare)
    bare = joined(apart) if apart != bare else bare
    has_others = has_source or bool(kinds) or legible != sight.text
    found = dict.fromkeys((plain, legible, bare) if has_others else (plain,))
    return Readings(plain, tuple(found)[1:], tuple(kinds))


def _hidden(sight: Sight) -> list[Disguise]:
    found = {
        Disguise.INVISIBLE: sight.has_invisible,
        Disguise.MARKUP: sight.has_markup,
        Disguise.DIRECTION: sight.has_turned_direction,
    }
    return [kind for kind, is_there in found.items() if is_there]
