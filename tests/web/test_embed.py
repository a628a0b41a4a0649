"""The widget as it is served: what its sources say, compressed once, in every language."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from benchmarks.widget import BUDGET, first_load
from web.embed import build

LANGUAGES = build.languages()
ENGLISH = json.loads((build.SOURCE / "lang" / "en.json").read_text(encoding="utf-8"))


def words_of(lang: str) -> dict[str, Any]:
    told = json.loads((build.SOURCE / "lang" / f"{lang}.json").read_text(encoding="utf-8"))
    return told["first"] | told["later"]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def forms(entry: str | dict[str, str]) -> list[str]:
    return [entry] if isinstance(entry, str) else list(entry.values())


def test_what_is_served_is_built_from_its_sources():
    built = build.build()
    served = {
        path.relative_to(build.BUILT).as_posix(): path.read_text(encoding="utf-8")
        for path in build.BUILT.rglob("*")
        if path.is_file()
    }
    assert served == built, "Run `make widget` and commit what it writes."


def test_the_first_load_stays_small():
    for lang in LANGUAGES:
        assert sum(first_load(lang).values()) <= BUDGET


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_says_everything(lang: str):
    own = json.loads((build.SOURCE / "lang" / f"{lang}.json").read_text(encoding="utf-8"))
    for part in ("first", "later"):
        assert own[part].keys() == ENGLISH[part].keys()
    english = words_of("en")
    for key, entry in words_of(lang).items():
        assert isinstance(entry, dict) == isinstance(english[key], dict), key
        wanted = set().union(*map(placeholders, forms(english[key])))
        for text in forms(entry):
            assert text.strip(), key
            # "one comment" may do without the number.
            assert placeholders(text) | {"n"} == wanted | {"n"}, key
        if isinstance(entry, dict):
            assert "other" in entry, key


def test_no_word_is_asked_for_that_is_not_there():
    code = "\n".join(path.read_text(encoding="utf-8") for path in build.SOURCE.glob("*.js"))
    asked = set(re.findall(r"\bt\('([\w-]+)'", code))
    taught = set(re.findall(r"(?:^|[{,])\s*(\w+): (?:'|\{ one)", code, re.MULTILINE))
    assert asked <= words_of("en").keys() | taught


def test_a_file_goes_out_compressed_once(client: FlaskClient):
    plain = client.get("/embed/parley.js", headers={"Accept-Encoding": "identity"})
    packed = client.get("/embed/parley.js", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(packed.data) == plain.data == (build.BUILT / "parley.js").read_bytes()
    assert plain.content_type == "text/javascript; charset=utf-8"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["Access-Control-Allow-Origin"] == "*"
    assert packed.headers["ETag"] != plain.headers["ETag"]
    again = client.get(
        "/embed/parley.js",
        headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]},
    )
    assert again.status_code == 304


def test_what_is_asked_for_by_its_digest_is_kept_for_long(client: FlaskClient):
    code = (build.BUILT / "parley.js").read_text(encoding="utf-8")
    digest = re.search(r'write:"([0-9a-f]{8})"', code)
    words = re.search(r'lang:"([0-9a-f]{8})"', code)
    assert digest
    assert words
    assert client.get("/embed/parley.js").cache_control.max_age == 300
    for address in (f"write.js?{digest[1]}", f"write.js?{digest[1]}&1", f"lang/en.json?{words[1]}"):
        assert client.get(f"/embed/{address}").cache_control.max_age >= 31_000_000


def test_what_another_version_asks_for_is_kept_by_nobody(client: FlaskClient):
    for address in ("write.js?0123abcd", "lang/en.json?x", "parley.js?v=7"):
        assert client.get(f"/embed/{address}").cache_control.max_age == 0


@pytest.mark.parametrize("name", ["../build.py", "parley.css", "source/dom.js", "lang/", "lang"])
def test_nothing_else_is_served(client: FlaskClient, name: str):
    assert client.get(f"/embed/{name}").status_code in (404, 308)


def test_every_part_that_is_fetched_later_is_there():
    code = Path(build.BUILT / "parley.js").read_text(encoding="utf-8")
    for name in build.BUNDLES:
        if name != build.FIRST:
            assert name in code
            assert (
                (build.BUILT / f"{name}.js")
                .read_text(encoding="utf-8")
                .startswith("export default")
            )
