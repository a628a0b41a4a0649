"""What a reader does with the widget, for the tests that drive it in a browser."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.sending import send

RUDE = "You are a stupid, disgusting idiot and everybody hates you."


def words() -> str:
    """A friendly text that no other test has written."""
    return f"Thank you, I enjoyed reading this. {uuid.uuid4().hex[:8]}"


def open_thread(page: Page, server: Any, path: str = "") -> None:
    """Open the demo article where its discussion begins."""
    page.goto(server.article_url + (path or "#thread"))
    expect(page.get_by_label("Your comment", exact=True)).to_be_attached()


def comments_of(page: Page) -> Locator:
    """All comments that are shown."""
    return page.locator("parley-thread").get_by_role("article")


def comment_of(page: Page, text: str) -> Locator:
    """The comment with a text."""
    return comments_of(page).filter(has_text=text)


def write(page: Page, text: str, name: str = "Grace Hopper") -> None:
    """Fill in text and name."""
    page.get_by_label("Your comment", exact=True).fill(text)
    page.get_by_label("Name", exact=True).fill(name)


def post(page: Page, text: str) -> Locator:
    """Post a friendly comment, and have it before one."""
    write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    comment = comment_of(page, text)
    expect(comment).to_be_visible()
    return comment


def post_rude(page: Page) -> Locator:
    """Post what is held, past the word that asks to reword it."""
    text = f"{RUDE} {uuid.uuid4().hex[:8]}"
    write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("You can reword it")).to_be_visible()
    page.get_by_role("button", name="Post anyway").click()
    return comment_of(page, text)


def chain(server: Any, depth: int) -> list[int]:
    """A comment with a reply with a reply …; the ids from the root down."""
    thread = send(server, "threads", {"url": server.article_url})["thread"]["id"]
    ids: list[int] = []
    for level in range(depth):
        body = {"text": f"Level {level}. {words()}", "author_name": f"Reader {level}"}
        if ids:
            body["parent_id"] = ids[-1]  # type: ignore[assignment]
        ids.append(send(server, f"threads/{thread}/comments", body)["comment"]["id"])
    return ids
