"""Sanctions in a real browser: the desk's panel by key and without script, what readers see."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.barriers import violations
from tests.browser.sending import send

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Author:
    """A reader with a token, who wrote a comment."""

    id: int
    token: str
    comments: list[int]


def _author(server: Any, count: int = 1) -> Author:
    """Somebody new who wrote some friendly comments."""
    thread = send(server, "threads", {"url": server.article_url})["thread"]["id"]
    token, numbers, account = "", [], 0
    for _ in range(count):
        body = {"text": f"Good morning to all. {uuid.uuid4().hex[:8]}", "author_name": "Wanda"}
        posted = send(server, f"threads/{thread}/comments", body, token)
        token = token or posted["reader_token"]
        numbers.append(posted["comment"]["id"])
        account = posted["comment"]["author"]["id"]
    return Author(account, token, numbers)


def _sign_in(page: Page, server: Any, staff: Any) -> None:
    page.goto(f"{server.url}/console/")
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password").fill(staff.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_attached()
    page.wait_for_load_state("load")


@pytest.fixture
def desk(page: Page, live_server: Any, staff: Any) -> Iterator[Page]:
    """A moderator's window; it fails on any fault that the script logs."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    _sign_in(page, live_server, staff)
    yield page
    assert not faults


def _open_case(page: Page, server: Any, number: int) -> Any:
    page.goto(f"{server.url}/console/cases/{number}")
    panel = page.locator("[data-author-panel]")
    panel.locator("summary").click()
    expect(panel.locator(".panel-body")).to_be_focused()
    return panel


def _said(page: Page) -> Any:
    return page.locator("#said-text")


