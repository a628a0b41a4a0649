"""What axe finds on a page that would keep somebody out."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations(page: Page, context: str | None = None) -> list[str]:
    """Each rule of axe that is broken, with the beginning of what breaks it; `context` is the part
    of the page that is looked at, as a selector."""
    found = Axe().run(page, context=context).response["violations"]
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]
