"""What readers are told of their own hidden comments, in the language of the page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.steps import RUDE
from tests.browser.test_reading import comments, friendly, open_at, posted, words_of, write

pytestmark = pytest.mark.browser

# Longer than a reader is told of a check that goes on.
PATIENCE = (1500, 3000, 6000, 12000, 24000)
ENGLISH = "Not published: insult. Only you can see it."
REASONS = [
    {"code": "insult", "told": ""},
    {"code": "links", "told": ""},
    {"code": "other", "told": ""},
    {"code": "other", "told": "Kein Klatsch."},
]


def _stands(page: Page, **stand: Any) -> None:
    """Have the server say how one's own comment stands, in its English sentence."""

    def answer(route: Route) -> None:
        fetched = route.fetch()
        said = fetched.json()
        said["comments"][0].update(notice=ENGLISH, **stand)
        route.fulfill(response=fetched, json=said)

    page.unroute("**/mine")
    page.route("**/mine", answer)
    page.reload()


@pytest.mark.parametrize("lang", ["de", "ar", "ja"])
def test_a_notice_speaks_the_readers_language(page: Page, live_server: Any, lang: str) -> None:
    words, text = words_of(lang), friendly()
    open_at(page, live_server)
    write(page, text)
    open_at(page, live_server, lang=lang, behind="?again#thread")
    own = comments(page).filter(has_text=text)
    for status in ("held", "unscored"):
        _stands(page, status=status, reasons=[])
        expect(own.locator(".notice")).to_have_text(words[status])
    _stands(page, status="rejected", reasons=REASONS, rejected_by="machine")
    why = words["because"].replace("{why}", f"{words['insult']} · {words['links']}")
    expect(own.locator(".notice")).to_have_text(f"{words['rejected']} {why} Kein Klatsch.")
    expect(own.locator(".appeal")).to_have_text(words["byMachine"])


def test_in_english_the_servers_sentence_says_it_all(page: Page, live_server: Any) -> None:
    text = friendly()
    open_at(page, live_server)
    write(page, text)
    own = comments(page).filter(has_text=text)
    _stands(page, status="rejected", reasons=REASONS, rejected_by="person")
    expect(own.locator(".notice")).to_have_text(ENGLISH)


def test_whose_first_words_are_a_reply_is_told_how_it_stands(page: Page, live_server: Any) -> None:
    above = friendly()
    posted(live_server, above)
    open_at(page, live_server)
    comments(page).filter(has_text=above).get_by_role("button", name="Reply", exact=True).click()
    form = page.locator("parley-thread .slot form")
    form.get_by_role("textbox").first.fill(f"{RUDE} {above}")
    form.get_by_label("Name", exact=True).fill("Grace Hopper")
    send = form.get_by_role("button", name="Reply", exact=True)
    send.click()
    expect(page.get_by_text("You can reword it")).to_be_visible()
    send.click()
    notice = comments(page).filter(has_text=RUDE).locator(".notice")
    expect(notice).to_have_text(words_of("en")["held"])


def test_a_check_that_took_long_is_over_with_its_outcome(page: Page, live_server: Any) -> None:
    words, text = words_of("en"), friendly()

    def answer(route: Route, status: str) -> None:
        fetched = route.fetch()
        said = fetched.json()
        said["comment"].update(status=status)
        route.fulfill(response=fetched, json=said)

    page.clock.install()
    open_at(page, live_server)
    page.route("**/comments", lambda route: answer(route, "unscored"))
    own = write(page, text)
    expect(own.locator(".notice")).to_have_text(words["unscored"])
    page.unroute("**/comments")
    number = own.get_attribute("data-id")
    page.route(f"**/comments/{number}", lambda route: answer(route, "unscored"))
    for wait in PATIENCE:
        with page.expect_response(f"**/comments/{number}"):
            page.clock.run_for(wait)
    expect(own.locator(".notice")).to_have_text(words["slow"])
    page.unroute(f"**/comments/{number}")
    page.route(f"**/comments/{number}", lambda route: answer(route, "held"))
    own.get_by_role("button", name="Edit").click()
    own.get_by_role("button", name="Save").click()
    expect(own.locator(".notice")).to_have_text(words["held"])
