"""The house's rules that a reader of the code could break without noticing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("models", "moderation", "discussion", "jobs", "web")
OURS = [
    path
    for layer in LAYERS
    for path in sorted((ROOT / layer).rglob("*.py"))
    if "migrations" not in path.parts
]


def layer_of(path: Path) -> str:
    """The layer that a module stands in."""
    return path.relative_to(ROOT).parts[0]


def assigned_attributes(source: str) -> Iterator[str]:
    """Names of attributes that a piece of Python assigns."""
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                    yield part.attr


def calls(source: str) -> set[str]:
    """Names of methods and functions that a piece of Python calls."""
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
    }


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_decisions_assigns_a_status(path: Path):
    if path != ROOT / "moderation/decisions.py":
        assert "status" not in set(assigned_attributes(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_web_and_jobs_commit(path: Path):
    if layer_of(path) in ("models", "moderation", "discussion"):
        assert calls(path.read_text(encoding="utf-8")).isdisjoint({"commit", "writing"})


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_domain_knows_no_request(path: Path):
    if layer_of(path) in ("models", "moderation", "discussion"):
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module == "flask"
            for alias in node.names
        }
        assert names.isdisjoint({"request", "current_app", "g", "session"})


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_says_what_it_knows(path: Path):
    module = ast.parse(path.read_text(encoding="utf-8"))
    assert not module.body or ast.get_docstring(module)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_readable(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 350


def test_html_enters_a_page_in_one_place_only():
    scripts = [
        path
        for folder in ("web/embed/source", "web/console/static")
        for path in sorted((ROOT / folder).rglob("*.js"))
    ]
    assert scripts
    places = [
        f"{path.name}: {line.strip()}"
        for path in scripts
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\.(innerHTML|outerHTML)\s*[+=]|insertAdjacentHTML|document\.write", line)
        and not line.strip().startswith(("//", "*"))
    ]
    assert len([place for place in places if "parley" in place or "dom.js" in place]) <= 1, places
    assert len(places) <= 2, places


def test_nothing_asks_an_outside_host():
    for folder in ("web",):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".html", ".js", ".css"):
                found = re.findall(
                    r"""(?:src|href|url\(|import|fetch\()[=\s("']*https?://[^\s"')]+""",
                    path.read_text(encoding="utf-8"),
                )
                assert not [one for one in found if "SERVER" not in one], path
