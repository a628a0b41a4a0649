"""The desk's notes, escalations, context, reasons by key, the veil and one's own page; barriers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from models import Role
from tests.browser import shift
from tests.browser.barriers import violations
from tests.browser.test_shift import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def filled(live_server: Any) -> Any:
    """A server with a small desk."""
    shift.fill(live_server.instance, "small", 30, {"Dora": Role.MODERATOR, "Sue": Role.SENIOR})
    return live_server


def test_everything_by_key_and_taken_back_in_turn(page: Page, filled: Any) -> None:
    sign_in(page, filled, "Dora")
    case = page.locator(".case.current")
    number = case.get_attribute("data-case")
    page.keyboard.press("n")
    expect(case.get_by_label("Note for the staff")).to_be_focused()
    page.keyboard.press("Escape")
    expect(case.get_by_label("Note for the staff")).to_be_hidden()
    page.keyboard.press("n")
    page.keyboard.insert_text("Look at this.")
    page.keyboard.press("Control+Enter")
    expect(case.locator(".noted")).to_contain_text("Look at this.")
    page.keyboard.press("e")
    expect(page.get_by_role("status")).to_contain_text("waits for a senior")
    expect(page.locator('[data-count="escalated"]')).to_have_text("1")
    expect(page.locator(f"#case-{number}")).to_have_count(0)
    page.keyboard.press("u")
    expect(case).to_have_attribute("data-case", str(number))
    expect(case.locator(".noted")).to_be_visible()
    page.keyboard.press("u")
    expect(case.locator(".noted")).to_have_count(0)
    page.keyboard.press("r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(case.get_by_role("button", name="Threat")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Rejected (threat)")


def test_the_next_case_is_there_before_it_is_asked_for(page: Page, filled: Any) -> None:
    sign_in(page, filled, "Dora")
    following = page.locator(".case.current + .case")
    expect(following).to_have_attribute("data-around", "yes")
    expect(following).to_have_attribute("data-explained", "yes")
    page.context.set_offline(True)
    page.keyboard.press("j")
    expect(page.locator(".case.current .rate")).to_be_visible()
    page.context.set_offline(False)


def test_what_a_colleague_has_leaves_the_list(browser: Browser, page: Page, filled: Any) -> None:
    sign_in(page, filled, "Dora")
    number = page.locator(".case.current").get_attribute("data-case")
    context = browser.new_context()
    other = context.new_page()
    # Both pages are loaded before either claims: only then does the one learn it from the other.
    other.route("**/console/claims", lambda route: route.abort())
    sign_in(other, filled, "Sue")
    assert other.locator(f"#case-{number}").count() == 0
    other.goto(f"{filled.url}/console/cases/{number}")
    other.keyboard.press("a")
    expect(other.get_by_role("status")).to_contain_text("Dora has this case open just now.")
    context.close()


def test_a_veil_is_lifted_by_a_key(page: Page, filled: Any) -> None:
    sign_in(page, filled, "Dora")
    page.get_by_role("link", name="Dora").click()
    page.get_by_label("Blur comments").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.goto(f"{filled.url}/console/")
    page.mouse.move(5, 5)
    words = page.locator(".case.current .view:not([hidden])")
    expect(words).to_have_css("filter", "blur(6.4px)")
    page.keyboard.press("v")
    expect(words).to_have_css("filter", "none")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_no_barriers(browser: Browser, filled: Any, scheme: Any, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
    sign_in(page, filled, "Sue")
    case = page.locator(".case.current .permalink").get_attribute("href")
    page.keyboard.press("n")
    assert not violations(page)
    for path in (case, "/console/me", "/console/?state=escalated"):
        page.goto(f"{filled.url}{path}")
        assert not violations(page), path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{filled.url}/console/")
    page.keyboard.press("?")
    assert not violations(page)
    context.close()
