"""Insight and the log in a real browser: with and without data, in all sizes, without barriers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.barriers import violations
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

EMPTY = "since=2001-01-01&until=2001-01-02"


def _open(page: Page, server: Any, staff: Any, name: str, path: str) -> None:
    page.goto(f"{server.url}/console/{path}")
    if page.get_by_label("E-mail").count():
        page.get_by_label("E-mail").fill(staff.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    page.goto(f"{server.url}/console/{path}")
    page.wait_for_load_state("load")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_barriers(
    browser: Browser, live_server: Any, staff: Any, scheme: Any, width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    for name, path in (
        ("Insight", "insight"),
        ("Insight", f"insight?{EMPTY}"),
        ("Log", "log"),
        ("Log", f"log?{EMPTY}"),
    ):
        _open(page, live_server, staff, name, path)
        assert not violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.locator(".empty")).to_have_count(int(EMPTY in path))
    context.close()


def test_a_period_is_chosen_and_the_numbers_are_taken(
    page: Page, live_server: Any, staff: Any
) -> None:
    _open(page, live_server, staff, "Insight", "insight")
    expect(page.locator(".chart svg.wide rect.published").first).to_be_visible()
    page.get_by_role("link", name="12 weeks").click()
    expect(page.locator("#steps-title")).to_have_text("The numbers by week")
    with page.expect_download() as taken:
        page.locator(".part-head").last.get_by_role("link", name="CSV").click()
    assert taken.value.suggested_filename.startswith("insight-steps-")


def test_the_log_is_searched_without_script(browser: Browser, live_server: Any, staff: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _open(page, live_server, staff, "Log", "log")
    page.get_by_label("What").select_option("rejected")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".entries > li").first).to_contain_text("rejected")
    expect(page.locator(".entries .status.rejected").first).to_be_visible()
    page.locator(".entry-case").first.click()
    expect(page.locator("article.case")).to_be_visible()
    context.close()
