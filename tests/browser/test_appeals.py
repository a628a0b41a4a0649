"""Objecting to a rejection, from the reader's page to the desk and back; traps and reports too."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.sending import send

pytestmark = pytest.mark.browser

WHY = "It is a quotation from the article itself."


def _words() -> str:
    return f"Thank you, I enjoyed reading this. {uuid.uuid4().hex[:8]}"


def _open(page: Page, server: Any) -> None:
    page.goto(f"{server.article_url}#thread")
    expect(page.get_by_label("Your comment", exact=True)).to_be_attached()


def _comment(page: Page, text: str) -> Locator:
    return page.locator("parley-thread").get_by_role("article").filter(has_text=text)


def _post(page: Page, server: Any, text: str) -> int:
    """Write a comment as a reader does; answers its number."""
    _open(page, server)
    page.get_by_label("Your comment", exact=True).fill(text)
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    with page.expect_response(re.compile(r"/threads/\d+/comments$")) as answer:
        page.get_by_role("button", name="Post", exact=True).click()
    return int(answer.value.json()["comment"]["id"])


@pytest.fixture
def desk(browser: Browser, live_server: Any, staff: Any) -> Iterator[Page]:
    """A moderator's window; it fails on any fault that the script or the policy logs."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    page.goto(f"{live_server.url}/console/")
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password").fill(staff.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_attached()
    yield page
    assert not faults
    context.close()


@pytest.fixture
def rejected(page: Page, live_server: Any, desk: Page) -> tuple[str, int]:
    """A comment in the reader's window that a moderator rejected: its text and its number."""
    text = _words()
    number = _post(page, live_server, text)
    _decide(desk, live_server, number, "Take down")
    page.reload()
    expect(_comment(page, text).get_by_text("Not published").first).to_be_visible()
    return text, number


def _decide(desk: Page, server: Any, number: int, button: str) -> None:
    desk.goto(f"{server.url}/console/cases/{number}")
    if button == "Publish after all":
        desk.get_by_role("button", name=button).click()
    else:
        desk.locator("summary").filter(has_text=button).click()
        desk.get_by_role("button", name="Off topic").click()
    expect(desk.get_by_role("status")).to_contain_text(re.compile("Approved|Rejected|stands"))


def _object(page: Page, text: str) -> None:
    comment = _comment(page, text)
    comment.get_by_role("button", name="Object to this").click()
    comment.get_by_label(re.compile("A moderator reads this")).fill(WHY)
    comment.get_by_role("button", name="Send objection").click()
    expect(comment.get_by_text("You objected. A moderator will look")).to_be_visible()


def test_an_objection_is_made_once_and_granted(
    page: Page, live_server: Any, desk: Page, rejected: tuple[str, int]
) -> None:
    text, number = rejected
    comment = _comment(page, text)
    expect(comment).to_contain_text("does not speak about this page")
    expect(comment).to_contain_text("A moderator decided this. You can object until")
    _object(page, text)
    expect(comment).to_be_focused()
    expect(comment.get_by_role("button", name="Object to this")).to_have_count(0)
    page.reload()
    expect(comment.get_by_text("You objected. A moderator will look")).to_be_visible()
    desk.goto(f"{live_server.url}/console/cases/{number}")
    shown = desk.get_by_role("region", name="Its author objects")
    expect(shown).to_contain_text(WHY)
    expect(shown).to_contain_text("You rejected it yourself; better let a colleague decide.")
    _decide(desk, live_server, number, "Publish after all")
    expect(shown).to_have_count(0)
    expect(desk.get_by_text("Its author objected. You granted it")).to_be_visible()
    page.reload()
    expect(comment).to_contain_text("a moderator agreed with you")
    expect(comment.get_by_role("button", name=re.compile("Vote up"))).to_be_visible()


def test_an_objection_is_denied_with_a_reason(
    page: Page, live_server: Any, desk: Page, rejected: tuple[str, int]
) -> None:
    text, number = rejected
    _object(page, text)
    _decide(desk, live_server, number, "Reject again")
    page.reload()
    comment = _comment(page, text)
    expect(comment).to_contain_text("it stays unpublished")
    expect(comment).to_contain_text("does not speak about this page")
    expect(comment.get_by_role("button", name="Object to this")).to_have_count(0)


