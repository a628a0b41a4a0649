"""One comment's whole life in a real browser, with the shipped model: the walk of a new user."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import LiveServer, Staff

pytestmark = [pytest.mark.browser, pytest.mark.model]

KIND = "Thank you for this article, the part about the harbour was a pleasure to read."
RUDE = "You are a stupid idiot and nobody likes you."


def write(page: Page, text: str, name: str) -> None:
    """Fill in the form under the article and post it."""
    page.get_by_label("Your comment", exact=True).fill(text)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Post", exact=True).click()


def test_posted_held_told_approved_and_read_by_others(
    page: Page, browser: Browser, live_server: LiveServer, staff: Staff
):
    # A reader posts something friendly: it is there at once, for everyone.
    page.goto(f"{live_server.article_url}#thread")
    expect(page.get_by_role("article").first).to_be_visible()
    expect(page.get_by_text("564 points")).to_be_visible()
    write(page, KIND, "Ines")
    friendly = page.get_by_role("article").filter(has_text=KIND)
    expect(friendly).to_be_visible()
    expect(friendly).not_to_contain_text("Waiting for a moderator")

    # An insult: the widget offers to reword it; posted anyway, its author is told what happens.
    write(page, RUDE, "Ines")
    expect(page.get_by_text("You can reword it")).to_be_visible()
    page.get_by_role("button", name="Post anyway").click()
    held = page.get_by_role("article").filter(has_text=RUDE)
    expect(held).to_contain_text("Waiting for a moderator")

    # Another reader sees the one and not the other.
    stranger = browser.new_context().new_page()
    stranger.goto(f"{live_server.article_url}#thread")
    expect(stranger.get_by_role("article").filter(has_text=KIND)).to_be_visible()
    assert stranger.get_by_role("article").filter(has_text=RUDE).count() == 0

    # A moderator signs in, sees why it was held, and approves it by key.
    desk = browser.new_context().new_page()
    desk.goto(f"{live_server.url}/console/")
    desk.get_by_label("E-mail").fill(staff.email)
    desk.get_by_label("Password").fill(staff.password)
    desk.get_by_role("button", name="Sign in").click()
    row = desk.get_by_label("Comments that wait").get_by_role("listitem").filter(has_text=RUDE)
    row.click()
    expect(desk.get_by_text("over the hold threshold").filter(visible=True).first).to_be_visible()
    desk.keyboard.press("a")
    expect(desk.get_by_text("Approved").filter(visible=True).first).to_be_visible()

    # Now the stranger reads it too.
    stranger.reload()
    expect(stranger.get_by_role("article").filter(has_text=RUDE)).to_be_visible()
    stranger.context.close()
    desk.context.close()
