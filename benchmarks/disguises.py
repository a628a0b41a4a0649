"""Knows how people disguise words to get past a filter: twelve ways, written without regard to how
the service takes disguises off."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

CONFUSABLES = Path(__file__).resolve().parents[2] / "shared/data/hostile/unicode-confusables.txt"
_WORD = re.compile(r"[A-Za-z]{2,}(?:'[A-Za-z]+)?")
_OTHER_WORDS = 0.3

Change = Callable[[str, random.Random], str]
_INVISIBLE = (
    "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u180e", "\u2062",
    "\u200e", "\ufe0f", "\U000e0041", "\u2063", "\u061c",
)  # fmt: skip
_SIGNS = {
    "a": ("4", "@", "4", "@", "^", "/\\"), "b": ("8", "6", "|3", "8"), "c": ("(", "<", "{", "¢"),
    "d": ("|)", "[)"), "e": ("3", "3", "€"), "f": ("ph", "|="), "g": ("9", "6"),
    "h": ("#", "|-|"), "i": ("1", "!", "|", "1", "¡"), "k": ("|<", "|{"), "l": ("1", "|", "7", "£"),
    "m": ("|\\/|", "/\\/\\"), "n": ("|\\|", "/\\/"), "o": ("0", "0", "()", "°"), "q": ("9",),
    "s": ("5", "$", "5", "$", "z", "§"), "t": ("7", "+", "7", "†"), "u": ("v", "|_|", "µ"),
    "v": ("\\/",), "w": ("vv", "\\/\\/"), "x": ("><", "%"), "y": ("¥", "j"), "z": ("2", "7"),
}  # fmt: skip
# Letters that nearly everybody replaces, and how likely each of the others is.
_OFTEN_SIGNS, _SELDOM = "aeiost", 0.08
_STOPS = (".", "-", "_", "*", "~", "/", "|", ",", "·", "+", ":", "..", "--", "=")
_GLUE = ("😂", "🤡", "🔥", "🖕", "💩", "❤️", "🤬", "\u2800", "★", "→", "①", "©", "😀", "🐒", "°")
_SPACES = (" ", " ", " ", "  ", "\n", "\u00a0", "\u2009", "\u2003")
_UPSIDE_DOWN = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ?!.,'&",
        "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz∀qƆpƎℲפHIſʞ˥WNOԀQɹS┴∩ΛMX⅄Z¿¡˙',⅋",
        strict=True,
    )
)
_STYLES = (
    "MATHEMATICAL BOLD {}", "MATHEMATICAL ITALIC {}", "MATHEMATICAL BOLD ITALIC {}",
    "MATHEMATICAL SCRIPT {}", "MATHEMATICAL BOLD SCRIPT {}", "MATHEMATICAL FRAKTUR {}",
    "MATHEMATICAL BOLD FRAKTUR {}", "MATHEMATICAL DOUBLE-STRUCK {}",
    "MATHEMATICAL SANS-SERIF {}", "MATHEMATICAL SANS-SERIF BOLD ITALIC {}",
    "MATHEMATICAL MONOSPACE {}", "FULLWIDTH LATIN {} LETTER", "CIRCLED LATIN {} LETTER",
    "PARENTHESIZED LATIN {} LETTER", "NEGATIVE CIRCLED LATIN {} LETTER",
    "SQUARED LATIN {} LETTER", "NEGATIVE SQUARED LATIN {} LETTER",
    "REGIONAL INDICATOR SYMBOL LETTER", "LATIN LETTER SMALL {}", "MODIFIER LETTER {}",
)  # fmt: skip


def words_of(text: str) -> list[str]:
    """The words that can be disguised."""
    return _WORD.findall(text)


def disguised(
    text: str, change: Change, targets: frozenset[str], rng: random.Random, others: float
) -> str:
    """A text with its target words changed (in lower case), and of the other words a share."""

    def replace(match: re.Match[str]) -> str:
        word = match.group()
        hit = word.lower() in targets or rng.random() < others
        return change(word, rng) if hit else word

    return _WORD.sub(replace, text)


def invisible(word: str, rng: random.Random) -> str:
    """Characters without width between the letters, one at least."""
    return _between(word, rng, lambda: rng.choice(_INVISIBLE) * rng.choice((1, 1, 2)), 0.5)


class Homoglyphs:
    """Letters of any script that UTS 39 holds to be confusable with the Latin ones."""

    def __init__(self, path: Path = CONFUSABLES) -> None:
        """Read Unicode's own file. Raises FileNotFoundError."""
        alike: dict[str, list[str]] = {}
        for source, target in _pairs(path):
            alike.setdefault(target, []).append(source)
            if source.isascii():
                alike.setdefault(source, []).append(target)
        self._alike: dict[str, list[str]] = {}
        for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
            group = {letter, *alike.get(letter, [])}
            for other in list(group):
                group |= set(alike.get(other, []))
            self._alike[letter] = sorted(one for one in group if len(one) == 1 and ord(one) > 127)

    def __call__(self, word: str, rng: random.Random) -> str:
        """Half of the letters replaced, one at least."""
        places = [place for place, char in enumerate(word) if self._alike.get(char)]
        chosen = _some(places, rng, 0.5)
        return "".join(
            rng.choice(self._alike[char]) if place in chosen else char
            for place, char in enumerate(word)
        )


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        fields = line.split("#")[0].split(";")
        if len(fields) == 3:
            source, target = (
                "".join(chr(int(code, 16)) for code in field.split()) for field in fields[:2]
            )
            yield source, target


