"""The field to write in, in a real browser: how much room is left, and its row of buttons."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.barriers import violations
from tests.browser.steps import chain, open_thread, words

pytestmark = pytest.mark.browser

FIELD = "Your comment"
TOO_MANY = re.compile("^3 characters too many$")


def _filled_too_far(page: Page, server: Any) -> Locator:
    """Three characters more than there is room for; the field."""
    open_thread(page, server)
    field = page.get_by_label(FIELD, exact=True)
    field.focus()
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    limit = page.evaluate("document.querySelector('parley-thread').thread.limits.text")
    field.fill("x" * (limit + 3))
    return field


def _shown(page: Page) -> Locator:
    return page.locator("parley-thread .composer").get_by_text(TOO_MANY)


def _announced(page: Page) -> Locator:
    return page.locator("parley-thread .parley > [aria-live]")


def test_a_text_that_is_too_long_is_told_of_once(page: Page, live_server: Any) -> None:
    field = _filled_too_far(page, live_server)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(_shown(page)).to_have_count(1)
    expect(page.locator("parley-thread .composer [role=alert]")).to_have_count(0)
    # Who is led to the field hears it as what describes the field, and not a second time.
    described = field.evaluate(
        """one => one.getAttribute('aria-describedby').split(' ')
          .map((id) => one.getRootNode().getElementById(id).textContent).join(' ')"""
    )
    assert described.count("3 characters too many") == 1
    expect(page.locator("parley-thread .composer .left[aria-live]")).to_have_count(0)


def test_who_is_in_the_field_already_is_told_where_they_are(page: Page, live_server: Any) -> None:
    field = _filled_too_far(page, live_server)
    # Said by itself after a pause.
    expect(_announced(page)).to_have_text(TOO_MANY)
    page.evaluate("document.querySelector('parley-thread').announce('')")
    field.press("Control+Enter")
    expect(_announced(page)).to_have_text(TOO_MANY)
    expect(_shown(page)).to_have_count(1)


def test_the_room_that_is_left_is_told_at_a_pause(page: Page, live_server: Any) -> None:
    page.clock.install()
    field = _filled_too_far(page, live_server)
    page.clock.run_for(2_000)
    expect(_announced(page)).to_have_text(TOO_MANY)
    page.clock.pause_at("2199-01-01T00:00:00Z")
    for _ in range(2):
        field.press("Backspace")
        page.clock.run_for(500)
    expect(_announced(page)).to_have_text(TOO_MANY)
    page.clock.run_for(600)
    expect(_announced(page)).to_have_text("1 character too many")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_toolbar_of_a_deep_reply_is_one_row(page: Page, live_server: Any, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 700})
    ids = chain(live_server, 4)
    open_thread(page, live_server, f"#comment-{ids[0]}")
    deepest = page.locator(f'parley-thread [data-id="{ids[3]}"]')
    deepest.get_by_role("button", name="Reply", exact=True).click()
    deepest.get_by_label(re.compile("Your reply")).fill(words())
    tools = deepest.locator(".tool")
    expect(tools).to_have_count(6)
    boxes = [tools.nth(i).bounding_box() for i in range(6)]
    assert len({round(box["y"]) for box in boxes if box}) == 1
    for box in boxes:
        assert box
        assert min(box["width"], box["height"]) >= 24
    tools.first.focus()
    for i in range(6):
        expect(tools.nth(i)).to_be_focused()
        expect(tools.nth(i)).to_be_in_viewport(ratio=1)
        page.keyboard.press("Tab")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page, "parley-thread") == []
