"""The desk in a real browser: deciding by click and key, conflicts, no script, no barriers."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.barriers import violations
from tests.browser.sending import send

pytestmark = pytest.mark.browser

# What other tests left waiting may fill a page of the oldest.
QUEUE = "/console/?order=newest"
RUDE = "You are a stupid, disgusting idiot and everybody hates you."


def _hold(server: Any) -> str:
    """Have a new comment held; answers the mark by which its text is known."""
    mark = uuid.uuid4().hex[:10]
    thread = send(server, "threads", {"url": server.article_url})["thread"]["id"]
    body = {"text": f"{RUDE} {mark}", "author_name": "Rude Reader"}
    posted = send(server, f"threads/{thread}/comments", body)
    assert posted["comment"]["status"] == "held"
    return mark


def _sign_in(page: Page, server: Any, staff: Any) -> None:
    page.goto(f"{server.url}/console/")
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password").fill(staff.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_attached()
    page.goto(f"{server.url}{QUEUE}")


def _case(page: Page, mark: str) -> Locator:
    return page.locator("#cases > .case").filter(has_text=mark)


def _choose(page: Page, mark: str) -> Locator:
    """Make a case the current one."""
    page.goto(re.sub(r"#.*", "", page.url))
    page.locator("#rows li").filter(has_text=mark).get_by_role("link").click()
    case = _case(page, mark)
    expect(case).to_be_visible()
    return case


def _said(page: Page) -> Locator:
    return page.get_by_role("status")


@pytest.fixture
def desk(page: Page, live_server: Any, staff: Any) -> Iterator[Page]:
    """A moderator's window on the queue; it fails on any fault that the script logs."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    _hold(live_server)
    _sign_in(page, live_server, staff)
    yield page
    assert not faults


def test_a_wrong_password_is_said(page: Page, live_server: Any, staff: Any) -> None:
    page.goto(f"{live_server.url}/console/")
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password").fill("wrong-wrong-wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("E-mail")).to_have_value(staff.email)


def test_approve_and_undo_by_key(desk: Page, live_server: Any) -> None:
    mark = _hold(live_server)
    _choose(desk, mark)
    waiting = int(desk.locator('[data-count="held"]').inner_text())
    desk.keyboard.press("a")
    expect(_said(desk)).to_have_text("Approved — published in the thread.")
    expect(_case(desk, mark)).to_have_count(0)
    expect(desk.locator('[data-count="held"]')).to_have_text(str(waiting - 1))
    expect(desk.locator(".case:visible")).to_have_count(1)
    desk.keyboard.press("u")
    expect(_said(desk)).to_contain_text("Taken back")
    expect(_case(desk, mark)).to_be_visible()
    expect(_case(desk, mark)).to_be_focused()
    expect(_case(desk, mark)).to_contain_text("is over the hold threshold")


def test_undo_again_goes_further_back_and_never_forth(desk: Page, live_server: Any) -> None:
    first, second = _hold(live_server), _hold(live_server)
    for mark in (first, second):
        _choose_without_loading(desk, mark, live_server)
        desk.keyboard.press("a")
        expect(_case(desk, mark)).to_have_count(0)
    for mark in (second, first):
        desk.keyboard.press("u")
        expect(_case(desk, mark)).to_be_visible()
    desk.keyboard.press("u")
    expect(_case(desk, first)).to_contain_text("held")
    desk.reload()
    for mark in (first, second):
        expect(desk.locator("#rows li").filter(has_text=mark)).to_be_visible()
        # The tests after this one find their cases on the first page of the queue.
        _choose(desk, mark)
        desk.keyboard.press("a")
        expect(_case(desk, mark)).to_have_count(0)


def _choose_without_loading(page: Page, mark: str, live_server: Any) -> None:
    """Make a case the current one in the list as it is, loaded once with all of them in it."""
    row = page.locator("#rows li").filter(has_text=mark)
    if not row.count():
        page.goto(f"{live_server.url}{QUEUE}")
    row.get_by_role("link").click()
    expect(_case(page, mark)).to_be_visible()


def test_reject_by_number_key(desk: Page, live_server: Any) -> None:
    mark = _hold(live_server)
    case = _choose(desk, mark)
    desk.keyboard.press("1")
    expect(case).to_be_visible()
    desk.keyboard.press("r")
    expect(case.get_by_role("button", name="No reason")).to_be_focused()
    desk.keyboard.press("Escape")
    expect(case.get_by_role("button", name="No reason")).to_be_hidden()
    desk.keyboard.press("r")
    desk.keyboard.press("1")
    expect(_said(desk)).to_contain_text("Rejected (insult)")
    expect(_case(desk, mark)).to_have_count(0)
    desk.goto(f"{live_server.url}/console/decisions")
    entry = desk.locator(".entries > li").filter(has_text=mark)
    expect(entry).to_contain_text("insult")
    entry.get_by_role("button", name="Undo").click()
    expect(_said(desk)).to_contain_text("Taken back")
    expect(desk.locator(".entries > li").filter(has_text=mark)).to_have_count(2)