def test_what_was_written_stays_when_sending_fails(page: Page, rejected: tuple[str, int]) -> None:
    text, _ = rejected
    comment = _comment(page, text)
    page.route("**/appeal", lambda route: route.abort())
    comment.get_by_role("button", name="Object to this").click()
    area = comment.get_by_label(re.compile("A moderator reads this"))
    expect(area).to_be_focused()
    area.fill(WHY)
    comment.get_by_role("button", name="Send objection").click()
    expect(comment.get_by_role("alert")).to_contain_text("could not be reached")
    expect(area).to_have_value(WHY)
    page.keyboard.press("Tab")
    comment.get_by_role("button", name="Cancel").press("Enter")
    expect(comment.get_by_role("button", name="Object to this")).to_be_focused()


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 360), ("dark", 1280)])
def test_axe_finds_nothing(
    page: Page, desk: Page, live_server: Any, rejected: tuple[str, int], scheme: Any, width: int
) -> None:
    text, number = rejected
    for window in (page, desk):
        window.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        window.set_viewport_size({"width": width, "height": 900})
    comment = _comment(page, text)
    comment.get_by_role("button", name="Object to this").click()
    _without_fault(page, "parley-thread")
    comment.get_by_role("button", name="Cancel").click()
    _object(page, text)
    _without_fault(page, "parley-thread")
    desk.goto(f"{live_server.url}/console/cases/{number}")
    expect(desk.get_by_role("region", name="Its author objects")).to_be_visible()
    _without_fault(desk, None)


def _without_fault(page: Page, context: str | None) -> None:
    found = Axe().run(page, context=context) if context else Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_people_do_not_meet_the_trap(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    area = page.get_by_label("Your comment", exact=True)
    area.focus()
    trap = page.locator("parley-thread input[name=website]")
    expect(page.get_by_label("Website")).to_have_count(1)  # for a program, which looks for a label
    assert page.get_by_role("textbox", name="Website").count() == 0
    box = page.locator("parley-thread .composer .extra").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (1, 1)
    for _ in range(6):
        page.keyboard.press("Tab")
        focused = "element => element.getRootNode().activeElement === element"
        assert not trap.evaluate(focused)


@pytest.mark.parametrize("filled", [True, False])
def test_who_fills_the_trap_waits_for_a_moderator(
    page: Page, live_server: Any, desk: Page, filled: bool
) -> None:
    _open(page, live_server)
    page.get_by_label("Your comment", exact=True).focus()
    trap = page.locator("parley-thread input[name=website]")
    expect(trap).to_be_attached()
    if filled:
        trap.evaluate("element => { element.value = 'https://boats.example'; }")
    text = _words()
    page.get_by_label("Your comment", exact=True).fill(text)
    page.get_by_label("Name", exact=True).fill("Boat Seller")
    with page.expect_response(re.compile(r"/threads/\d+/comments$")) as answer:
        page.get_by_role("button", name="Post", exact=True).click()
    sent = answer.value.request.post_data_json
    assert sent.get("website", "") == ("https://boats.example" if filled else "")
    assert ("website" in sent) is filled
    comment = answer.value.json()["comment"]
    assert comment["status"] == ("held" if filled else "published")
    desk.goto(f"{live_server.url}/console/cases/{comment['id']}")
    told = desk.get_by_text("a field filled in that people do not see")
    expect(told).to_have_count(int(filled))


def test_a_report_says_how_much_it_counts_without_a_number(
    page: Page, live_server: Any, desk: Page
) -> None:
    number = _post(page, live_server, _words())
    send(live_server, f"comments/{number}/reports", {"reason": "spam", "text": "It sells boats."})
    desk.goto(f"{live_server.url}/console/?state=reported&order=reported")
    case = desk.locator(f"#case-{number}")
    desk.locator(f'#rows [data-case="{number}"] a').click()
    reports = case.get_by_role("region", name="Reports")
    expect(reports).to_contain_text("counts medium")
    expect(reports).not_to_contain_text("1.0")
    expect(desk.locator(f'#rows [data-case="{number}"]')).to_contain_text("Reported 1× · medium")
    _without_fault(desk, None)
