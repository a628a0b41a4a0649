"""Build what the widget's page loads, from `source/` into `static/`: `make widget`.

Modules of one bundle become one file, minified by tdewolff's minifier. What is not needed to read a
discussion is a bundle of its own, fetched when it is first used; it is handed what it shares with
the first one, so that the two cannot come to differ about who the reader is. What comes out depends
on the sources and the minifier's version alone: a test builds again and compares.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import minify

HERE = Path(__file__).parent
SOURCE, BUILT = HERE / "source", HERE / "static"
FIRST = "parley"
# In the order in which they are evaluated.
BUNDLES: dict[str, list[str]] = {
    FIRST: ["strings", "api", "dom", "parts", "comment", "thread", "parley"],
    "write": ["sanctions", "toolbar", "composer", "notice", "posting", "forms", "appeals", "write"],
    "walk": ["search", "walk"],
    "live": ["live"],
    "points": ["points"],
    "staff": ["staff"],
}
# On pages without a discussion: handed nothing and fetched by nobody, a page names them itself.
ALONE: dict[str, list[str]] = {"count": ["count"]}
_NAMED = re.compile(r"^import \{ ([\w, ]+) \} from '\./(\w+)\.js';\n", re.MULTILINE)
_SHEET = re.compile(r"^import (\w+) from '\./([\w.]+\.css)';\n", re.MULTILINE)
_DECLARED = r"(?:async )?(?:function\*?|const|let|class) (\w+)"
_EXPORTED = re.compile(rf"^export {_DECLARED}", re.MULTILINE)


def build() -> dict[str, str]:
    """Every file that is served, by its name below `static/`. Raises ValueError for a name that two
    modules of a bundle share, or that nobody exports."""
    words = _words()
    made = {f"{name}.js": _later(name) for name in BUNDLES if name != FIRST} | words
    made[f"{FIRST}.js"] = _minified("text/javascript", _first(made))
    for name, modules in ALONE.items():
        code = _told(_joined(modules), {"lang": _digest_of_words(words)})
        made[f"{name}.js"] = _minified("text/javascript", code)
    return made


def write() -> None:
    """Put what is built where it is served from; what is no longer built is removed."""
    made = build()
    for path in BUILT.rglob("*"):
        if path.is_file() and path.relative_to(BUILT).as_posix() not in made:
            path.unlink()
    for name, text in made.items():
        path = BUILT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _words() -> dict[str, str]:
    """Per language what is said first, and what is said later by parts that come later."""
    made: dict[str, str] = {}
    for lang in languages():
        told = json.loads((SOURCE / "lang" / f"{lang}.json").read_text(encoding="utf-8"))
        for part, suffix in (("first", ""), ("later", ".later")):
            words = {key: _brief(entry) for key, entry in told[part].items()}
            text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
            made[f"lang/{lang}{suffix}.json"] = text
    return made


def _brief(entry: str | dict[str, str]) -> str | dict[str, str]:
    """An entry without the plural forms that say what "other" says, which stands in for them."""
    if isinstance(entry, str):
        return entry
    other = entry["other"]
    forms = {form: text for form, text in entry.items() if form == "other" or text != other}
    return forms if len(forms) > 1 else other


def languages() -> list[str]:
    """Those that the widget speaks, as two-letter codes of ISO 639."""
    return sorted(path.stem for path in (SOURCE / "lang").glob("*.json"))


def _first(later: dict[str, str]) -> str:
    """The bundle that a page names; it knows by their digests which others go with it."""
    shared = sorted({name for bundle in BUNDLES if bundle != FIRST for name in _wanted(bundle)})
    missing = set(shared) - _offered(FIRST)
    if missing:
        raise ValueError(f"Nobody exports {', '.join(sorted(missing))}.")
    digests = {name: _digest(later[f"{name}.js"]) for name in BUNDLES if name != FIRST}
    digests["lang"] = _digest_of_words(later)
    code = re.sub(r"\bSHARED\b", f"{{{', '.join(shared)}}}", _joined(BUNDLES[FIRST]))
    return _told(code, digests)


def _told(code: str, digests: dict[str, str]) -> str:
    """Code of a file that a page names, told which languages and which versions there are."""
    code = re.sub(r"\bLANGUAGES\b", json.dumps(languages()), code)
    # In a block the minifier may give shorter names to what the modules declare.
    return f"{{\nconst DIGESTS = {json.dumps(digests)};\n{code}\n}}"


def _digest_of_words(made: dict[str, str]) -> str:
    return _digest("".join(text for name, text in made.items() if "lang/" in name))


def _later(bundle: str) -> str:
    """A bundle that is fetched later: a function of what it shares with the first."""
    last = _text(BUNDLES[bundle][-1])
    offers = ", ".join(_EXPORTED.findall(last))
    wanted = ", ".join(sorted(_wanted(bundle)))
    inner = _joined(BUNDLES[bundle])
    code = f"export default ({{ {wanted} }}) => {{\n{inner}\nreturn {{ {offers} }};\n}};"
    return _minified("text/javascript", code)


def _joined(modules: list[str]) -> str:
    seen: set[str] = set()
    for module in modules:
        names = _declared(module)
        if twice := seen & names:
            raise ValueError(f"{module}.js declares {', '.join(sorted(twice))} a second time.")
        seen |= names
    return "\n".join(_bare(module) for module in modules)


def _bare(module: str) -> str:
    """A module without its imports and exports, its style sheets put in as text."""
    text = _SHEET.sub(lambda found: f"const {found[1]} = {_sheet(found[2])};\n", _text(module))
    text = _NAMED.sub("", text)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)


def _sheet(name: str) -> str:
    css = (SOURCE / name).read_text(encoding="utf-8")
    return json.dumps(_minified("text/css", css), ensure_ascii=False)


def _wanted(bundle: str) -> set[str]:
    """What a bundle imports of modules that belong to the first."""
    return {
        name.strip()
        for module in BUNDLES[bundle]
        for names, of in _NAMED.findall(_text(module))
        if of in BUNDLES[FIRST]
        for name in names.split(",")
    }


def _offered(bundle: str) -> set[str]:
    return {name for module in BUNDLES[bundle] for name in _EXPORTED.findall(_text(module))}


def _declared(module: str) -> set[str]:
    return set(re.findall(rf"^(?:export )?{_DECLARED}", _text(module), re.MULTILINE))


def _text(module: str) -> str:
    return (SOURCE / f"{module}.js").read_text(encoding="utf-8")


def _minified(kind: str, code: str) -> str:
    return str(minify.string(kind, code))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


if __name__ == "__main__":
    write()
