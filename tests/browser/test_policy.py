"""The policy's page in a real browser: by keyboard, on trial, without script, without barriers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.barriers import violations
from tests.browser.conftest import _command, _environment
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

READER = "reads@example.org"


def _sign_in(page: Page, server: Any, email: str) -> None:
    page.goto(f"{server.url}/console/policy")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Policy", level=1)).to_be_visible()
    page.wait_for_load_state("load")


@pytest.fixture
def policy(page: Page, live_server: Any, staff: Any) -> Iterator[Page]:
    """An admin's window on the policy; it fails on any fault that the script logs."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    page.on("dialog", lambda dialog: dialog.accept())
    _sign_in(page, live_server, staff.email)
    yield page
    assert not faults


def _said(page: Page) -> Any:
    return page.locator("#said-text")


def test_a_threshold_and_words_by_keyboard(policy: Page) -> None:
    mark = uuid.uuid4().hex[:8]
    threshold = policy.get_by_label("Insult: hold from")
    threshold.focus()
    before = float(threshold.input_value())
    bar = policy.locator(".thresholds li").filter(has_text="Insult").locator(".published")
    width = float(bar.get_attribute("width") or 0)
    policy.keyboard.press("ArrowUp")
    expect(threshold).to_have_value(f"{before + 0.01:.2f}")
    expect(bar).not_to_have_attribute("width", str(width))
    policy.get_by_label("Suspect words", exact=True).focus()
    policy.keyboard.type(f"the\nnowhere{mark}")
    # While typing pauses, the words are tried.
    expect(policy.locator("#trial")).to_contain_text("the suspect ones")
    expect(policy.locator("#trial mark").first).to_have_text("the", ignore_case=True)
    expect(policy.locator("#trial")).to_contain_text("1 entry matches nothing")
    expect(policy.locator(".matches > li")).to_have_count(10)
    policy.get_by_label("Why").focus()
    policy.keyboard.type(f"Because of {mark}")
    policy.keyboard.press("Enter")
    expect(_said(policy)).to_contain_text("Saved as version")
    expect(threshold).to_have_value(f"{before + 0.01:.2f}")
    newest = policy.locator(".versions > li").first
    expect(newest).to_contain_text(f"Because of {mark}")
    expect(newest).to_contain_text(f"held from {before:.2f} → held from {before + 0.01:.2f}")
    expect(newest).to_contain_text("entries → 2 entries")
    policy.get_by_role("button", name="Save").click()
    expect(_said(policy)).to_contain_text("Nothing changed.")


def test_trying_by_its_button_stores_nothing(policy: Page) -> None:
    policy.get_by_label("Banned words", exact=True).fill("harbour")
    policy.get_by_role("button", name="Try on recent comments").press("Enter")
    expect(policy.locator("#trial mark.banned-words").first).to_be_visible()
    expect(policy.locator(".trial-said")).to_contain_text("would match the banned words")
    policy.get_by_label("Banned words", exact=True).fill("x" * 201)
    expect(policy.locator(".trial-said")).to_contain_text("at most 200 characters")
    policy.reload()
    expect(policy.get_by_label("Banned words", exact=True)).to_have_value("")


def test_without_a_connection_nothing_is_lost(policy: Page) -> None:
    policy.context.set_offline(True)
    policy.get_by_label("Banned words", exact=True).fill("harbour")
    expect(policy.locator(".trial-said")).to_contain_text("No connection")
    policy.context.set_offline(False)
    policy.get_by_role("button", name="Try on recent comments").click()
    expect(policy.locator("#trial mark.banned-words").first).to_be_visible()


def test_reasons_are_added_and_removed(policy: Page) -> None:
    rows = policy.locator("#reason-rows > li")
    count = rows.count()
    policy.get_by_role("button", name="Add a reason").press("Enter")
    expect(rows).to_have_count(count + 1)
    expect(rows.last.get_by_label("Short name")).to_be_focused()
    policy.keyboard.type("rude")
    policy.keyboard.press("Tab")
    policy.keyboard.type("Rude")
    policy.keyboard.press("Tab")
    policy.keyboard.type("Be kind.")
    policy.get_by_role("button", name="Save").click()
    expect(_said(policy)).to_contain_text("Saved as version")
    expect(rows.last.get_by_label("Name at the desk")).to_have_value("Rude")
    policy.get_by_role("button", name="Remove Rude").click()
    expect(rows).to_have_count(count)
    policy.get_by_role("button", name="Save").click()
    expect(_said(policy)).to_contain_text("Saved as version")
    expect(rows).to_have_count(count)


