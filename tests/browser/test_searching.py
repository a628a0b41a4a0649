"""Looking for words in the widget's discussion, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.steps import comments_of, open_thread
from tests.browser.test_reading import comments, friendly, open_at, posted, words_of

pytestmark = pytest.mark.browser


def _opener(page: Page) -> Locator:
    return page.locator(".sort button")


def _searched(page: Page, words: str) -> None:
    _opener(page).click()
    page.get_by_role("searchbox").fill(words)
    with page.expect_response(re.compile("/search")):
        page.keyboard.press("Enter")


def test_escape_leads_back_to_the_button_that_opened_it(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    expect(comments_of(page).first).to_be_visible()
    before = comments_of(page).count()
    _opener(page).press("Enter")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_count(0)
    expect(_opener(page)).to_be_focused()
    assert comments_of(page).count() == before


def test_escape_leads_back_from_what_was_found(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    expect(comments_of(page).first).to_be_visible()
    before = comments_of(page).count()
    _searched(page, "the")
    expect(page.get_by_text(re.compile("comments? found")).last).to_be_visible()
    comments_of(page).first.get_by_role("link").focus()
    page.keyboard.press("Escape")
    expect(_opener(page)).to_be_focused()
    expect(page.get_by_text(re.compile("comments? found"))).to_have_count(1)  # what was announced
    assert comments_of(page).count() == before


@pytest.mark.parametrize("lang", ["en", "de", "ar"])
def test_many_found_are_said_to_be_so_many_or_more(page: Page, live_server: Any, lang: str) -> None:
    def many(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"count": 1000, "capped": True})

    page.route("**/search?*", many)
    open_at(page, live_server, lang=lang if lang != "en" else "")
    _searched(page, "the")
    said = page.locator(".main > .muted")
    number = page.evaluate("lang => new Intl.NumberFormat(lang).format(1000)", lang)
    expect(said).to_have_text(words_of(lang)["foundMost"].replace("{n}", number))


def test_who_is_hidden_is_hidden_among_what_was_found(page: Page, live_server: Any) -> None:
    text = friendly()
    posted(live_server, text)
    open_at(page, live_server)
    comments(page).filter(has_text=text).get_by_role("button", name="Report").click()
    page.get_by_role("button", name="Hide this author").click()
    _searched(page, text.rpartition(" ")[2])
    expect(page.locator(".main > .muted")).to_have_text("1 comment found")
    expect(comments(page)).to_contain_text(words_of("en")["mutedOne"])
    expect(page.get_by_text(text)).to_have_count(0)
