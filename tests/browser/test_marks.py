"""The marked words in a real browser: they come by themselves, and label by label."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.barriers import violations
from tests.browser.test_console import RUDE, _case, _hold, _sign_in

pytestmark = pytest.mark.browser

# A model that was busy at first is asked again after a while; milliseconds.
_PATIENT = 45_000


def _mark_of(case: Locator) -> Locator:
    return case.locator(".view:visible mark")


def _shown(case: Locator) -> str | None:
    return case.locator(".view:visible").get_attribute("data-view")


@pytest.fixture
def case(page: Page, live_server: Any, staff: Any) -> Locator:
    """A case at the desk that nobody has opened before."""
    mark = _hold(live_server)
    _sign_in(page, live_server, staff)
    page.goto(f"{live_server.url}/console/")
    page.locator("#rows li").filter(has_text=mark).get_by_role("link").click()
    return _case(page, mark)


def test_the_words_are_marked_when_the_case_is_reached(case: Locator) -> None:
    expect(_mark_of(case).first).to_be_visible(timeout=_PATIENT)
    marked = " ".join(_mark_of(case).all_inner_texts())
    assert "idiot" in marked
    assert "everybody" not in marked
    expect(case.locator(".view:visible .words")).to_contain_text(RUDE)
    expect(case.locator(".view:visible .legend")).to_contain_text("Marked: what carries")
    background = _mark_of(case).first.evaluate("one => getComputedStyle(one).backgroundColor")
    assert background not in ("rgba(0, 0, 0, 0)", "transparent")


def test_words_that_the_model_had_no_time_for_are_asked_for_again(
    page: Page, live_server: Any, staff: Any
) -> None:
    mark = _hold(live_server)
    _sign_in(page, live_server, staff)
    bare = page.request.get(f"{live_server.url}/console/").text()
    asked: list[str] = []

    def answer(route: Route) -> None:
        # The case as the queue has it, in which nothing is explained yet.
        asked.append(route.request.url)
        route.fulfill(body=bare, content_type="text/html") if len(asked) == 1 else route.continue_()

    page.goto(f"{live_server.url}/console/")
    case = _case(page, mark)
    page.route(f"**/console/cases/{case.get_attribute('data-case')}", answer)
    page.locator("#rows li").filter(has_text=mark).get_by_role("link").click()
    expect(case.locator(".view:visible .legend")).to_have_count(0)
    expect(_mark_of(case).first).to_be_visible(timeout=_PATIENT)
    assert len(asked) == 2


def test_another_label_is_chosen_by_its_bar_and_taken_away_again(case: Locator) -> None:
    expect(_mark_of(case).first).to_be_visible(timeout=_PATIENT)
    first = _shown(case)
    bars = case.locator(".shows")
    other = bars.and_(case.page.locator(":not([aria-current])")).first
    other.click()
    expect(case.locator(f'.view[data-view="{first}"]')).to_be_hidden()
    label = case.locator('.shows[aria-current="true"]').get_attribute("data-shows")
    assert label == _shown(case)
    assert label not in (first, "")
    case.locator(f'.shows[data-shows="{label}"]').click()
    expect(_mark_of(case)).to_have_count(0)
    assert _shown(case) == ""


def test_the_keyboard_is_enough(case: Locator) -> None:
    expect(_mark_of(case).first).to_be_visible(timeout=_PATIENT)
    first = _shown(case)
    case.page.keyboard.press("m")
    assert _shown(case) != first
    link = case.get_by_role("link", name=re.compile("^Toxicity.*mark the words"))
    link.focus()
    if link.get_attribute("aria-current") is None:
        case.page.keyboard.press("Enter")
    assert _shown(case) == "toxicity"
    back = case.get_by_role("link", name="As readers see it")
    back.focus()
    case.page.keyboard.press("Enter")
    assert _shown(case) == ""
    # What had the focus is gone; it goes to what leads back.
    expect(case.locator(".view:visible a[data-shows]")).to_be_focused()


def test_without_script_the_page_of_the_case_marks_and_switches(
    browser: Browser, live_server: Any, staff: Any
) -> None:
    mark = _hold(live_server)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _sign_in(page, live_server, staff)
    page.goto(f"{live_server.url}/console/?order=riskiest")
    _case(page, mark).locator(".permalink").click()
    expect(_mark_of(_case(page, mark)).first).to_be_visible()
    page.get_by_role("link", name="As readers see it").click()
    expect(_mark_of(_case(page, mark))).to_have_count(0)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_barriers(
    browser: Browser, live_server: Any, staff: Any, scheme: Any, width: int
) -> None:
    mark = _hold(live_server)
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    _sign_in(page, live_server, staff)
    page.goto(f"{live_server.url}/console/?order=riskiest")
    address = _case(page, mark).locator(".permalink").get_attribute("href")
    page.goto(f"{live_server.url}{address}")
    expect(_mark_of(page.locator(".case")).first).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
