"""The documents name every setting, route and command, and the README tells the truth."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

import settings
from web.demo import embed_lines

ROOT = Path(__file__).resolve().parents[1]


def read(name: str) -> str:
    """A document's text."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", fields(settings.Settings), ids=lambda one: one.name)
def test_every_setting_is_documented(setting):
    row = next(
        (line for line in read("docs/settings.md").splitlines()
         if f"`{settings.environment_name(setting)}`" in line),
        "",
    )  # fmt: skip
    assert row, "add a row to docs/settings.md"
    assert setting.metadata["meaning"] in row
    shown = "" if setting.name == "instance" else str(setting.default)
    assert f"`{shown}`" in row or setting.default in ("", False) or setting.name == "instance"


def test_no_setting_is_documented_that_is_not_there():
    known = {settings.environment_name(one) for one in fields(settings.Settings)}
    for name in ("README.md", "docs/settings.md", "docs/operations.md", "Makefile"):
        assert set(re.findall(r"PARLEY_[A-Z_]+", read(name))) <= known, name


def test_every_route_is_documented(app: Flask):
    documented = read("docs/api.md")
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1") or rule.rule in ("/healthz", "/readyz", "/metrics"):
            path = re.sub(r"<[a-z]+:[a-z]*?_?id>", "{id}", rule.rule).removeprefix("/api/v1")
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                assert f"`{method} {path}`" in documented


def test_every_address_for_programs_elsewhere_is_documented(app: Flask):
    documented = read("docs/api.md")
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.rule.startswith(("/v1", "/$discovery"))
    ]
    assert len(rules) >= 3
    for rule in rules:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            assert f"`{method} {rule.rule}`" in documented, rule.rule


def test_no_command_of_ours_lets_a_server_write_addresses_down():
    for name in ("Makefile", "Dockerfile", "docs/operations.md"):
        for line in read(name).replace("\\\n", " ").splitlines():
            if "granian --interface" in line:
                assert "--no-access-log" in line, name


def test_the_measured_error_of_the_map_is_told():
    kept = json.loads(read("web/analyzer/perspective_scale.json"))["attributes"]
    told = read("docs/moving-from-perspective.md")
    for name, one in kept.items():
        off = one["held_out"]
        row = f"| `{name}` | {off['mean_absolute_error']:.3f} | {off['without_map']:.3f} |"
        assert row in told, row


def test_every_page_without_script_is_documented(app: Flask):
    documented = read("docs/api.md")
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/thread", "/feeds", "/oembed")) and "<path:" not in rule.rule
    ]
    assert len(rules) > 15
    for rule in rules:
        path = re.sub(r"<(?:row:)?(?:\w+_)?(id|slug)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            assert f"`{method} {path}`" in documented, path


def test_every_command_is_documented(app: Flask):
    documented = read("docs/operations.md")
    for name, group in app.cli.commands.items():
        for command, called in getattr(group, "commands", {"": group}).items():
            if not called.callback.__module__.startswith(("jobs", "web")):
                continue
            assert f"flask {name} {command}".strip() in documented


def test_the_readme_embeds_what_the_demo_embeds():
    assert embed_lines("https://comments.example") in read("README.md")


def test_the_openapi_document_describes_every_api_route(app: Flask):
    described = app.test_client().get("/api/openapi.json").json["paths"]
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1"):
            path = re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", rule.rule)
            assert path in described


def test_links_between_documents_lead_somewhere():
    for name in ["README.md", *[f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")]]:
        folder = (ROOT / name).parent
        for target in re.findall(r"\]\(([^)#\s]+)", read(name)):
            if not target.startswith(("http:", "https:", "mailto:")):
                assert (folder / target).exists(), f"{name}: {target}"
