"""Long lines of code in what people write: they scroll in their own box, for keyboards too."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.barriers import violations
from tests.browser.sending import send
from tests.browser.steps import RUDE

pytestmark = pytest.mark.browser

LINE = "x" * 200
SCHEMES = [(320, "light"), (320, "dark"), (1280, "light")]


def _posted(server: Any, text: str) -> tuple[int, str, str]:
    """A comment with a long line of code; its number, its status and the mark it is known by."""
    mark = uuid.uuid4().hex[:10]
    thread = send(server, "threads", {"url": server.article_url})["thread"]["id"]
    body = {"text": f"{text} {mark}\n\n```\n{LINE}\n```", "author_name": "Ada"}
    comment = send(server, f"threads/{thread}/comments", body)["comment"]
    return comment["id"], comment["status"], mark


def _scrolls_alone(page: Page, block: Locator) -> None:
    """A box scrolls sideways, by key too, and the page around it does not."""
    expect(block).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert block.evaluate("one => one.scrollWidth > one.clientWidth")
    block.focus()
    expect(block).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("one => one.scrollLeft > 0", arg=block.element_handle())
    assert block.evaluate("one => one.matches(':focus-visible')")
    assert violations(page) == []


@pytest.mark.parametrize(("width", "scheme"), SCHEMES)
def test_on_the_page_without_script(page: Page, live_server: Any, width: int, scheme: Any) -> None:
    number, status, mark = _posted(live_server, "I wrote this for the sea wall.")
    assert status == "published"
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    for path in (f"/thread?url={quote(live_server.article_url, safe='')}",
                 f"/thread?url={quote(live_server.article_url, safe='')}&q={mark}",
                 f"/thread/comments/{number}",
                 f"/thread/comments/{number}/reply"):  # fmt: skip
        page.goto(f"{live_server.url}{path}")
        _scrolls_alone(page, page.get_by_role("article").filter(has_text=mark).locator("pre"))


@pytest.mark.parametrize(("width", "scheme"), SCHEMES)
def test_in_the_console(page: Page, live_server: Any, staff: Any, width: int, scheme: Any) -> None:
    number, status, mark = _posted(live_server, RUDE)
    assert status == "held"
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{live_server.url}/console/")
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password").fill(staff.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_attached()
    page.goto(f"{live_server.url}/console/?order=newest&case={number}")
    _scrolls_alone(page, page.locator("#cases .case").filter(has_text=mark).locator("pre"))


def test_code_among_words_from_right_to_left(page: Page, live_server: Any) -> None:
    """It reads from left to right, and its box shows where the line begins."""
    number, status, mark = _posted(live_server, "שלום, I wrote this for the sea wall.")
    assert status == "published"
    for path in (f"/thread/comments/{number}", f"/demo/article#comment-{number}"):
        page.goto(f"{live_server.url}{path}")
        body = page.get_by_role("article").filter(has_text=mark).last.locator(".body")
        expect(body).to_have_css("direction", "rtl")
        expect(body.locator("pre")).to_have_css("direction", "ltr")
        assert body.locator("pre").evaluate(
            "one => one.firstChild.getBoundingClientRect().left >= one.getBoundingClientRect().left"
        )
