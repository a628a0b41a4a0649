"""What the widget weighs, each file and what a page loads first: `python -m benchmarks.widget`.

Sizes are bytes as gzip -9 makes them, which is how the server sends them. It ends with 1 if what a
page loads before anybody acts, script, style and one language together, is over the budget.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from web.embed import build

# Bytes. 12 kB as the peers count it: Isso 22 kB, Cusdis 9, Comentario 36, Waline 77, Artalk 53.
BUDGET = 12_000


def packed(name: str) -> int:
    """The size of a served file in bytes, compressed."""
    return len(gzip.compress(Path(build.BUILT / name).read_bytes(), 9, mtime=0))


def first_load(lang: str) -> dict[str, int]:
    """What a page in a language loads to show its comments: names and bytes."""
    return {name: packed(name) for name in (f"{build.FIRST}.js", f"lang/{lang}.json")}


def main() -> int:
    """Print the table; 1 if a language breaks the budget."""
    heaviest = max(build.languages(), key=lambda lang: sum(first_load(lang).values()))
    print(f"{'loaded':<34} bytes, gzip -9")
    for lang in ("en", heaviest):
        for name, size in first_load(lang).items():
            print(f"first, {lang}: {name:<23} {size:>8,}")
        print(f"first, {lang}: together{'':<15} {sum(first_load(lang).values()):>8,}")
    for name in sorted(build.BUNDLES.keys() - {build.FIRST}):
        print(f"later: {name + '.js':<26} {packed(name + '.js'):>8,}")
    print(f"later: {'lang/en.later.json':<26} {packed('lang/en.later.json'):>8,}")
    for name in build.ALONE:
        print(f"alone: {name + '.js':<26} {packed(name + '.js'):>8,}")
    over = sum(first_load(heaviest).values()) - BUDGET
    print(f"budget {BUDGET:,}: {'over by ' + format(over, ',') if over > 0 else 'kept'}")
    return 1 if over > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
