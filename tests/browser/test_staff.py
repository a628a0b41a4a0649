"""Invitations, roles and a person's own sign-in in a real browser, passkeys on a virtual device."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


def sign_in(page: Page, server: Any, email: str, path: str = "/console/staff") -> None:
    page.goto(f"{server.url}{path}")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def watched(page: Page) -> Iterator[Page]:
    """A window; it fails on any fault that a script logs."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    yield page
    assert not faults


@pytest.fixture
def admin(watched: Page, live_server: Any, staff: Any) -> Page:
    """An admin's window on the staff."""
    sign_in(watched, live_server, staff.email)
    expect(watched.get_by_role("heading", name="Staff", level=1)).to_be_visible()
    return watched


def invite(page: Page, role: str) -> str:
    """Make an invitation by hand; answers its link."""
    page.get_by_label("For whom").fill("Bo")
    page.get_by_role("radio", name=re.compile(f"^{role}")).check()
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Invitation link")
    expect(link).to_be_visible()
    return link.input_value()


def come(page: Page, link: str) -> str:
    """Take an invitation up as a newcomer; answers the e-mail."""
    email = f"{uuid.uuid4().hex[:8]}@example.org"
    page.goto(link)
    page.get_by_label("Your name").fill("Bo")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Take the role").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_attached()
    return email


def device(page: Page) -> None:
    """Give the browser a key that answers by itself, as a finger would."""
    tool = page.context.new_cdp_session(page)
    tool.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    tool.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def at_localhost(server: Any) -> Any:
    """The same server by the name that a passkey can be bound to: an address is none."""
    return type(server)(server.url.replace("127.0.0.1", "localhost"), server.instance)


def fresh(browser: Browser) -> Page:
    """Another person's window."""
    return browser.new_context(viewport={"width": 1280, "height": 900}).new_page()


def test_an_admin_invites_and_somebody_comes(
    admin: Page, browser: Browser, live_server: Any
) -> None:
    admin.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = invite(admin, "Senior")
    admin.get_by_role("button", name="Copy").click()
    expect(admin.locator("#copied")).to_have_text("Copied.")
    assert admin.evaluate("navigator.clipboard.readText()") == link
    guest = fresh(browser)
    email = come(guest, link)
    guest.goto(link)
    expect(guest.get_by_role("heading", name="This link is closed")).to_be_visible()
    admin.goto(f"{live_server.url}/console/staff")
    row = admin.locator(".members > li").filter(has_text=email)
    row.get_by_label("Role").select_option("read-only")
    row.get_by_role("button", name="Change").click()
    expect(admin.locator("#said-text")).to_have_text("The role is changed.")
    expect(row.get_by_label("Role")).to_have_value("read-only")
    row.get_by_text("Remove").click()
    row.get_by_role("button", name="Take the role away").click()
    expect(row).to_have_count(0)
    guest.goto(f"{live_server.url}/console/")
    expect(guest.get_by_text("No site is open to you.")).to_be_visible()
    guest.context.close()


@pytest.mark.parametrize(
    ("usage", "alone"), [("In place of the password", True), ("After the password", False)]
)
def test_a_passkey_opens_the_desk(
    admin: Page, browser: Browser, live_server: Any, usage: str, alone: bool
) -> None:
    here = at_localhost(live_server)
    link = invite(admin, "Moderator").replace("127.0.0.1", "localhost")
    page = fresh(browser)
    email = come(page, link)
    device(page)
    page.goto(f"{here.url}/console/me")
    page.get_by_role("link", name="Add passkeys").click()
    page.get_by_label("Its name").fill("Phone")
    page.get_by_role("radio", name=re.compile(f"^{usage}")).check()
    page.get_by_role("button", name="Add").click()
    if alone:
        # The password still opens the desk alone: no recovery codes are asked for.
        expect(page.get_by_text("The passkey “Phone” is added.")).to_be_visible()
    else:
        page.get_by_role("button", name="Make recovery codes").click()
        expect(page.locator("#codes li")).to_have_count(10)
    page.get_by_role("button", name="Sign out").click()
    if alone:
        page.get_by_role("link", name="Use a passkey instead").click()
    else:
        sign_in(page, here, email, "/console/sign-in")
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        page.goto(f"{here.url}/console/")
        expect(page.get_by_role("heading", name="Sign in to moderate")).to_be_visible()
        sign_in(page, here, email, "/console/sign-in")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_attached()
    page.goto(f"{here.url}/console/me/passkeys")
    page.get_by_role("button", name="Remove Phone").click()
    expect(page.get_by_text("The passkey “Phone” is removed.")).to_be_visible()
    page.context.close()


def test_two_browsers_of_one_person(browser: Browser, live_server: Any, staff: Any) -> None:
    first, second = fresh(browser), fresh(browser)
    for one in (first, second):
        sign_in(one, live_server, staff.email, "/console/me")
        expect(one.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    first.reload()
    first.get_by_role("button", name="Sign all others out").click()
    expect(first.locator(".sessions li")).to_have_count(1)
    expect(first.locator(".sessions li")).to_contain_text("Chrome on Linux")
    second.reload()
    expect(second.get_by_role("heading", name="Sign in to moderate")).to_be_visible()
    for one in (first, second):
        one.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_has_barriers_or_is_too_wide(
    admin: Page, browser: Browser, live_server: Any, scheme: Any, width: int
) -> None:
    admin.emulate_media(color_scheme=scheme)
    admin.set_viewport_size({"width": width, "height": 800})
    link = invite(admin, "Moderator")
    _look(admin, f"staff-{width}-{scheme}")
    for path in ("me", "me/authenticator", "me/recovery-codes", "me/passkeys"):
        admin.goto(f"{live_server.url}/console/{path}")
        _look(admin, f"{path.replace('/', '-')}-{width}-{scheme}")
    admin.goto(f"{live_server.url}/console/me/authenticator")
    admin.get_by_role("button", name="Show the QR code").click()
    _look(admin, f"qr-{width}-{scheme}")
    admin.goto(f"{live_server.url}/console/me/recovery-codes")
    admin.get_by_role("button", name=re.compile("^Make")).click()
    _look(admin, f"codes-{width}-{scheme}")
    guest = fresh(browser)
    guest.emulate_media(color_scheme=scheme)
    guest.set_viewport_size({"width": width, "height": 800})
    for name, address in (
        ("invitation", link),
        ("closed", f"{live_server.url}/console/invitation/x"),
        ("sign-in", f"{live_server.url}/console/sign-in"),
        ("sign-in-passkey", f"{live_server.url}/console/sign-in/passkey"),
    ):
        guest.goto(address)
        _look(guest, f"{name}-{width}-{scheme}")
    guest.context.close()


def _look(page: Page, name: str) -> None:
    page.wait_for_load_state("load")
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} is {wide} px too wide"