def test_what_is_wrong_is_led_to(policy: Page) -> None:
    policy.get_by_label("Threat: hold from").fill("0.9")
    policy.get_by_label("Threat: reject from").fill("0.5")
    policy.get_by_role("button", name="Save").click()
    expect(_said(policy)).to_contain_text("Nothing is saved")
    threat = policy.get_by_label("Threat: hold from")
    expect(threat).to_be_focused()
    expect(threat).to_have_value("0.9")
    expect(threat).to_have_accessible_description("Threat would reject from below where it holds.")


def test_who_comes_second_keeps_what_was_typed(policy: Page, live_server: Any) -> None:
    other = policy.context.new_page()
    other.goto(f"{live_server.url}/console/policy")
    limit = int(other.get_by_label("Too many at once: limit").input_value())
    other.get_by_label("Too many at once: limit").fill(str(limit + 1))
    other.get_by_role("button", name="Save").click()
    expect(_said(other)).to_contain_text("Saved as version")
    before = policy.get_by_label("Very long: limit").input_value()
    policy.get_by_label("Very long: limit").fill(str(int(before) + 1))
    policy.get_by_role("button", name="Save").click()
    expect(_said(policy)).to_contain_text("was faster")
    expect(policy.locator(".overtaken")).to_contain_text(f"limit {limit} → held, limit {limit + 1}")
    expect(policy.get_by_label("Too many at once: limit")).to_have_value(str(limit + 1))
    expect(policy.get_by_label("Very long: limit")).to_have_value(str(int(before) + 1))
    policy.get_by_role("button", name="Save").click()
    expect(_said(policy)).to_contain_text("Saved as version")


def test_all_of_it_works_without_script(browser: Browser, live_server: Any, staff: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _sign_in(page, live_server, staff.email)
    page.get_by_label("Banned words", exact=True).fill("harbour")
    page.get_by_role("button", name="Try on recent comments").click()
    expect(page.locator("#trial mark.banned-words").first).to_be_visible()
    expect(page.get_by_label("Banned words", exact=True)).to_have_value("harbour")
    empty = page.locator(".reasons.plain-only > li")
    expect(empty).to_have_count(3)
    empty.first.get_by_label("Short name").fill("unscripted")
    empty.first.get_by_label("Name at the desk").fill("Unscripted")
    empty.first.get_by_label("What the author is told").fill("No.")
    page.get_by_role("button", name="Save").click()
    expect(_said(page)).to_contain_text("Saved as version")
    expect(page.locator("#reason-rows > li").last.get_by_label("Short name")).to_have_value(
        "unscripted"
    )
    page.get_by_label("Banned words", exact=True).fill("")
    page.locator("#reason-rows > li").last.get_by_label("Short name").fill("")
    page.locator("#reason-rows > li").last.get_by_label("Name at the desk").fill("")
    page.locator("#reason-rows > li").last.get_by_label("What the author is told").fill("")
    page.get_by_role("button", name="Save").click()
    expect(_said(page)).to_contain_text("Saved as version")
    context.close()


@pytest.fixture(scope="module")
def reader(live_server: Any) -> str:
    """Somebody who may only read."""
    environment = _environment(live_server.instance, live_server.url)
    words = ("staff", "add", READER, "--password", PASSWORD, "--role", "read-only")
    _command(environment, *words)
    return READER


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_barriers(
    browser: Browser, live_server: Any, staff: Any, reader: str, scheme: Any, width: int
) -> None:
    for email in (staff.email, reader):
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.emulate_media(reduced_motion="reduce", color_scheme=scheme)
        _sign_in(page, live_server, email)
        assert not violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if email == staff.email:
            page.get_by_label("Suspect words", exact=True).fill("the\nharbour")
            expect(page.locator("#trial mark").first).to_be_visible()
            page.get_by_role("button", name="Add a reason").click()
            assert not violations(page)
            page.get_by_label("Threat: reject from").fill("0.01")
            page.get_by_role("button", name="Save").click()
            expect(page.locator(".fault").first).to_be_visible()
            assert not violations(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        context.close()