def signs(word: str, rng: random.Random) -> str:
    """Digits and signs for letters: most of the usual ones, seldom an unusual one."""
    places = [place for place, char in enumerate(word) if char.lower() in _OFTEN_SIGNS]
    chosen = _some(places or list(range(len(word))), rng, 0.7)
    return "".join(
        rng.choice(_SIGNS.get(char.lower(), (char,)))
        if place in chosen or rng.random() < _SELDOM
        else char
        for place, char in enumerate(word)
    )


def spaced(word: str, rng: random.Random) -> str:
    """One letter after the other with room between them, and sometimes more room around."""
    gap = rng.choice(_SPACES)
    around = rng.choice(("", "", " ", "  "))
    return around + gap.join(word.replace("'", "")) + around


def stopped(word: str, rng: random.Random) -> str:
    """Stops and signs between the letters: the same all through, or now this and now that."""
    word = word.replace("'", "")
    if rng.random() < 0.3:
        return _between(word, rng, lambda: rng.choice(_STOPS), 1.0)
    stop = rng.choice(_STOPS)
    return stop.join(word)


def repeated(word: str, rng: random.Random) -> str:
    """Some letters three to seven times, or all of them two or three times."""
    if rng.random() < 0.3:
        return "".join(char * rng.choice((2, 2, 3)) for char in word)
    chosen = _some(range(len(word)), rng, 0.35)
    return "".join(
        char * rng.randrange(3, 8) if place in chosen else char for place, char in enumerate(word)
    )


def glued(word: str, rng: random.Random) -> str:
    """Emoji or other signs that touch the word, or stand in the middle of it."""
    sign = rng.choice(_GLUE) * rng.choice((1, 1, 2))
    kind = rng.random()
    if kind < 0.2 and len(word) > 3:
        at = rng.randrange(1, len(word))
        return word[:at] + sign + word[at:]
    return word + sign if kind < 0.7 else sign + word


def styled(word: str, rng: random.Random) -> str:
    """One of twenty alphabets that Unicode has for other purposes; half the words wholly in it."""
    style = rng.choice(_STYLES)
    share = rng.choice((1.0, 1.0, 0.5))
    gap = "\u200b" if style.startswith("REGIONAL") and rng.random() < 0.5 else ""
    chosen = _some(range(len(word)), rng, share)
    return gap.join(
        _in_style(char, style) if place in chosen else char for place, char in enumerate(word)
    )


def _in_style(char: str, style: str) -> str:
    if not char.isalpha() or not char.isascii():
        return char
    for size in ("CAPITAL" if char.isupper() else "SMALL", "CAPITAL", "SMALL"):
        try:
            return unicodedata.lookup(f"{style.format(size)} {char.upper()}")
        except KeyError:
            continue
    return char


def marked(word: str, rng: random.Random) -> str:
    """Combining marks: heaps of them, a stroke through every letter, or one on some letters."""
    way = rng.randrange(3)
    if way == 0:
        return "".join(
            char + "".join(chr(rng.randrange(0x300, 0x36F)) for _ in range(rng.randrange(1, 8)))
            for char in word
        )
    if way == 1:
        mark = rng.choice("\u0332\u0333\u0335\u0336\u0337\u0338\u20d0\u20d2\u20e0\u0489")
        return "".join(char + mark for char in word)
    chosen = _some(range(len(word)), rng, 0.5)
    return "".join(
        char + chr(rng.randrange(0x300, 0x333)) if place in chosen else char
        for place, char in enumerate(word)
    )


