"""Going on from case to case: at once, back where the server refused, and past what others did."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from models import Role
from tests.browser import shift
from tests.browser.test_shift import sign_in

pytestmark = pytest.mark.browser

# So long a case that came up by itself takes no key, and then some.
_A_LOOK = 800
_PROMPT = 8_000


@pytest.fixture
def filled(live_server: Any, request: pytest.FixtureRequest) -> Any:
    """A server with a desk of its own for this test."""
    words = re.sub("[^a-z]", "", request.node.name.removeprefix("test_"))
    name = f"{words[:24]}{words[-5:]}"
    shift.fill(
        live_server.instance, name, 8, {f"{name}-ann": Role.MODERATOR, f"{name}-ben": Role.SENIOR}
    )
    return live_server, name


def _numbers(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "#cases > .case", "list => list.map((one) => one.dataset.case)"
    )


def _current(page: Page) -> Any:
    return page.locator("#cases > .case.current")


def test_the_next_case_comes_before_the_answer(page: Page, filled: Any) -> None:
    server, name = filled
    held: list[Route] = []
    page.route("**/decisions*", lambda route: held.append(route), times=2)
    sign_in(page, server, f"{name}-ann")
    first, second, third = _numbers(page)[:3]
    page.keyboard.press("a")
    expect(_current(page)).to_have_attribute("data-case", second)
    page.keyboard.press("r")
    page.keyboard.press("4")
    expect(_current(page)).to_have_attribute("data-case", third)
    # U waits until it is known what there is to take back.
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Still saving")).to_be_visible()
    for route in held:
        route.continue_()
    expect(_current(page)).to_have_attribute("data-case", second)
    expect(page.get_by_role("status").filter(has_text="Taken back")).to_be_visible()
    page.keyboard.press("u")
    expect(_current(page)).to_have_attribute("data-case", first)


def test_what_was_refused_comes_back_in_its_place(page: Page, filled: Any) -> None:
    server, name = filled
    sign_in(page, server, f"{name}-ann")
    before = _numbers(page)
    page.context.set_offline(True)
    for _ in range(3):
        case = _current(page).get_attribute("data-case")
        page.keyboard.press("a")
        expect(page.locator("#said")).to_contain_text("No connection")
        # It is before the person again, and the key pressed once too often is not for it.
        expect(_current(page)).to_have_attribute("data-case", str(case))
        page.keyboard.press("a")
        expect(_current(page)).to_have_attribute("data-case", str(case))
        page.wait_for_timeout(_A_LOOK)
    assert _numbers(page) == before
    page.context.set_offline(False)
    page.keyboard.press("a")
    expect(page.locator("#said")).to_contain_text("Approved")
    assert _numbers(page) == before[1:]


def test_it_comes_back_without_taking_anybody_out_of_a_note(page: Page, filled: Any) -> None:
    server, name = filled
    held: list[Route] = []
    page.route("**/decisions*", lambda route: held.append(route))
    sign_in(page, server, f"{name}-ann")
    first, second = _numbers(page)[:2]
    page.keyboard.press("a")
    page.keyboard.press("n")
    page.keyboard.insert_text("half a sent")
    expect(_current(page)).to_have_attribute("data-case", second)
    held[0].abort()
    expect(page.locator("#said")).to_contain_text("No connection")
    assert _numbers(page)[:2] == [first, second]
    expect(_current(page)).to_have_attribute("data-case", second)
    expect(_current(page).get_by_label("Note for the staff")).to_be_focused()
    expect(_current(page).get_by_label("Note for the staff")).to_have_value("half a sent")


def test_what_a_colleague_settled_is_left_by_itself(
    browser: Browser, page: Page, filled: Any
) -> None:
    server, name = filled
    context = browser.new_context()
    other = context.new_page()
    # Two windows of one person hold the same cases, as two who load at once may see them.
    sign_in(page, server, f"{name}-ann")
    sign_in(other, server, f"{name}-ann")
    first, second = _numbers(page)[:2]
    expect(_current(other)).to_have_attribute("data-case", first)
    other.keyboard.press("a")
    expect(other.locator("#said")).to_contain_text("Approved")
    expect(_current(page)).to_have_attribute("data-case", second, timeout=_PROMPT)
    expect(page.locator("#said")).to_contain_text("settled")
    page.keyboard.press("a")
    page.wait_for_timeout(_A_LOOK)
    expect(_current(page)).to_have_attribute("data-case", second)
    page.keyboard.press("a")
    expect(page.locator("#said")).to_contain_text("Approved")
    context.close()


def test_the_pages_are_reached_on_a_phone(browser: Browser, filled: Any) -> None:
    server, name = filled
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    sign_in(page, server, f"{name}-ann")
    page.get_by_role("button", name="Queue").click()
    menu = page.locator("#menu")
    expect(menu.get_by_role("link", name="Queue")).to_have_attribute("aria-current", "page")
    menu.get_by_role("link", name="Decisions").click()
    expect(page.get_by_role("heading", name="Decisions", level=1)).to_be_visible()
    page.get_by_role("button", name="Decisions").click()
    menu.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_menu_and_the_keys_have_no_barriers(
    browser: Browser, filled: Any, scheme: Any
) -> None:
    server, name = filled
    context = browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
    sign_in(page, server, f"{name}-ben")
    page.get_by_role("button", name="Queue").click()
    assert not Axe().run(page).response["violations"]
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_hidden()
    page.keyboard.press("b")
    expect(_current(page).get_by_label("Reason", exact=True)).to_be_visible()
    assert not Axe().run(page).response["violations"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not Axe().run(page).response["violations"]
    context.close()


def test_every_key_of_the_desk_is_named(page: Page, filled: Any) -> None:
    server, name = filled
    sign_in(page, server, f"{name}-ann")
    page.keyboard.press("?")
    named = page.get_by_role("dialog", name="Keys").locator("kbd").all_inner_texts()
    acts = page.request.get(f"{server.url}/console/static/desk.js").text()
    panel = page.request.get(f"{server.url}/console/static/author.js").text()
    desk = re.findall(r"^  (\w): ", acts, re.M)
    kinds = re.findall(r"(\w): \"", panel.split("const KEYS")[1].split("}")[0])
    assert {"a", "r", "j", "v", "b"} <= set(desk)
    assert {"w", "m", "h", "x"} == set(kinds)
    missing = {key.upper() for key in (*desk, *kinds)} - set(named)
    assert not missing
