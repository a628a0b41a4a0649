"""Staff on a publisher's page, at another site than the server's: moderate, post, leave."""

from __future__ import annotations

import http.server
import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import _command, _environment
from tests.browser.sending import send

pytestmark = pytest.mark.browser

RUDE = "You are a stupid, disgusting idiot and everybody hates you."
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>A story</title>
<style>html {{ background: light-dark(#fff, #14181b); color: light-dark(#111, #eee); }}
body {{ max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui; }}</style>
</head><body><main><h1>A story</h1><p>Words of the publisher.</p>
<script type="module" src="{server}/embed/parley.js"></script>
<parley-thread></parley-thread></main></body></html>"""


@dataclass(frozen=True)
class Publisher:
    """A page of a publisher, whose comments come from a server of another site."""

    url: str
    server: Any


@pytest.fixture(scope="module")
def publisher(live_server: Any) -> Iterator[Publisher]:
    """The page, at an origin that the demo's site has been given."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(_PAGE.format(server=live_server.url).encode())

        def log_message(self, *args: Any) -> None:
            pass

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    # "localhost" and "127.0.0.1" are two sites to a browser.
    origin = f"http://localhost:{served.server_address[1]}"
    environment = _environment(live_server.instance, live_server.url)
    _command(environment, "sites", "add-origin", "demo", origin)
    yield Publisher(f"{origin}/story", live_server)
    served.shutdown()


def _wrote(publisher: Publisher, text: str, name: str = "Ada", parent: int | None = None) -> int:
    """A reader's comment in the story's thread; its number."""
    thread = send(publisher.server, "threads", {"url": publisher.url, "title": "A story"})["thread"]
    body: dict[str, Any] = {"text": text, "author_name": name}
    if parent:
        body["parent_id"] = parent
    made = send(publisher.server, f"threads/{thread['id']}/comments", body)["comment"]
    return int(made["id"])


def _rude(publisher: Publisher) -> tuple[int, str]:
    text = f"{RUDE} {uuid.uuid4().hex[:8]}"
    return _wrote(publisher, text), text


def _signed_in(page: Page, publisher: Publisher, staff: Any) -> None:
    page.goto(f"{publisher.server.url}/console/sign-in")
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password").fill(staff.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Queues")).to_be_visible()


def _on_page(page: Page, publisher: Publisher, number: int) -> Page:
    """From the case in the console to the article, in the tab that opens for it."""
    page.goto(f"{publisher.server.url}/console/cases/{number}")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Moderate on the page").click()
    article = opened.value
    expect(_bar(article)).to_contain_text("Moderating as Mo")
    return article


def _bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Moderation")


def _comment(page: Page, text: str) -> Locator:
    return page.locator("parley-thread").get_by_role("article").filter(has_text=text)


@pytest.fixture
def at_desk(page: Page, publisher: Publisher, staff: Any) -> Page:
    """A moderator's signed-in window."""
    _signed_in(page, publisher, staff)
    return page


def _seen_by_reader(browser: Browser, publisher: Publisher, text: str) -> int:
    context = browser.new_context()
    reader = context.new_page()
    reader.goto(publisher.url)
    expect(reader.get_by_label("Your comment", exact=True)).to_be_attached()
    count = _comment(reader, text).count()
    context.close()
    return count


def test_from_the_console_to_the_article_and_the_code_is_gone(
    at_desk: Page, publisher: Publisher
) -> None:
    number, text = _rude(publisher)
    article = _on_page(at_desk, publisher, number)
    assert article.url == f"{publisher.url}#comment-{number}"
    expect(_comment(article, text)).to_be_focused()
    assert article.evaluate("window.opener") is None
    kept = article.evaluate("[JSON.stringify(localStorage), document.cookie]")
    assert "pst_" not in "".join(kept)
    assert "pst_" in article.evaluate("JSON.stringify(sessionStorage)")
    # Whoever finds the address in the history finds no code in it.
    article.goto("about:blank")
    article.go_back()
    assert "parley-staff" not in article.url
    expect(_bar(article)).to_contain_text("Moderating as Mo")


def test_a_code_serves_once(at_desk: Page, publisher: Publisher, browser: Browser) -> None:
    number, text = _rude(publisher)
    context = at_desk.context
    seen: list[str] = []
    context.on("request", lambda request: seen.append(request.url))
    at_desk.goto(f"{publisher.server.url}/console/cases/{number}")
    handed = at_desk.locator("form.on-page").first
    fields = handed.evaluate("form => Object.fromEntries(new FormData(form))")
    answer = context.request.post(
        handed.evaluate("form => form.action"),
        form=fields,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    address = answer.text().split("0; url=")[1].split('"')[0].replace("&amp;", "&")
    assert "#parley-staff=" in address
    first = context.new_page()
    first.goto(address)
    expect(_bar(first)).to_contain_text("Moderating as Mo")
    second = browser.new_context().new_page()
    second.goto(address)
    expect(_bar(second).get_by_role("alert")).to_contain_text("used already")
    assert "parley-staff" not in second.url
    expect(_comment(second, text)).to_have_count(0)
    second.context.close()


def test_approve_in_place_and_take_it_back(
    at_desk: Page, publisher: Publisher, browser: Browser
) -> None:
    number, text = _rude(publisher)
    article = _on_page(at_desk, publisher, number)
    comment = _comment(article, text)
    expect(comment.get_by_text("Held", exact=True)).to_be_visible()
    expect(comment.get_by_role("note")).to_contain_text("is over the hold threshold")
    assert _seen_by_reader(browser, publisher, text) == 0
    comment.get_by_role("button", name="Approve").press("Enter")
    expect(comment.get_by_text("You approved this")).to_be_visible()
    expect(comment.get_by_role("button", name="Undo")).to_be_focused()
    assert _seen_by_reader(browser, publisher, text) == 1
    comment.get_by_role("button", name="Undo").press("Enter")
    expect(comment.get_by_text("Held", exact=True)).to_be_visible()
    assert _seen_by_reader(browser, publisher, text) == 0


def test_reject_with_a_reason_and_undo(at_desk: Page, publisher: Publisher) -> None:
    number, text = _rude(publisher)
    article = _on_page(at_desk, publisher, number)
    comment = _comment(article, text)
    comment.get_by_role("button", name="Reject…").click()
    comment.get_by_label("Insult").check()
    comment.get_by_role("button", name="Reject", exact=True).click()
    expect(comment.get_by_text("Rejected", exact=True)).to_be_visible()
    expect(comment.get_by_role("note")).to_contain_text("A moderator gave this reason: insult.")
    comment.get_by_role("button", name="Undo").click()
    expect(comment.get_by_text("Held", exact=True)).to_be_visible()


def test_take_down_a_published_one(at_desk: Page, publisher: Publisher) -> None:
    number, _ = _rude(publisher)
    text = f"Thank you for this story. {uuid.uuid4().hex[:8]}"
    _wrote(publisher, text, name="Grace")
    article = _on_page(at_desk, publisher, number)
    comment = _comment(article, text)
    comment.get_by_role("button", name="Moderate").click()
    comment.get_by_role("button", name="Take down…").click()
    comment.get_by_label("Off topic").check()
    comment.get_by_role("button", name="Reject", exact=True).click()
    expect(comment.get_by_text("Rejected", exact=True)).to_be_visible()


def test_somebody_was_faster(at_desk: Page, publisher: Publisher) -> None:
    number, text = _rude(publisher)
    first = _on_page(at_desk, publisher, number)
    second = _on_page(at_desk, publisher, number)
    _comment(first, text).get_by_role("button", name="Approve").click()
    expect(_comment(first, text).get_by_text("You approved this")).to_be_visible()
    late = _comment(second, text)
    late.get_by_role("button", name="Reject…").click()
    late.get_by_role("button", name="Reject", exact=True).click()
    expect(late.get_by_text("Nothing was changed now")).to_be_visible()
    expect(late.get_by_role("button", name="Moderate")).to_be_visible()


def test_post_as_staff_with_a_badge_and_leave(
    at_desk: Page, publisher: Publisher, browser: Browser
) -> None:
    number, rude = _rude(publisher)
    article = _on_page(at_desk, publisher, number)
    text = f"Please mind your tone, you idiots. {uuid.uuid4().hex[:8]}"
    article.get_by_label("Your comment", exact=True).fill(text)
    expect(article.get_by_text("Posting as Mo")).to_be_visible()
    article.get_by_role("button", name="Post", exact=True).click()
    comment = _comment(article, text)
    expect(comment.locator(".badge")).to_have_text("Staff")
    context = browser.new_context()
    reader = context.new_page()
    reader.goto(publisher.url)
    expect(_comment(reader, text).locator(".badge")).to_have_text("Staff")
    expect(_bar(reader)).to_have_count(0)
    context.close()
    _bar(article).get_by_role("button", name="Leave").click()
    expect(_bar(article)).to_have_count(0)
    expect(_comment(article, rude)).to_have_count(0)
    assert article.evaluate("JSON.stringify(sessionStorage)").count("pst_") == 0
    article.get_by_label("Your comment", exact=True).focus()
    expect(article.get_by_label("Name", exact=True)).to_be_attached()


def test_readers_load_nothing_of_it(page: Page, publisher: Publisher) -> None:
    _rude(publisher)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(publisher.url)
    expect(page.get_by_label("Your comment", exact=True)).to_be_attached()
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if url.endswith("/embed/parley.js")]
    assert not [url for url in asked if "staff" in url or "moderation" in url]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "light"), (1280, "dark")])
def test_it_is_accessible(
    browser: Browser, publisher: Publisher, staff: Any, width: int, scheme: Any
) -> None:
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    page = context.new_page()
    _signed_in(page, publisher, staff)
    parent = _wrote(publisher, f"A calm word. {uuid.uuid4().hex[:8]}", name="Noor")
    number = _wrote(publisher, f"{RUDE} {uuid.uuid4().hex[:8]}", name="Ben", parent=parent)
    article = _on_page(page, publisher, number)
    comment = article.locator("parley-thread .hidden-one").first
    comment.get_by_role("button", name="Reject…").click()
    expect(comment.get_by_label("No reason")).to_be_focused()
    assert article.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if os.environ.get("SHOTS"):
        article.screenshot(path=f"{os.environ['SHOTS']}/page-{width}-{scheme}.png", full_page=True)
        page.screenshot(path=f"{os.environ['SHOTS']}/console-{width}-{scheme}.png")
    found = Axe().run(article)
    assert found.violations_count == 0, found.generate_report()
    page.bring_to_front()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()
