"""The webhooks' pages in a real browser: added, tested, failing, changed; without barriers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.test_staff import sign_in
from tests.receiving import Receiver, answer, is_signed, receiving

pytestmark = pytest.mark.browser


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who takes what is sent."""
    with receiving() as made:
        yield made


@pytest.fixture
def admin(page: Page, live_server: Any, staff: Any) -> Iterator[Page]:
    """An admin's window on the webhooks; it fails on any fault that a script logs."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    sign_in(page, live_server, staff.email, "/console/webhooks")
    expect(page.get_by_role("heading", name="Webhooks", level=1)).to_be_visible()
    yield page
    assert not faults


def add(page: Page, url: str) -> str:
    """Add a webhook by hand; answers its secret."""
    page.get_by_label("Address").fill(url)
    page.get_by_role("checkbox", name=re.compile("^Decided")).check()
    page.get_by_role("button", name="Add").click()
    secret = page.get_by_label("Secret", exact=True)
    expect(secret).to_be_visible()
    return secret.input_value()


def remove(page: Page) -> None:
    """Remove the webhook that is looked at."""
    page.get_by_text("Remove", exact=True).click()
    page.get_by_role("button", name="Remove the webhook").click()
    expect(page.locator("#said-text")).to_have_text("The webhook and its log are removed.")


def test_an_admin_adds_tests_switches_and_removes(admin: Page, receiver: Receiver) -> None:
    admin.context.grant_permissions(["clipboard-read", "clipboard-write"])
    secret = add(admin, receiver.url)
    admin.get_by_role("button", name="Copy").click()
    expect(admin.locator("#copied")).to_have_text("Copied.")
    assert admin.evaluate("navigator.clipboard.readText()") == secret
    admin.get_by_role("button", name="Send a test").click()
    said = admin.locator("#said-text")
    expect(said).to_have_text("The test came through: it answered 204.")
    assert is_signed(receiver.got[0], secret)
    row = admin.locator(".deliveries > li").first
    expect(row).to_contain_text("delivered")
    row.get_by_role("button", name="Send again").click()
    receiver.wait_for(2)
    assert receiver.got[0].event_id == receiver.got[1].event_id
    admin.get_by_role("radio", name=re.compile("^Slack")).check()
    admin.get_by_role("button", name="Save").click()
    expect(said).to_have_text("The webhook is changed.")
    receiver.does = answer(500)
    admin.get_by_role("button", name="Send a test").click()
    expect(said).to_have_text("The test did not come through. It answered 500.")
    admin.get_by_role("button", name="Switch off").click()
    expect(admin.get_by_role("button", name="Send a test")).to_have_count(0)
    admin.get_by_role("button", name="Switch on").click()
    expect(admin.get_by_role("button", name="Send a test")).to_be_visible()
    remove(admin)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_no_page_has_barriers_or_is_too_wide(
    admin: Page, live_server: Any, receiver: Receiver, scheme: Any, width: int, tmp_path: Path
) -> None:
    admin.emulate_media(color_scheme=scheme)
    admin.set_viewport_size({"width": width, "height": 800})
    name = f"{width}-{scheme}"
    _look(admin, f"empty-{name}", tmp_path)
    # As a program would send it: the browser's own check of the field is past.
    admin.locator("form.hook-form").evaluate("form => form.noValidate = true")
    admin.get_by_label("Address").fill("http://10.0.0.1/hook")
    admin.get_by_role("button", name="Add").click()
    expect(admin.locator("#url-fault")).to_be_visible()
    _look(admin, f"fault-{name}", tmp_path)
    add(admin, receiver.url)
    _look(admin, f"secret-{name}", tmp_path)
    admin.get_by_role("button", name="Send a test").click()
    expect(admin.locator("#said-text")).to_contain_text("came through")
    receiver.does = answer(500)
    admin.get_by_role("button", name="Send a test").click()
    expect(admin.locator("#said-text")).to_contain_text("did not come through")
    _look(admin, f"log-{name}", tmp_path)
    admin.goto(f"{live_server.url}/console/webhooks")
    _look(admin, f"list-{name}", tmp_path)
    admin.locator(".hook-name a").click()
    admin.get_by_text("Remove", exact=True).click()
    _look(admin, f"removing-{name}", tmp_path)
    admin.get_by_role("button", name="Remove the webhook").click()
    expect(admin.locator("#said-text")).to_have_text("The webhook and its log are removed.")


def test_the_pages_of_the_top_bar_have_room_at_every_width(admin: Page) -> None:
    for width in (1400, 1186, 1184, 1056, 700, 320):
        admin.set_viewport_size({"width": width, "height": 800})
        nav, rest = admin.locator("nav.pages"), admin.locator(".top .me")
        links, mine = nav.bounding_box(), rest.bounding_box()
        if nav.is_visible() and links and mine:
            assert links["x"] + links["width"] <= mine["x"], width
        assert admin.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width


def _look(page: Page, name: str, folder: Path) -> None:
    page.wait_for_load_state("load")
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
