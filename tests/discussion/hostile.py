"""Strings that broke other systems, and what a rendered comment may consist of."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import skip_loudly

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "hostile"

# These run everywhere, whatever lies beside the checkout.
OWN = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=\"javascript:alert(1)\" onclick='x'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox(1))",
    "[x](//evil.example/)",
    "[x](/relative)",
    "[x](file:///etc/passwd)",
    "[x](https://a.example/\"onmouseover=alert(1))",
    "[x](https://a.example \"title' onclick='alert(1)\")",
    "[x]: javascript:alert(1)\n\n[x]",
    "<https://a.example/\"><script>alert(1)</script>>",
    "<javascript:alert(1)>",
    "<mailto:a@b.example?body=<script>>",
    "https://a.example/'><img src=x onerror=alert(1)>",
    "https://a.example/\u202egnp.exe",
    "![x](https://a.example/pixel.gif)",
    "`<script>`\n\n```html\" onload=x\n</code></pre><script>alert(1)</script>\n```",
    "<style>*{display:none}</style><p style=position:fixed>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img onerror=x&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<form><input name=action></form><base href=//evil.example>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x6a;avascript:alert(1) &#0; &#xD800; &#x110000; &NotAnEntity;",
    "'; DROP TABLE comment; --",
    "{{ 7 * 7 }} {% include 'x' %} ${7*7} #{7*7} <%= 7*7 %>",
    "=HYPERLINK(\"http://evil.example\")",
    "%s%n%x %00 ../../../etc/passwd\\..\\",
    "\u202eright to left\u202c \u2066isolate\u2069 \u200b\u200d\ufeff",
    "Z\u0351\u036b\u0343\u036a\u0302" * 40,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f4\U000e0067\U000e007f",
    "\u2028\u2029\x85 \u00a0",
    "\ufffe\uffff\U0010ffff",
    "a" * 9_000,
    "\\" * 500 + "*" * 500,
    "> " * 100 + "deep",
    "NaN", "Infinity", "null", "undefined", "true", "-1e999", "\u0660\u0661",
)  # fmt: skip
UNSTORABLE = ("\x00", "a\x00b", "\ud800", "x\udfff", "\x1b[31m", "bell\x07", "\x08", "\x7f", "\x9b")


def corpora() -> dict[str, list[str]]:
    """Every string of the shared collection, by its file; skips loudly where it is missing."""
    if not FOLDER.is_dir():
        skip_loudly("the collection of hostile strings beside the checkout")
    return {
        "blns": json.loads(_text("blns.json")),
        "xss": _text("xss-payload-list.txt").splitlines(),
        "commonmark": [
            example["markdown"] for example in json.loads(_text("commonmark-spec.json"))
        ],
        "tokenizer": list(_tokenizer_inputs()),
        "confusables": [
            chr(int(line.split(";")[0], 16)) + " a"
            for line in _text("unicode-confusables.txt").splitlines()
            if re.match(r"[0-9A-F]{4,6} ;", line.lstrip("\ufeff"))
        ],
    }


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8-sig")


def _tokenizer_inputs() -> Iterator[str]:
    for path in sorted((FOLDER / "html5lib-tokenizer").glob("*.test")):
        content = json.loads(path.read_text(encoding="utf-8"))
        for test in content.get("tests", content.get("xmlViolationTests", [])):
            given: str = test["input"]
            if test.get("doubleEscaped"):
                given = re.sub(r"\\u([0-9A-Fa-f]{4})", lambda hit: chr(int(hit[1], 16)), given)
            yield given


TAGS = frozenset(
    "a blockquote br code del em h3 hr li ol p pre s strong ul".split()  # noqa: SIM905
)
_VOID = {"br", "hr"}
REL = "ugc nofollow noopener noreferrer"
# Nothing but this can stand in a rendered comment, so there is nothing that two parsers could
# read in two ways: text without markup characters, plain tags, and one form of link.
_GRAMMAR = re.compile(
    r"(?:[^<>&]|&(?:amp|lt|gt|quot|nbsp);"
    rf"|</?(?:{'|'.join(sorted(TAGS - {'a'}))})>"
    rf'|<a(?: href="[^"<>]*")? rel="{REL}">|</a>)*+'
)


class _Reader(HTMLParser):
    """Lists what a browser would make of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"tag {tag}")
        given = dict(attrs)
        for name in given:
            if tag != "a" or name not in ("href", "rel"):
                self.wrong.append(f"attribute {name} on {tag}")
        if tag == "a" and given.get("rel") != REL:
            self.wrong.append(f"rel {given.get('rel')}")
        if "href" in given:
            self._check_address(given["href"] or "")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"unbalanced {tag}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.wrong.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.wrong.append("processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append("unknown declaration")

    def close(self) -> None:
        super().close()
        self.wrong += [f"open {tag}" for tag in self._open]

    def _check_address(self, address: str) -> None:
        # Browsers strip these before they look at the scheme.
        seen = re.sub(r"[\x00-\x20]", "", html.unescape(address))
        if not re.match(r"(?:https?|mailto):", seen, re.IGNORECASE):
            self.wrong.append(f"address {address!r}")
        try:
            scheme = urlsplit(seen).scheme
        except ValueError:
            return
        if scheme not in ("http", "https", "mailto"):
            self.wrong.append(f"scheme {scheme!r}")


def unsafe_parts(rendered: str) -> list[str]:
    """What must not be in a rendered comment, found by a parser that is not the renderer's."""
    reader = _Reader()
    reader.feed(rendered)
    reader.close()
    if not _GRAMMAR.fullmatch(rendered):
        reader.wrong.append("outside the grammar")
    return reader.wrong
