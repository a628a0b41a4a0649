"""The words of the page without script: the widget's own, with the plurals, numbers and dates of
Babel."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import format_decimal
from markupsafe import Markup, escape

_FOLDER = Path(__file__).parents[1] / "embed" / "source" / "lang"
_ENGLISH = "en"
_FILLED = re.compile(r"\{(\w+)\}")
# First strong isolate, pop directional isolate (Unicode, UAX #9).
_ISOLATE, _END = "\u2068", "\u2069"
_TURNS = {"R", "AL", "AN"}
_OVERRIDES = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

Entry = str | dict[str, str]


@cache
def languages() -> tuple[str, ...]:
    """Those that can be spoken, as the names of their files."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))


@cache
def entries(lang: str) -> dict[str, Entry]:
    """All that is said in a language, read once."""
    told = json.loads((_FOLDER / f"{lang}.json").read_text(encoding="utf-8"))
    return {**told["first"], **told["later"]}


def spoken(wanted: Iterable[str]) -> str:
    """The first of the wanted languages that is spoken here: "pt-BR" is understood as "pt"."""
    for tag in wanted:
        lang = tag.lower().replace("_", "-").partition("-")[0]
        if lang in languages():
            return lang
    return _ENGLISH


def isolated(value: str) -> str:
    """Text that cannot turn what stands beside it: its own overrides gone, and set apart."""
    if value.isascii():
        return value
    plain = straight(value)
    turns = any(unicodedata.bidirectional(char) in _TURNS for char in plain)
    return f"{_ISOLATE}{plain}{_END}" if turns else plain


def straight(value: str) -> str:
    """Text without the characters that override its direction."""
    if value.isascii():
        return value
    return "".join(char for char in value if unicodedata.bidirectional(char) not in _OVERRIDES)


class Words:
    """What is said in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._entries = entries(lang)
        self._locale = _locale(lang)
        self.dir = str(self._entries["dir"])

    def knows(self, key: str) -> bool:
        """Whether there is something said by this name."""
        return key in self._entries

    def __call__(self, key: str, n: int = 0, **values: str) -> str:
        """The text of a name, in the form that `n` asks for. Raises KeyError for an unknown one."""
        return _FILLED.sub(lambda found: self._value(found[1], n, values), self._text(key, n))

    def around(self, key: str, **values: Markup) -> Markup:
        """The same with pieces of markup in the places of its values."""
        text = str(escape(self._text(key, 0)))
        return Markup(_FILLED.sub(lambda found: str(values[found[1]]), text))  # noqa: S704

    def _text(self, key: str, n: int) -> str:
        entry = self._entries[key]
        if isinstance(entry, str):
            return entry
        return entry.get(self._locale.plural_form(n), entry["other"])

    def _value(self, name: str, n: int, values: dict[str, str]) -> str:
        return self.number(n) if name == "n" else isolated(values[name])

    def number(self, n: int) -> str:
        """A number as it is written in this language."""
        return _number(self.lang, n)

    def when(self, moment: datetime) -> str:
        """A moment in UTC, to the minute: it stays true on a page that is kept."""
        return _moment(self.lang, moment.astimezone(UTC).replace(second=0, microsecond=0))

    def day(self, moment: datetime) -> str:
        """A day, with its month in words."""
        return str(format_date(moment.astimezone(UTC), "long", locale=self._locale))


# Kept for a while: a page has hundreds of them, and most of them again and again.
@lru_cache(maxsize=4096)
def _number(lang: str, n: int) -> str:
    return str(format_decimal(n, locale=_locale(lang)))


@lru_cache(maxsize=4096)
def _moment(lang: str, at: datetime) -> str:
    locale = _locale(lang)
    joined = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    clock = f"{format_time(at, 'short', locale=locale)} UTC"
    date = format_date(at, "medium", locale=locale)
    return joined.replace("{0}", clock).replace("{1}", date)


@cache
def _locale(lang: str) -> Locale:
    try:
        return Locale.parse(lang)
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_ENGLISH)