def test_reject_by_click(desk: Page, live_server: Any) -> None:
    mark = _hold(live_server)
    case = _choose(desk, mark)
    case.locator(".reject summary").click()
    case.get_by_role("button", name="Spam").click()
    expect(_said(desk)).to_contain_text("Rejected (spam)")


def test_next_and_previous(desk: Page, live_server: Any) -> None:
    _hold(live_server)
    desk.reload()
    first = desk.locator(".case:visible").get_attribute("id")
    desk.keyboard.press("j")
    expect(desk.locator(".case:visible")).not_to_have_id(str(first))
    desk.keyboard.press("k")
    expect(desk.locator(".case:visible")).to_have_id(str(first))


def test_keys_can_be_shown_and_turned_off(desk: Page) -> None:
    desk.keyboard.press("?")
    dialog = desk.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Use single keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    first = desk.locator(".case:visible").get_attribute("id")
    desk.keyboard.press("a")
    desk.keyboard.press("j")
    expect(desk.locator(".case:visible")).to_have_id(str(first))
    expect(_said(desk)).to_be_empty()


def test_two_moderators_at_once(desk: Page, browser: Browser, live_server: Any, staff: Any) -> None:
    mark = _hold(live_server)
    context = browser.new_context()
    other = context.new_page()
    _sign_in(other, live_server, staff)
    _choose(other, mark)
    _choose(desk, mark)
    # Who has not heard of it yet learns it from the answer to the key.
    desk.route("**/console/counts*", lambda route: route.abort())
    other.keyboard.press("r")
    other.keyboard.press("4")
    expect(_said(other)).to_contain_text("Rejected (spam)")
    desk.keyboard.press("a")
    expect(_said(desk)).to_contain_text("rejected this a moment ago")
    case = _case(desk, mark)
    expect(case).to_be_visible()
    expect(case.locator("header .status")).to_have_text("rejected")
    # A key pressed once too often does not overrule the other one.
    desk.keyboard.press("a")
    desk.keyboard.press("j")
    expect(case).to_have_count(0)
    context.close()


def test_without_a_connection_the_case_stays(desk: Page, live_server: Any) -> None:
    mark = _hold(live_server)
    case = _choose(desk, mark)
    desk.context.set_offline(True)
    desk.keyboard.press("a")
    expect(_said(desk)).to_contain_text("No connection")
    expect(case).to_be_visible()
    desk.context.set_offline(False)
    # What came back by itself is looked at before a key counts for it.
    desk.wait_for_timeout(800)
    desk.keyboard.press("a")
    expect(_said(desk)).to_have_text("Approved — published in the thread.")


def test_the_forms_work_without_script(browser: Browser, live_server: Any, staff: Any) -> None:
    mark = _hold(live_server)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _sign_in(page, live_server, staff)
    _case(page, mark).get_by_role("button", name="Approve").click()
    expect(_said(page)).to_have_text("Approved — published in the thread.")
    page.get_by_role("button", name="Undo").click()
    expect(_said(page)).to_contain_text("Taken back")
    case = _case(page, mark)
    case.locator(".reject summary").click()
    case.get_by_role("button", name="Insult").click()
    expect(_said(page)).to_contain_text("Rejected (insult)")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_barriers(
    browser: Browser, live_server: Any, staff: Any, scheme: Any, width: int
) -> None:
    _hold(live_server)
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
    page.goto(f"{live_server.url}/console/sign-in")
    assert not violations(page)
    _sign_in(page, live_server, staff)
    assert not violations(page)
    page.keyboard.press("r")
    assert not violations(page)
    case = page.locator(".case:visible .permalink").get_attribute("href")
    for path in (case, "/console/decisions?by=everyone", "/console/?state=unscored", "/console/x"):
        page.goto(f"{live_server.url}{path}")
        assert not violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(f"{live_server.url}/console/")
    page.keyboard.press("?")
    assert not violations(page)
    context.close()


@pytest.mark.parametrize("path", ["/console/", "/console/decisions"])
def test_a_page_that_stays_open_learns_that_scoring_stopped_and_that_it_goes_on(
    desk: Page, live_server: Any, path: str
) -> None:
    said = '<div id="banner"><div class="banner"><p>3 comments wait to be scored</p></div></div>'
    answers = iter([said, said, '<div id="banner"></div>'])
    desk.route(
        "**/console/banner",
        lambda route: route.fulfill(body=next(answers), content_type="text/html"),
    )
    desk.clock.install()
    desk.goto(f"{live_server.url}{path}")
    banner = desk.locator("#banner")
    expect(banner).to_have_text("")
    for _ in range(2):
        desk.clock.run_for(31_000)
        expect(banner).to_contain_text("3 comments wait to be scored")
    desk.clock.run_for(31_000)
    expect(banner).to_have_text("")