def marked_up(word: str, rng: random.Random) -> str:
    """HTML and Markdown that a browser or the thread's page would not show, inside the word."""
    at = rng.randrange(1, len(word))
    before, after = word[:at], word[at:]
    middle, rest = after[:1], after[1:]
    return rng.choice(
        (
            f"{before}<b></b>{after}", f"{before}<!-- -->{after}", f"{before}<i>{middle}</i>{rest}",
            f"{before}*{middle}*{rest}", f"{before}**{middle}**{rest}", f"[{before}](x){after}",
            f"{before}[{middle}](https://example.org/nice 'kind')" + rest,
            f"{before}&#{ord(middle)};{rest}", f"{before}&#x{ord(middle):x};{rest}",
            f"{before}&shy;{after}", f"{before}&#8203;{after}", f"{before}<span>{after}</span>",
            f"{before}`{middle}`{rest}", f"{before}~~{middle}~~{rest}", f"{before}<wbr/>{after}",
            f"<b>{before}</b>{after}", f"{before}&zwnj;{after}", f"{before}<!--x-->{after}",
            f'{before}<a href="/x">{middle}</a>{rest}',
        )
    )  # fmt: skip


def turned_direction(word: str, rng: random.Random) -> str:
    """Letters written backwards behind an override that shows them forwards."""
    if rng.random() < 0.3:
        at = rng.randrange(len(word))
        return f"{word[:at]}\u202e{word[at:][::-1]}\u202c"
    end = rng.choice(("\u202c", "\u202c", "\u202c\u200e"))
    return f"\u202e{word[::-1]}{end}"


def upside_down(text: str, targets: frozenset[str], rng: random.Random) -> str:
    """Sentences turned by half that have a target word, or a few words around it, or itself."""
    way = rng.randrange(3)
    if way == 0:
        return "".join(
            _turned(part) if targets & {word.lower() for word in words_of(part)} else part
            for part in re.split(r"(?<=[.!?\n])", text)
        )
    reach = 0 if way == 1 else 2
    parts = re.split(r"(\s+)", text)
    hit = {
        near
        for place, part in enumerate(parts)
        if targets & {word.lower() for word in words_of(part)}
        for near in range(place - 2 * reach, place + 2 * reach + 1)
    }
    turned: list[str] = []
    run: list[str] = []
    for place, part in enumerate([*parts, ""]):
        if place in hit and place < len(parts):
            run.append(part)
            continue
        if run:
            turned.append(_turned("".join(run)))
            run = []
        turned.append(part)
    return "".join(turned)


def _turned(text: str) -> str:
    """Turned by half; spaces at the ends stay there."""
    bare = text.strip()
    if not bare:
        return text
    at = text.index(bare)
    flipped = "".join(_UPSIDE_DOWN.get(char, char) for char in reversed(bare))
    return text[:at] + flipped + text[at + len(bare) :]


def _between(word: str, rng: random.Random, make: Callable[[], str], share: float) -> str:
    chosen = _some(range(1, len(word)), rng, share)
    return "".join((make() if place in chosen else "") + char for place, char in enumerate(word))


def _some(places: Sequence[int], rng: random.Random, share: float) -> set[int]:
    """A share of the places, one at least where there is any."""
    chosen = {place for place in places if rng.random() < share}
    return chosen or ({rng.choice(list(places))} if places else set())


# Each takes the text, its target words and a generator, and gives the disguised text.
Way = Callable[[str, frozenset[str], random.Random], str]


def ways() -> dict[str, Way]:
    """All twelve by name. Raises FileNotFoundError without Unicode's table of confusables."""
    by_word: dict[str, Change] = {
        "zero width": invisible,
        "homoglyphs": Homoglyphs(),
        "leetspeak": signs,
        "spaced": spaced,
        "stopped": stopped,
        "repeated letters": repeated,
        "styled letters": styled,
        "glued signs": glued,
        "combining marks": marked,
        "hidden markup": marked_up,
        "right-to-left override": turned_direction,
    }

    def way(change: Change) -> Way:
        return lambda text, targets, rng: disguised(text, change, targets, rng, _OTHER_WORDS)

    return {name: way(change) for name, change in by_word.items()} | {"upside down": upside_down}
