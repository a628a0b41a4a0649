"""Calibration and the second look in a real browser: dragged, by keys, without script, barriers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import Account, Score, Site
from tests.browser.barriers import violations
from tests.conftest import PASSWORD
from tests.simulated import fill, second_opinions

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def past(live_server: Any) -> str:
    """The demo's site with twelve weeks behind it; its address."""
    engine = create_engine(f"sqlite:///{live_server.instance}/parley.db")
    with Session(engine) as session:
        site = session.scalars(select(Site.id)).first()
        scored = session.scalars(select(Score).order_by(Score.id.desc())).first()
        moderator = session.scalars(select(Account.id).where(Account.email.is_not(None))).first()
        assert site
        assert scored
        model = (scored.model_name, scored.model_version)
        fill(session, site, moderator=moderator or 0, hold=0.5, model=model, spoilt_weeks=4)
        second_opinions(session, site, 999, agree=25, differ=3, waiting=5)
        session.commit()
    engine.dispose()
    return f"{live_server.url}/console"


def _sign_in(page: Page, address: str, staff: Any) -> None:
    page.goto(address)
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("load")


@pytest.fixture
def desk(page: Page, past: str, staff: Any) -> Iterator[Page]:
    """An admin's window on the page; it fails on any fault that the script logs."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    _sign_in(page, f"{past}/calibration", staff)
    yield page
    assert not faults


def _figure(page: Page, key: str) -> Any:
    return page.locator(f'[data-figure="{key}"]')


def test_by_keys_and_applied(desk: Page) -> None:
    slide = desk.get_by_role("slider", name="Threshold")
    today = float(slide.input_value())
    slide.focus()
    before = _figure(desk, "l").text_content()
    for _ in range(8):
        desk.keyboard.press("ArrowLeft")
    chosen = f"{today - 0.08:.2f}"
    expect(slide).to_have_value(chosen)
    expect(desk.get_by_label("Hold from")).to_have_value(chosen)
    expect(_figure(desk, "l")).not_to_have_text(before or "")
    expect(slide).to_have_attribute("aria-valuetext", f"Hold from {chosen}, precision " + (
        f"{_figure(desk, 'p').text_content()}, recall {_figure(desk, 'r').text_content()}, "
        f"{_figure(desk, 'l').text_content()} held a day"
    ))  # fmt: skip
    # What the server says of last week follows after a pause.
    expect(desk.locator("#otherwise h3")).to_contain_text("would have been held")
    expect(desk.locator("#otherwise li").first).to_contain_text("Case")
    desk.get_by_role("button", name=f"Apply {chosen}").press("Enter")
    expect(desk.locator("#said-text")).to_contain_text("Applied as version")
    expect(slide).to_have_value(chosen)
    expect(desk.locator("#choose")).to_contain_text(f"today {chosen}")
    desk.get_by_role("link", name="Policy").click()
    expect(desk.locator(".versions > li").first).to_contain_text("Calibration: Toxicity held from")


def test_dragged_typed_and_suggested(desk: Page) -> None:
    drawing = desk.locator(".shares-plot svg")
    box = drawing.bounding_box()
    assert box
    desk.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 50)
    desk.mouse.down()
    desk.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 60, steps=5)
    desk.mouse.up()
    expect(desk.get_by_label("Hold from")).to_have_value("0.70")
    expect(drawing.locator(".chosen")).to_have_attribute("d", "M70 0V100")
    expect(desk.locator("#otherwise h3")).to_contain_text("would have been published")
    desk.get_by_label("Hold from").fill("0.25")
    expect(desk.get_by_role("slider")).to_have_value("0.25")
    desk.get_by_label("A day, hold at most").fill("5")
    # The links move the slide once the script of the new page is there.
    with desk.expect_navigation(wait_until="load"):
        desk.get_by_role("button", name="Find").click()
    found = desk.locator(".wish").last.get_by_role("link")
    threshold = (found.text_content() or "")[-4:]
    found.click()
    expect(desk.get_by_label("Hold from")).to_have_value(threshold)
    expect(desk.get_by_role("slider")).to_be_focused()


def test_rejecting_by_keys_and_applied(desk: Page, past: str) -> None:
    desk.get_by_role("navigation", name="Which threshold").get_by_role(
        "link", name="Reject"
    ).click()
    desk.wait_for_load_state("load")
    slide = desk.get_by_role("slider", name="Threshold")
    expect(slide).to_have_value("1")
    slide.focus()
    for _ in range(35):
        desk.keyboard.press("ArrowLeft")
    expect(desk.get_by_label("Reject from")).to_have_value("0.65")
    expect(_figure(desk, "p")).to_contain_text("%")
    expect(_figure(desk, "n")).to_have_text("")
    expect(desk.locator("#otherwise h3")).to_contain_text("would have been rejected at once")
    desk.get_by_label("Reject from").fill("0.02")
    expect(_figure(desk, "n")).to_contain_text("cannot reject from less")
    desk.get_by_role("button", name="Apply 0.02").click()
    expect(desk.locator("#said-text")).to_contain_text("cannot reject from less")
    desk.get_by_label("Reject from").fill("0.97")
    desk.get_by_role("button", name="Apply 0.97").click()
    expect(desk.locator("#said-text")).to_contain_text("Applied as version")
    expect(desk.locator("#choose")).to_contain_text("today 0.97")


def test_a_drop_is_told(desk: Page) -> None:
    expect(desk.locator(".notice.warns")).to_contain_text("agrees with moderators less")


def test_the_second_look_by_keys(desk: Page, past: str) -> None:
    desk.goto(f"{past}/")
    desk.get_by_role("link", name="for a second look").click()
    # The keys come with the script.
    desk.wait_for_load_state("load")
    waiting = int((desk.locator(".left").text_content() or "").split()[0])
    desk.keyboard.press("a")
    expect(desk.locator("#said-text")).to_contain_text("Noted")
    expect(desk.locator(".left")).to_contain_text(str(waiting - 1))
    desk.wait_for_load_state("load")
    desk.keyboard.press("r")
    expect(desk.locator(".choices")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator(".choices")).to_be_hidden()
    desk.keyboard.press("r")
    desk.keyboard.press("r")
    expect(desk.locator(".left")).to_contain_text(str(waiting - 2))


def test_without_script(browser: Browser, past: str, staff: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _sign_in(page, f"{past}/calibration", staff)
    page.get_by_label("Hold from").fill("0.55")
    page.locator("#choose").get_by_role("button", name="Show").click()
    expect(page.get_by_label("Hold from")).to_have_value("0.55")
    page.get_by_role("button", name="Apply 0.55").click()
    expect(page.locator("#said-text")).to_contain_text("Applied as version")
    page.get_by_role("link", name="Reject", exact=True).click()
    page.get_by_label("Reject from").fill("0.95")
    page.locator("#choose").get_by_role("button", name="Show").click()
    page.get_by_role("button", name="Apply 0.95").click()
    expect(page.locator("#choose")).to_contain_text("today 0.95")
    page.goto(f"{past}/samples")
    page.get_by_role("button", name="It is fine").click()
    expect(page.locator("#said-text")).to_contain_text("Noted")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_barriers(browser: Browser, past: str, staff: Any, scheme: Any, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    _sign_in(page, f"{past}/calibration?at=0.4", staff)
    for address in (
        "calibration?label=toxicity&at=0.4&precision=100",
        "calibration?label=threat",
        "calibration?label=toxicity&of=reject&at=0.9",
        "calibration?label=toxicity&of=reject&at=0.1&one_in=10000",
        "staff",
        "policy",
        "samples",
        "",
    ):
        page.goto(f"{past}/{address}")
        page.wait_for_load_state("load")
        assert not violations(page), address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    page.goto(f"{past}/samples")
    page.locator("summary").click()
    assert not violations(page)
    context.close()
