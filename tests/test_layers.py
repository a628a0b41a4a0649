"""The layers: models, moderation, discussion, jobs, web, app; imports go leftwards only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ["models", "moderation", "discussion", "jobs", "web", "app", "worker"]
# Outside the order: settings imports nothing of ours and only app reads it; nothing at all
# imports what trains, measures or tests.
UNIMPORTED = {"training", "benchmarks", "tests", "docs"}


def imports_of(source: str) -> set[str]:
    """The top-level names that a piece of Python imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


def faults(layer: str, source: str) -> list[str]:
    """What a module of a layer imports and must not."""
    position = LAYERS.index(layer)
    forbidden = set(LAYERS[position + 1 :]) | UNIMPORTED
    if layer != "app":
        forbidden.add("settings")
    return sorted(imports_of(source) & forbidden)


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of every layer, with its layer."""
    for layer in LAYERS:
        single = ROOT / f"{layer}.py"
        yield from [(layer, single)] if single.exists() else []
        yield from ((layer, path) for path in sorted((ROOT / layer).rglob("*.py")))


@pytest.mark.parametrize(
    ("layer", "path"), list(modules()), ids=lambda part: str(part).split("/")[-1]
)
def test_imports_go_leftwards_only(layer: str, path: Path):
    assert faults(layer, path.read_text(encoding="utf-8")) == []


def test_settings_import_nothing_of_ours():
    source = (ROOT / "settings.py").read_text(encoding="utf-8")
    assert imports_of(source).isdisjoint({*LAYERS, *UNIMPORTED})


@pytest.mark.parametrize(
    ("layer", "planted"),
    [
        ("models", "from moderation import policy"),
        ("moderation", "import discussion.comments"),
        ("discussion", "def later():\n    from jobs.queue import take"),
        ("jobs", "from web.auth import reader"),
        ("web", "import app"),
        ("web", "from settings import load"),
        ("discussion", "import benchmarks.threads"),
    ],
)
def test_a_planted_import_to_the_right_is_found(layer: str, planted: str):
    assert faults(layer, planted)


def test_migrations_import_no_table_classes():
    for path in (ROOT / "models/migrations/versions").glob("*.py"):
        assert "models" not in imports_of(path.read_text(encoding="utf-8"))
