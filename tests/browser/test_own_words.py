"""What readers are told of their own hidden comments, in the language of the page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_reading import comments, friendly, open_at, words_of, write

pytestmark = pytest.mark.browser

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
