"""Many comments decided at once in a real browser: dragged, by keys, without script, barriers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from models import ActorKind, Comment, Site, Status
from moderation import batches
from moderation.decisions import Actor
from moderation.filters import Filter
from tests.browser.barriers import violations
from tests.conftest import PASSWORD
from tests.held import fill

pytestmark = pytest.mark.browser

SENIOR = Actor(ActorKind.STAFF, 1, "Sena")
# Two in each hundredth.
SCORES = [place / 200 for place in range(200)]


@pytest.fixture(scope="module")
def desk_at(live_server: Any) -> str:
    """The demo's site without its own held comments, and with one for each of SCORES."""
    engine = create_engine(f"sqlite:///{live_server.instance}/parley.db")
    with Session(engine) as session:
        site = session.scalars(select(Site.id)).first() or 0
        for comment in session.scalars(select(Comment).where(Comment.status == Status.HELD)):
            # Out of the way: what was passed on is in no batch.
            comment.escalated = True
        fill(session, site, SCORES, text="A comment that goes on. " * 12)
        session.commit()
    engine.dispose()
    return f"{live_server.url}/console/batches"


def _sign_in(page: Page, address: str, staff: Any) -> None:
    page.goto(address)
    page.get_by_label("E-mail").fill(staff.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("load")


@pytest.fixture
def desk(page: Page, desk_at: str, staff: Any) -> Iterator[Page]:
    """An admin's window on the page; it fails on any fault that the script logs."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None,
    )
    _sign_in(page, f"{desk_at}?label=insult", staff)
    yield page
    assert not faults


def _expect_range(page: Page, least: str, most: str, count: str) -> None:
    """Fields, handles, number, and after a pause what is below agree."""
    low, high = page.get_by_role("slider").all()
    expect(page.get_by_label("From", exact=True)).to_have_value(least)
    expect(page.get_by_label("to", exact=True)).to_have_value(most)
    expect(low).to_have_attribute("aria-valuenow", least)
    expect(high).to_have_attribute("aria-valuenow", most)
    expect(low).to_have_attribute("aria-valuemax", most)
    expect(page.locator("#how-many b")).to_have_text(count)
    expect(page.locator("#chosen-range")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#decide-title")).to_have_text(f"Decide all {count}")


def _drag(page: Page, start: float, end: float) -> None:
    box = page.locator("#plot svg").bounding_box()
    assert box
    y = box["y"] + 40
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, y + 10, steps=6)
    page.mouse.up()


def test_dragged_over_the_bars_and_by_a_handle(desk: Page) -> None:
    _expect_range(desk, "0.00", "1.00", "200")
    _drag(desk, 0.6, 0.8)
    _expect_range(desk, "0.60", "0.80", "41")
    _drag(desk, 0.9, 0.5)
    _expect_range(desk, "0.50", "0.90", "81")
    expect(desk.locator("#in-range rect")).to_have_attribute("x", "50")
    handle = desk.get_by_role("slider", name="Least score").bounding_box()
    plot = desk.locator("#plot").bounding_box()
    assert handle
    assert plot
    y = handle["y"] + handle["height"] - 12
    desk.mouse.move(handle["x"] + handle["width"] / 2, y)
    desk.mouse.down()
    desk.mouse.move(plot["x"] + plot["width"] * 0.7, y, steps=5)
    desk.mouse.up()
    _expect_range(desk, "0.70", "0.90", "41")
    # A click is the one bar below it.
    box = desk.locator("#plot svg").bounding_box()
    assert box
    desk.mouse.click(box["x"] + box["width"] * 0.26, box["y"] + 30)
    _expect_range(desk, "0.25", "0.28", "7")
    # The address follows, so the page can be loaded again.
    desk.reload()
    _expect_range(desk, "0.25", "0.28", "7")


def test_by_keys_and_typed(desk: Page) -> None:
    low = desk.get_by_role("slider", name="Least score")
    high = desk.get_by_role("slider", name="Highest score")
    low.focus()
    for key in ("PageUp", "PageUp", "ArrowRight", "ArrowUp", "ArrowLeft"):
        desk.keyboard.press(key)
    _expect_range(desk, "0.21", "1.00", "158")
    high.focus()
    desk.keyboard.press("PageDown")
    desk.keyboard.press("ArrowDown")
    _expect_range(desk, "0.21", "0.89", "137")
    expect(high).to_be_focused()
    # The one end stops at the other.
    low.focus()
    desk.keyboard.press("End")
    expect(desk.get_by_label("From", exact=True)).to_have_value("0.89")
    expect(desk.locator("#decide-title")).to_have_text("Decide it")
    desk.keyboard.press("Home")
    high.focus()
    desk.keyboard.press("End")
    _expect_range(desk, "0.00", "1.00", "200")
    desk.get_by_label("From", exact=True).fill("0.95")
    _expect_range(desk, "0.95", "1.00", "10")
    desk.get_by_label("From", exact=True).press("Enter")
    _expect_range(desk, "0.95", "1.00", "10")
    expect(desk).to_have_url(re.compile("least=0.95"))


def test_another_ten_and_a_text_that_opens(desk: Page) -> None:
    cases = desk.locator(".sampled a")
    before = cases.all_text_contents()
    assert len(before) == 10
    desk.get_by_role("link", name="Another ten").click()
    expect(desk.locator("#chosen-range")).not_to_have_attribute("aria-busy", "true")
    assert cases.all_text_contents() != before
    first = desk.locator(".sampled li").first
    expect(first.locator(".written")).to_be_hidden()
    first.locator("summary").press("Enter")
    expect(first.locator(".written")).to_be_visible()


def test_the_reason_stays_while_the_range_moves(desk: Page) -> None:
    desk.get_by_label("Reason", exact=True).select_option("spam")
    desk.get_by_label("From", exact=True).fill("0.90")
    _expect_range(desk, "0.90", "1.00", "20")
    expect(desk.get_by_label("Reason", exact=True)).to_have_value("spam")


def test_decided_and_taken_back_by_keys(desk: Page) -> None:
    desk.get_by_label("From", exact=True).fill("0.40")
    _expect_range(desk, "0.40", "1.00", "120")
    desk.get_by_role("button", name="Reject 120…").press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text(
        "Reject 120 held comments with insult from 0.40 to 1.00?"
    )
    desk.get_by_role("button", name="Reject 120 comments").press("Enter")
    # It goes on by itself.
    expect(desk.locator("#outcome")).to_have_text("120 comments rejected", timeout=60_000)
    expect(desk.locator("#progress")).to_have_attribute("value", "100")
    desk.get_by_role("link", name="Back to the scores").click()
    expect(desk.locator("#how-many")).to_have_text("80 comments")
    row = desk.locator(".past li").first
    expect(row).to_contain_text("Reject held comments with insult from 0.40 to 1.00")
    row.locator("summary").press("Enter")
    row.get_by_role("button", name="Take back 120").press("Enter")
    expect(desk.locator("#outcome")).to_have_text(
        "120 comments rejected, all taken back", timeout=60_000
    )
    desk.goto(desk.url.rsplit("/", 1)[0] + "?label=insult")
    expect(desk.locator("#how-many")).to_have_text("200 comments")


def _begun(live_server: Any) -> int:
    """A batch that was begun and of which nothing is done yet, however quick the server is."""
    engine = create_engine(f"sqlite:///{live_server.instance}/parley.db")
    with Session(engine) as session:
        site = session.scalars(select(Site.id)).first() or 0
        wanted = Filter(label="insult", least=0.3)
        batch = batches.begin(session, site, [Status.HELD], wanted, Status.PUBLISHED, SENIOR)
        session.flush()
        number = batch.id
        session.commit()
    engine.dispose()
    return number


def test_a_lost_connection_is_told_and_gone_on_from(
    desk: Page, desk_at: str, live_server: Any
) -> None:
    desk.route("**/batches/*/run", lambda route: route.abort())
    desk.goto(f"{desk_at}/{_begun(live_server)}")
    expect(desk.locator("#said-text")).to_contain_text("No connection")
    desk.unroute("**/batches/*/run")
    desk.get_by_role("button", name="Go on").click()
    expect(desk.locator("#outcome")).to_have_text("140 comments approved", timeout=60_000)
    desk.locator("#batch summary").click()
    desk.get_by_role("button", name="Take back 140").click()
    expect(desk.locator("#outcome")).to_contain_text("all taken back", timeout=60_000)


def test_without_script(browser: Browser, desk_at: str, staff: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    _sign_in(page, f"{desk_at}?label=insult", staff)
    expect(page.get_by_role("slider")).to_have_count(0)
    page.get_by_label("From", exact=True).fill("0.95")
    page.locator("#range").get_by_role("button", name="Show").click()
    expect(page.locator("#how-many")).to_have_text("10 comments")
    page.get_by_label("Reason", exact=True).select_option("spam")
    page.get_by_role("button", name="Reject 10…").click()
    page.get_by_role("button", name="Reject 10 comments").click()
    expect(page.locator("#outcome")).to_have_text("10 comments rejected")
    page.locator("#batch summary").click()
    page.get_by_role("button", name="Take back 10").click()
    expect(page.locator("#outcome")).to_have_text("10 comments rejected, all taken back")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_barriers(browser: Browser, desk_at: str, staff: Any, scheme: Any, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    _sign_in(page, f"{desk_at}?label=insult", staff)
    for query in (
        "?label=insult&least=0.8",
        "?state=published&label=toxicity&section=Sports",
        "?label=insult&least=0.991&most=0.994",
        "?words=nowhere&age=week",
        "/sure?label=insult&least=0.99&decision=reject&reason=insult",
    ):
        page.goto(f"{desk_at}{query}")
        page.wait_for_load_state("load")
        assert not violations(page), query
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), query
    page.get_by_role("button", name="Reject").click()
    expect(page.locator("#batch[data-busy='']")).to_be_visible()
    page.locator("#batch summary").click()
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("#outcome")).to_contain_text("all taken back")
    page.goto(f"{desk_at}?label=insult")
    page.locator(".find summary").click()
    assert not violations(page)
    context.close()
