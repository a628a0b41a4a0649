"""The whole conversation in a real Chromium that runs no script."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.barriers import violations

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 700}
# The points, what is found, nothing found, and nothing looked for.
MORE = ("points=1", "q=assembly", "q=nobodysaidthisever", "q=%21%21%21")
OpenWindow = Callable[..., Page]


@pytest.fixture
def window(browser: Browser) -> Iterator[OpenWindow]:
    """Opens windows, without script unless it is asked for; whatever a policy refuses fails."""
    contexts = []
    faults: list[str] = []

    def opened(*, script: bool = False, **options: Any) -> Page:
        options.setdefault("viewport", WIDE)
        contexts.append(browser.new_context(java_script_enabled=script, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda one: faults.append(one.text) if one.type == "error" else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [one for one in faults if "Content Security" in one] == []


def thread_url(server: Any) -> str:
    """The demo's discussion without script."""
    return f"{server.url}/thread?url={quote(server.article_url, safe='')}"


def words(text: str = "Thank you, I enjoyed reading this.") -> str:
    """A text that is nobody else's."""
    return f"{text} {uuid.uuid4().hex[:8]}"


def comment(page: Page, text: str) -> Locator:
    """The comment with a text."""
    return page.get_by_role("article").filter(has_text=text)


def post(page: Page, server: Any, text: str, name: str = "Grace Hopper") -> None:
    """Write a comment."""
    page.goto(thread_url(server))
    page.get_by_label("Your comment").fill(text)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("status")).to_contain_text("Your comment is published.")


def test_the_article_leads_there_and_back(window: OpenWindow, live_server: Any):
    page = window()
    page.goto(live_server.article_url)
    page.get_by_role("link", name="Read the comments").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("One vote closes the Varrow")
    assert page.get_by_role("article").count() > 10
    page.get_by_role("link", name="Oldest").click()
    expect(page.locator("[aria-current]")).to_have_text("Oldest")
    page.get_by_role("link", name="Back to the article").click()
    expect(page).to_have_url(live_server.article_url)


def test_a_readers_whole_visit(window: OpenWindow, live_server: Any):
    ada, ben, text = window(), window(), words()
    ada.goto(thread_url(live_server))
    ada.get_by_label("Your comment").fill(f"**Bold**: {text}")
    ada.get_by_label("Name", exact=True).fill("Grace Hopper")
    ada.get_by_role("button", name="Preview").click()
    expect(ada.get_by_label("Preview").locator("strong")).to_have_text("Bold")
    ada.get_by_role("button", name="Post").click()
    expect(ada.get_by_role("status")).to_contain_text("Your comment is published.")
    expect(comment(ada, text)).to_be_in_viewport()

    ben.goto(thread_url(live_server))
    comment(ben, text).get_by_role("button", name="Vote up").click()
    expect(ben.get_by_role("status")).to_have_text("Your vote is counted.")
    up = comment(ben, text).get_by_role("button", name="Vote up, 1 vote")
    expect(up).to_have_attribute("aria-pressed", "true")
    up.click()
    expect(ben.get_by_role("status")).to_have_text("Your vote is taken back.")

    comment(ben, text).get_by_role("link", name="Reply to Grace Hopper").click()
    answer = words("I think so too.")
    ben.get_by_label("Your reply to").fill(answer)
    ben.get_by_label("Name", exact=True).fill("Ben")
    ben.get_by_role("button", name="Reply").click()
    expect(comment(ben, answer)).to_be_visible()
    expect(comment(ben, text)).to_be_visible()

    comment(ben, text).get_by_role("link", name="Report").click()
    ben.get_by_label("Off topic").check()
    ben.get_by_role("button", name="Send report").click()
    expect(ben.get_by_role("status")).to_contain_text("A moderator will look at it")

    ada.goto(thread_url(live_server))
    comment(ada, text).first.get_by_role("link", name="Edit").click()
    changed = words("On second thoughts, thank you even more.")
    ada.get_by_label("Edit your comment").fill(changed)
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_role("status")).to_have_text("Your change is saved.")
    comment(ada, changed).get_by_role("link", name="Withdraw").click()
    ada.get_by_role("button", name="Withdraw").click()
    expect(ada.get_by_role("status")).to_have_text("You withdrew this comment.")
    expect(ada.get_by_text(changed)).to_have_count(0)
    expect(comment(ada, answer)).to_be_visible()


def test_pressing_twice_posts_once(window: OpenWindow, live_server: Any):
    page, text = window(), words()
    # First as somebody unknown, then by the cookie that came of it; so slowly, too, that it comes
    # between the two.
    for who, delay in (("unknown", 0), ("known", 0), ("other", 60)):
        if who == "other":
            page.context.clear_cookies()
        page.goto(thread_url(live_server))
        page.get_by_label("Your comment").fill(f"{text} {who}")
        page.get_by_label("Name", exact=True).fill("Grace Hopper")
        page.get_by_role("button", name="Post").dblclick(delay=delay)
        expect(page.get_by_role("status")).to_contain_text("Your comment")
        expect(comment(page, f"{text} {who}")).to_have_count(1)
        expect(comment(page, f"{text} {who}").get_by_role("link", name="Withdraw")).to_be_visible()


def test_looking_for_words(window: OpenWindow, live_server: Any):
    page, text = window(), words("Herrings")
    post(page, live_server, text)
    rare = text.split()[-1]
    page.get_by_role("searchbox", name="Search in this discussion").fill(rare)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 comment found")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value(rare)
    comment(page, text).get_by_role("link", name="Link to this comment").click()
    expect(page.get_by_text("You are reading one branch")).to_be_visible()
    page.go_back()
    page.get_by_role("searchbox").fill("nobodysaidthisever")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", name="No comment has these words.")).to_be_visible()
    page.get_by_role("searchbox").fill("!!!")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("Write at least one word")
    page.get_by_role("link", name="Back to the discussion").click()
    expect(comment(page, text)).to_be_visible()


