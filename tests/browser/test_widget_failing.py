"""The widget when something fails: what is typed is never lost, and nothing is posted twice."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.steps import chain, comment_of, open_thread, words, write

pytestmark = pytest.mark.browser


def _refuse(route: Route, status: int, detail: str, wait: str) -> None:
    route.fulfill(
        status=status,
        headers={
            "Content-Type": "application/problem+json",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
            "Retry-After": wait,
        },
        body=json.dumps({"status": status, "detail": detail}),
    )


def test_unavailable_server_is_said_and_tried_again(page: Page, live_server: Any) -> None:
    page.route("**/api/v1/threads?*", lambda route: _refuse(route, 503, "Back soon.", "5"))
    page.goto(f"{live_server.article_url}#thread")
    expect(page.get_by_role("heading", name="The comments did not load")).to_be_visible()
    expect(page.get_by_text("Back soon. Try again in 5 seconds.")).to_be_visible()
    page.unroute("**/api/v1/threads?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Your comment", exact=True)).to_be_visible()


def test_refusal_keeps_the_text(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    page.route("**/comments", lambda route: _refuse(route, 429, "Too many comments.", "40"))
    text = words()
    write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    said = page.get_by_role("alert").filter(has_text="Too many comments.")
    expect(said).to_have_text("Too many comments. Try again in 40 seconds.")
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(text)


def test_offline_keeps_the_text_and_posts_it_once(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    text = words()
    page.get_by_label("Your comment", exact=True).focus()
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    page.context.set_offline(True)
    write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("You are offline. What you wrote is kept")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(text)
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(comment_of(page, text)).to_have_count(1)


def test_what_is_typed_while_the_rest_cannot_be_fetched_is_kept(
    page: Page, live_server: Any
) -> None:
    open_thread(page, live_server)
    text = words()
    page.context.set_offline(True)
    page.get_by_label("Your comment", exact=True).press_sequentially(text)
    expect(page.get_by_text("You are offline. What you wrote is kept")).to_be_visible()
    page.context.set_offline(False)
    # The rest comes by itself, around what was typed.
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(text)
    expect(page.get_by_label("Your comment", exact=True)).to_be_focused()


def test_a_reader_loads_what_reading_takes_and_stores_nothing(page: Page, live_server: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_thread(page, live_server)
    ours = [url for url in asked if "/embed/" in url or "/api/" in url]
    # The article's points are an element of their own, which fetches how to draw itself.
    wanted = ["/embed/parley.js", "/embed/lang/en.json", "/embed/points.js", "/embed/lang/en.later"]
    assert all(any(name in url for name in (*wanted, "/api/v1/threads?")) for url in ours), ours
    # The points ask for themselves where they come later than the comments.
    asked_for = {re.sub("sort=[^&]*", "", url) for url in ours if "/api/" in url}
    assert len(asked_for) == 1
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.context.cookies() == []


def test_lost_answer_makes_no_second_comment(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    text, keys = words(), []

    def lose_the_first_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(
        re.compile(r"/threads/\d+/comments$"),
        lambda route: (
            lose_the_first_answer(route) if route.request.method == "POST" else route.continue_()
        ),
    )
    write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("could not be reached")).to_be_visible()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(comment_of(page, text)).to_be_visible()
    assert len(keys) == 2
    assert keys[0] == keys[1]
    page.reload()
    expect(comment_of(page, text)).to_have_count(1)


def test_refused_vote_is_rolled_back(page: Page, live_server: Any) -> None:
    chain(live_server, 1)
    open_thread(page, live_server)
    page.route("**/vote", lambda route: _refuse(route, 429, "Too many votes.", "40"))
    up = page.get_by_role("button", name=re.compile("Vote up")).first
    before = up.get_attribute("aria-label")
    up.click()
    expect(page.get_by_text("Too many votes. Try again in 40 seconds.")).to_be_visible()
    expect(up).to_have_attribute("aria-label", str(before))
    expect(up).to_have_attribute("aria-pressed", "false")
