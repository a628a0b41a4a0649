"""The widget on a page that is not ours: moved, restyled, listened to."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.steps import comments_of, open_thread, post, words

pytestmark = pytest.mark.browser


def test_element_can_be_moved_and_pointed_elsewhere(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        "() => { const e = document.querySelector('parley-thread'); "
        "const box = document.createElement('div'); document.body.append(box); box.append(e) }"
    )
    expect(page.get_by_label("Your comment", exact=True)).to_be_visible()
    assert not [url for url in asked if "/api/" in url]
    with page.expect_response(re.compile(r"/api/v1/threads\?.*page_id=elsewhere")):
        page.evaluate(
            "document.querySelector('parley-thread').setAttribute('page-id', 'elsewhere')"
        )
    expect(page.get_by_text("No comments yet")).to_be_visible()


def test_strict_policy_and_hostile_styles_of_the_page(page: Page, live_server: Any) -> None:
    def serve(route: Route) -> None:
        route.fulfill(
            headers={
                "Content-Type": "text/html",
                "Content-Security-Policy": (
                    "default-src 'none'; script-src 'self'; connect-src 'self'; "
                    "style-src 'nonce-page'; require-trusted-types-for 'script'"
                ),
            },
            body=f"""<!doctype html><html lang="en"><title>Host</title>
            <link rel="canonical" href="{live_server.article_url}">
            <style nonce="page">
            div, span, p, ol, li, article, button, textarea, bdi {{ display: none !important }}
            * {{ color: red !important; font: 40px/1 fantasy !important; letter-spacing: 9px }}
            </style>
            <script type="module" src="{live_server.url}/embed/parley.js"></script>
            <parley-thread></parley-thread>""",
        )

    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.route(f"{live_server.url}/host", serve)
    page.goto(f"{live_server.url}/host")
    expect(comments_of(page).first).to_be_visible()
    area = page.get_by_label("Your comment", exact=True)
    assert area.evaluate("e => getComputedStyle(e).color") != "rgb(255, 0, 0)"
    assert area.evaluate("e => getComputedStyle(e).letterSpacing") == "normal"
    expect(post(page, words())).to_be_focused()
    assert errors == []


def test_events_reach_the_page(page: Page, live_server: Any) -> None:
    page.add_init_script(
        "window.heard = []; for (const name of ['ready', 'posted']) "
        "addEventListener('parley:' + name, (event) => heard.push([name, event.target.localName]))"
    )
    open_thread(page, live_server)
    post(page, words())
    assert page.evaluate("heard") == [["ready", "parley-thread"], ["posted", "parley-thread"]]


def test_points_are_given_and_taken_back(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    page.evaluate("document.body.prepend(document.createElement('parley-points'))")
    points = page.locator("parley-points").first
    arrow, total = points.get_by_role("button"), points.get_by_text(re.compile("^[0-9,]+ points?$"))
    expect(arrow).to_have_attribute("aria-pressed", "false")
    before = total.inner_text()
    with page.expect_response(re.compile("/points$")):
        arrow.click()
    expect(arrow).to_have_attribute("aria-pressed", "true")
    expect(total).not_to_have_text(before)
    with page.expect_response(re.compile("/points$")):
        arrow.click()
    expect(total).to_have_text(before)