def test_the_articles_points(window: OpenWindow, live_server: Any):
    page = window()
    page.goto(f"{thread_url(live_server)}&points=1")
    give = page.get_by_role("button", name="Give a point")
    told = give.get_attribute("aria-label")
    assert told
    before = int(re.sub(r"\D", "", told))
    give.click()
    expect(page.get_by_role("status")).to_have_text("Your point for the article is counted.")
    take = page.get_by_role("button", name="Take your point back")
    expect(take).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text(f"{before + 1} points", exact=True)).to_be_visible()
    take.click()
    expect(page.get_by_role("status")).to_have_text("Your point for the article is taken back.")
    expect(page.get_by_text(f"{before} points", exact=True)).to_be_visible()


def test_an_author_is_hidden_and_shown_again(window: OpenWindow, live_server: Any):
    # With script only so that axe can run; no page has any.
    ada, ben, text = window(), window(script=True), words()
    post(ada, live_server, text)
    post(ben, live_server, words("I have something to say as well."), "Ben")
    place = comment(ben, text)
    place.get_by_role("link", name="Report").click()
    ben.get_by_role("button", name="Hide this author").click()
    expect(ben.get_by_role("status")).to_contain_text("You hid the comments of this author")
    again = ben.get_by_role("button", name="Show them again")
    expect(again).to_be_visible()
    expect(ben.get_by_text(text)).to_have_count(0)
    assert violations(ben) == []
    ben.goto(thread_url(live_server))
    expect(ben.get_by_text(text)).to_have_count(0)
    ben.set_viewport_size(NARROW)
    assert violations(ben) == []
    ben.get_by_role("button", name="Show them again").first.click()
    expect(ben.get_by_role("status")).to_have_text("You see the comments of this author again.")
    expect(comment(ben, text)).to_be_visible()
    # Nobody else was shown less meanwhile.
    ada.goto(thread_url(live_server))
    expect(comment(ada, text)).to_be_visible()


def test_by_keyboard_alone(window: OpenWindow, live_server: Any):
    page, text = window(), words()
    page.goto(thread_url(live_server))
    focused = page.locator(":focus")
    page.keyboard.press("Tab")
    expect(focused).to_have_text("Skip to the comments")
    expect(focused).to_be_in_viewport()
    for _ in range(8):
        page.keyboard.press("Tab")
        if focused.get_attribute("id") == "text":
            break
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    page.keyboard.type("Grace Hopper")
    page.keyboard.press("Tab")
    expect(focused).to_have_text("Post")
    assert page.locator(":focus-visible").count() == 1
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Your comment is published.")
    # The browser goes on from the comment that the address names: its time is what comes next.
    page.keyboard.press("Tab")
    expect(comment(page, text).get_by_role("link").first).to_be_focused()


def test_a_rude_comment_waits_and_is_shown_to_its_author(window: OpenWindow, live_server: Any):
    page, text = window(), words("You are a stupid worthless idiot and everyone hates you,")
    page.goto(thread_url(live_server))
    page.get_by_label("Your comment").fill(text)
    page.get_by_label("Name", exact=True).fill("Rude")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("region", name="Your comments that only you")).to_contain_text(text)
    other = window()
    other.goto(thread_url(live_server))
    expect(other.get_by_text(text)).to_have_count(0)


def test_a_mistake_keeps_the_text(window: OpenWindow, live_server: Any):
    page = window()
    page.goto(thread_url(live_server))
    page.get_by_label("Your comment").fill("Kept.")
    page.get_by_label("Name", exact=True).fill("   ")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a name")
    expect(page.get_by_label("Your comment")).to_have_value("Kept.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(window: OpenWindow, live_server: Any, scheme: str):
    page = window(script=True, color_scheme=scheme)
    post(page, live_server, words())
    own = re.search(r"comment-(\d+)", page.url)
    assert own
    branch = f"{live_server.url}/thread/comments/{own[1]}"
    parts = ("", "/reply", "/edit", "/withdraw", "/report", "/appeal")
    places = [thread_url(live_server), *[branch + part for part in parts]]
    places += [f"{thread_url(live_server)}&{more}" for more in MORE]
    places += [f"{live_server.url}/thread?url=nonsense", f"{live_server.url}/thread/comments/1"]
    for place in places:
        page.goto(place)
        assert violations(page) == [], place


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_nothing_is_wider_than_the_window(
    window: OpenWindow, live_server: Any, viewport: dict[str, int]
):
    page = window(script=True, viewport=viewport)
    post(page, live_server, words("https://news.example/" + "long" * 60))
    number = re.search(r"comment-(\d+)", page.url)
    assert number
    branch = f"{live_server.url}/thread/comments/{number[1]}"
    for place in (thread_url(live_server), f"{thread_url(live_server)}&sort=best", branch,
                  f"{branch}/reply", f"{branch}/report", f"{branch}/edit",
                  *[f"{thread_url(live_server)}&{more}" for more in MORE]):  # fmt: skip
        page.goto(place)
        sizes = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert sizes[0] <= sizes[1], place
        narrowest = page.evaluate(
            "Math.min(999, ...[...document.querySelectorAll('.body')].map(one => one.clientWidth))"
        )
        assert narrowest > 120, place
