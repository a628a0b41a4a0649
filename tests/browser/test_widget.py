"""The reader's widget in a real browser: what a reader does and sees."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.steps import (
    RUDE,
    chain,
    comment_of,
    comments_of,
    open_thread,
    post,
    post_rude,
    words,
    write,
)

pytestmark = pytest.mark.browser


def test_friendly_comment_appears_for_everyone(
    page: Page, live_server: Any, browser: Browser
) -> None:
    open_thread(page, live_server)
    text = words()
    comment = post(page, text)
    expect(comment).to_be_focused()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value("")
    other = browser.new_page()
    open_thread(other, live_server)
    expect(comment_of(other, text)).to_be_visible()
    expect(comment_of(other, text).get_by_role("button", name="Edit")).to_have_count(0)
    other.context.close()


def test_name_is_remembered(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    post(page, words())
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Grace Hopper")
    assert page.context.cookies() == []


def test_held_comment_is_shown_to_its_author_only(
    page: Page, live_server: Any, browser: Browser
) -> None:
    open_thread(page, live_server)
    comment = post_rude(page)
    expect(comment.get_by_text("Only you can see it")).to_be_visible()
    text = comment.locator(".body").inner_text()
    page.reload()
    expect(comment_of(page, text).get_by_text("Only you can see it")).to_be_visible()
    other = browser.new_page()
    open_thread(other, live_server)
    expect(comments_of(other).first).to_be_visible()
    expect(comment_of(other, text)).to_have_count(0)
    other.context.close()


def test_author_can_reword_before_posting(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    write(page, RUDE)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("You can reword it")).to_be_visible()
    expect(comment_of(page, RUDE)).to_have_count(0)
    comment = post(page, words())
    expect(comment.get_by_text("Only you can see it")).to_have_count(0)


def test_preview_is_the_servers_rendering(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    write(page, "This is **important** to me.")
    page.get_by_role("button", name="Preview").click()
    shown = page.get_by_role("region", name="Preview")
    expect(shown.locator("strong")).to_have_text("important")
    page.get_by_label("Your comment", exact=True).fill("This is _calm_ now.")
    expect(shown.locator("em")).to_have_text("calm")


def test_reply_stands_below_its_comment(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    first = words()
    post(page, first).get_by_role("button", name="Reply").click()
    text = words()
    form = comment_of(page, first).locator("form")
    form.get_by_label(re.compile("Your reply")).fill(text)
    form.get_by_role("button", name="Reply").click()
    branch = page.get_by_role("listitem").filter(has_text=first)
    expect(branch.get_by_role("listitem").filter(has_text=text)).to_be_visible()


def test_vote_and_undo(page: Page, live_server: Any, browser: Browser) -> None:
    text = words()
    writer = browser.new_page()
    open_thread(writer, live_server)
    post(writer, text)
    writer.context.close()
    open_thread(page, live_server)
    up = comment_of(page, text).get_by_role("button", name=re.compile("Vote up"))
    for pressed, label in (("true", "Vote up, 1 vote"), ("false", "Vote up, 0 votes")):
        with page.expect_response(re.compile("/vote$")):
            up.click()
        expect(up).to_have_attribute("aria-pressed", pressed)
        expect(up).to_have_attribute("aria-label", label)
    with page.expect_response(re.compile("/vote$")):
        up.click()
    page.reload()
    expect(up).to_have_attribute("aria-pressed", "true")


def test_edit(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    first, second = words(), words()
    comment = post(page, first)
    comment.get_by_role("button", name="Edit").click()
    area = comment.get_by_label("Edit your comment")
    expect(area).to_have_value(first)
    area.fill(second)
    comment.get_by_role("button", name="Save").click()
    expect(comment_of(page, second)).to_contain_text("edited")
    expect(comment_of(page, first)).to_have_count(0)


def test_withdraw_asks_first(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    text = words()
    comment = post(page, text)
    comment.get_by_role("button", name="Withdraw").click()
    comment.get_by_role("button", name="Keep it").click()
    expect(comment.get_by_role("button", name="Withdraw")).to_be_focused()
    comment.get_by_role("button", name="Withdraw").click()
    comment.locator("form").get_by_role("button", name="Withdraw").click()
    expect(comments_of(page).get_by_text("You withdrew this comment.")).to_be_visible()
    page.reload()
    expect(comments_of(page).first).to_be_visible()
    expect(comment_of(page, text)).to_have_count(0)


def test_report(page: Page, live_server: Any) -> None:
    chain(live_server, 1)
    open_thread(page, live_server)
    comment = comments_of(page).first
    comment.get_by_role("button", name="Report").click()
    comment.get_by_label("Off topic").check()
    comment.get_by_label(re.compile("Anything a moderator")).fill("Nothing about the article.")
    with page.expect_request(re.compile("/reports$")) as sent:
        comment.get_by_role("button", name="Send report").click()
    assert sent.value.post_data_json == {
        "reason": "off-topic",
        "text": "Nothing about the article.",
    }
    expect(comment.get_by_text("Thank you. A moderator will look at it.")).to_be_visible()
    page.reload()
    expect(comments_of(page).first.get_by_text("Reported")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_permalink_to_a_deep_comment(page: Page, live_server: Any, width: int) -> None:
    ids = chain(live_server, 11)
    page.set_viewport_size({"width": width, "height": 900})
    open_thread(page, live_server, f"#comment-{ids[9]}")
    comment = comment_of(page, "Level 9.").last
    expect(comment).to_be_focused()
    expect(comment).to_be_in_viewport()
    expect(comment_of(page, "Level 8.").last).to_be_visible()
    expect(comment_of(page, "Level 10.").last).to_be_visible()
    page.get_by_role("button", name="All comments").click()
    deeper = page.get_by_role("button", name=re.compile("Continue this thread")).first
    deeper.click()
    expect(page.get_by_role("button", name="All comments")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_link_copies_and_names_the_comment(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    comment = post(page, words())
    comment.get_by_role("button", name="Link").click()
    expect(comment.get_by_text("Link copied.")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"#comment-\d+$", link)
    assert page.url.split("#")[1] == link.split("#")[1]


def test_sort(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    text = words()
    post(page, text)
    page.reload()
    expect(comments_of(page).first).to_contain_text(text)
    order = page.get_by_label("Sort by")
    for sort in ("oldest", "best", "replies"):
        with page.expect_response(re.compile(f"sort={sort}")) as answer:
            order.select_option(sort)
        first = answer.value.json()["comments"][0]
        name = (first["author"] or {"name": ""})["name"]
        expect(comments_of(page).first).to_contain_text(name)
    order.select_option("newest")
    expect(comments_of(page).first).to_contain_text(text)


def test_collapse_a_branch(page: Page, live_server: Any) -> None:
    ids = chain(live_server, 2)
    open_thread(page, live_server, f"#comment-{ids[0]}")
    branch = page.get_by_role("listitem").filter(has_text="Level 0.").first
    branch.get_by_role("button", name=re.compile("Collapse")).first.press("Enter")
    expect(branch.get_by_text("Level 1.")).to_be_hidden()
    branch.get_by_role("button", name=re.compile("Expand")).press("Enter")
    expect(branch.get_by_text("Level 1.")).to_be_visible()


def test_keyboard_only(page: Page, live_server: Any) -> None:
    open_thread(page, live_server)
    text = words()
    page.get_by_label("Your comment", exact=True).focus()
    page.keyboard.type(text)
    # What belongs to the field is fetched at the first key, and there before a person has written.
    expect(page.get_by_role("button", name="Preview")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("Grace Hopper")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Preview")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    comment = comment_of(page, text)
    expect(comment).to_be_focused()
    reply = comment.get_by_role("button", name="Reply")
    for _ in range(8):
        page.keyboard.press("Tab")
        if reply.evaluate("element => element.getRootNode().activeElement === element"):
            break
    page.keyboard.press("Enter")
    answer = words()
    page.keyboard.type(answer)
    page.keyboard.press("Escape")
    expect(reply).to_be_focused()
    page.keyboard.press("Enter")
    expect(comment.get_by_label(re.compile("Your reply"))).to_have_value(answer)
    page.keyboard.press("Control+Enter")
    expect(comment_of(page, answer)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(page: Page, live_server: Any, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    chain(live_server, 2)
    open_thread(page, live_server)
    comment = comments_of(page).first
    comment.get_by_role("button", name="Report").click()
    write(page, RUDE)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("You can reword it")).to_be_visible()
    found = Axe().run(page, context="parley-thread")
    assert found.violations_count == 0, found.generate_report()
    seen = {rule["id"]: rule["nodes"] for rule in found.response["passes"]}
    assert any(len(node["target"][0]) == 2 for node in seen["color-contrast"])  # inside the shadow
    page.get_by_role("button", name="Post anyway").click()
    expect(page.get_by_text("Only you can see it").first).to_be_visible()
    found = Axe().run(page, context="parley-thread")
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