def _impose(browser: Browser, server: Any, staff: Any, author: Author, *names: str) -> None:
    """Have a moderator press buttons in the author's panel, in a window without script."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _sign_in(page, server, staff)
    for name in names:
        page.goto(f"{server.url}/console/authors/{author.id}")
        page.get_by_label("Reason").select_option("insult")
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator(".stands")).to_be_visible()
    context.close()


def _read(page: Page, server: Any, author: Author) -> None:
    """Open the article as this author."""
    page.goto(f"{server.article_url}#thread")
    page.evaluate("token => localStorage.setItem(`parley:${location.origin}`, token)", author.token)
    page.reload()
    expect(page.locator("parley-thread").get_by_role("article").first).to_be_visible()


def test_warn_mute_and_lift_by_keys(desk: Page, live_server: Any) -> None:
    author = _author(live_server)
    panel = _open_case(desk, live_server, author.comments[0])
    desk.keyboard.press("1")
    expect(panel.get_by_label("Reason")).to_have_value("insult")
    desk.keyboard.press("m")
    expect(_said(desk)).to_contain_text("Muted until")
    expect(panel.locator(".stands")).to_contain_text("Say it without the insult.")
    expect(panel.locator("summary")).to_contain_text("Muted")
    expect(panel.locator(".panel-body")).to_be_focused()
    desk.keyboard.press("w")
    expect(panel.locator(".stands > li")).to_have_count(2)
    # In the panel these keys are its own: the case was neither approved nor marked.
    expect(desk.locator(".case > .case-main .status.published")).to_be_visible()
    desk.keyboard.press("u")
    expect(_said(desk)).to_contain_text("Lifted")
    expect(panel.locator(".stands > li")).to_have_count(1)
    panel.get_by_role("button", name="Lift").click()
    expect(panel.locator(".stands")).to_have_count(0)
    expect(panel.locator(".panel-earlier")).to_contain_text("muted")
    desk.keyboard.press("Escape")
    expect(panel).not_to_have_attribute("open", "")
    expect(panel.locator("summary")).to_be_focused()


def test_what_is_typed_is_told_and_nothing_is_lost_offline(desk: Page, live_server: Any) -> None:
    author = _author(live_server)
    panel = _open_case(desk, live_server, author.comments[0])
    told = panel.get_by_label("What the author is told")
    told.fill("Please w m h x calm down.")
    desk.context.set_offline(True)
    panel.get_by_role("button", name="Hold always").click()
    expect(_said(desk)).to_contain_text("No connection")
    expect(told).to_have_value("Please w m h x calm down.")
    desk.context.set_offline(False)
    panel.get_by_role("button", name="Hold always").click()
    expect(panel.locator(".stands")).to_contain_text("“Please w m h x calm down.”")
    desk.reload()
    expect(panel.locator("summary")).to_contain_text("Always held")


def test_all_rejected_and_undone_from_the_notice(desk: Page, live_server: Any) -> None:
    author = _author(live_server, 3)
    desk.goto(f"{live_server.url}/console/authors/{author.id}")
    desk.get_by_role("button", name="Reject all from the last day").click()
    expect(_said(desk)).to_contain_text("Rejected 3 comments")
    expect(desk.locator(".entries .status.rejected")).to_have_count(3)
    desk.get_by_role("button", name="Undo").click()
    expect(_said(desk)).to_contain_text("3 of 3 comments stand as before")
    expect(desk.locator(".entries .status.published")).to_have_count(3)
    panel = _open_case(desk, live_server, author.comments[0])
    panel.get_by_role("button", name="Reject all from the last day").click()
    expect(_said(desk)).to_contain_text("Rejected 3 comments")
    panel.locator("summary").click()
    panel.get_by_role("button", name="Take all back").click()
    expect(_said(desk)).to_contain_text("3 of 3 comments stand as before")
    expect(desk.locator(".case-main .status.published")).to_be_visible()


def test_a_warning_is_read_before_the_next_comment(
    page: Page, browser: Browser, live_server: Any, staff: Any
) -> None:
    author = _author(live_server)
    _read(page, live_server, author)
    words = f"My next thought. {uuid.uuid4().hex[:8]}"
    page.get_by_label("Your comment", exact=True).fill(words)
    page.get_by_label("Name", exact=True).fill("Wanda")
    _impose(browser, live_server, staff, author, "Warn")
    page.get_by_role("button", name="Post", exact=True).click()
    warning = page.get_by_role("region", name="The moderators ask you")
    expect(warning).to_contain_text("Say it without the insult.")
    expect(warning).to_be_focused()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(words)
    page.reload()
    expect(warning).to_be_visible()
    page.get_by_role("button", name="I have read this").click()
    expect(warning).to_have_count(0)
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(words)
    expect(page.get_by_label("Your comment", exact=True)).to_be_focused()
    page.get_by_label("Name", exact=True).fill("Wanda")
    page.get_by_role("button", name="Post", exact=True).click()
    shown = page.locator("parley-thread").get_by_role("article").filter(has_text=words)
    expect(shown).to_be_visible()


def test_a_warning_in_a_reply_is_read_in_place(
    page: Page, browser: Browser, live_server: Any, staff: Any
) -> None:
    author = _author(live_server)
    _read(page, live_server, author)
    _impose(browser, live_server, staff, author, "Warn")
    comment = page.locator("parley-thread").get_by_role("article").nth(1)
    comment.get_by_role("button", name="Reply").click()
    words = f"I agree with you. {uuid.uuid4().hex[:8]}"
    page.keyboard.type(words)
    comment.get_by_label("Name", exact=True).fill("Wanda")
    comment.get_by_role("button", name="Reply", exact=True).last.click()
    comment.get_by_role("button", name="I have read this").click()
    expect(page.get_by_role("region", name="The moderators ask you")).to_have_count(0)
    expect(comment.get_by_role("textbox").first).to_have_value(words)
    comment.get_by_role("button", name="Reply", exact=True).last.click()
    shown = page.locator("parley-thread").get_by_role("article").filter(has_text=words)
    expect(shown.last).to_be_visible()


def test_a_muted_reader_keeps_the_draft_and_can_write_when_it_ends(
    page: Page, browser: Browser, live_server: Any, staff: Any
) -> None:
    author = _author(live_server)
    _read(page, live_server, author)
    page.get_by_label("Your comment", exact=True).fill("Something I was about to say.")
    page.get_by_label("Name", exact=True).fill("Wanda")
    _impose(browser, live_server, staff, author, "Mute")
    page.get_by_role("button", name="Post", exact=True).click()
    told = page.locator("parley-thread .sanction.mute")
    expect(told).to_contain_text("You can write here again after")
    expect(told).to_contain_text("What you wrote is kept")
    expect(page.get_by_label("Your comment", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Reply").first).to_be_hidden()
    page.reload()
    expect(told).to_contain_text("You can write here again after")
    told.get_by_text("Who decided this").click()
    expect(told).to_contain_text("write to the people who run this site")
    page.clock.install()
    page.reload()
    expect(told).to_be_visible()
    page.clock.fast_forward("25:00:00")
    expect(told).to_have_count(0)
    composer = page.get_by_label("Your comment", exact=True)
    expect(composer).to_be_visible()
    expect(composer).to_have_value("Something I was about to say.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_barriers(
    browser: Browser, live_server: Any, staff: Any, scheme: Any, width: int
) -> None:
    author = _author(live_server)
    _impose(browser, live_server, staff, author, "Hold always", "Warn")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
    _read(page, live_server, author)
    expect(page.locator("parley-thread .sanction")).to_have_count(2)
    assert not violations(page, "parley-thread")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    _impose(browser, live_server, staff, author, "Ban")
    page.reload()
    expect(page.locator("parley-thread .sanction")).to_have_count(1)
    expect(page.locator("parley-thread .sanction.ban")).to_be_visible()
    assert not violations(page, "parley-thread")
    _sign_in(page, live_server, staff)
    _open_case(page, live_server, author.comments[0])
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{live_server.url}/console/authors/{author.id}")
    page.get_by_role("button", name="Lift").first.click()
    expect(_said(page)).to_contain_text("Lifted")
    page.reload()
    expect(page.get_by_role("heading", name="Earlier sanctions")).to_be_visible()
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
