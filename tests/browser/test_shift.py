"""A whole shift at the desk by keyboard alone, and two moderators at it at once."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as Timeout

from models import Role
from tests.browser import shift
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser

# Fewer where a machine is shared and slow.
CASES = int(os.environ.get("SHIFT_CASES", "500"))
# The reasons of a new site in their order, by the keys that choose them.
REASONS = ("insult", "threat", "hate", "spam", "off-topic", "personal-data", "other")
_CURRENT = "document.querySelector('#cases > .case.current')?.dataset.case ?? ''"
# The desk has gone on to another case and waits for a key.
_MOVED = f"(before) => ({_CURRENT}) !== before && !document.querySelector('#cases > [aria-busy]')"

_SAVED = "() => document.querySelector('#cases').ariaBusy !== 'true'"
# The case that waits for this person's decision, and that it does so no more.
_OPEN = "document.querySelector('#cases > .case.current:not([data-gone])')?.dataset.case ?? ''"
_LEFT = f"""(before) => !before || ({_OPEN}) !== before
  && !document.querySelector('#cases > [aria-busy]')"""


@dataclass(frozen=True)
class Plan:
    """The keys for one case, and what the database must say afterwards."""

    keys: tuple[str, ...]
    status: str
    decided: tuple[tuple[str, tuple[str, ...]], ...]
    note: str = ""
    escalated: bool = False


def _plan(chance: Random, number: int) -> Plan:
    draw = chance.random()
    pick = chance.randrange(len(REASONS))
    rejected = ("rejected", (REASONS[pick],))
    approved: tuple[str, tuple[str, ...]] = ("published", ())
    if draw < 0.55:
        return Plan(("a",), "published", (approved,))
    if draw < 0.82:
        return Plan(("r", str(pick + 1)), "rejected", (rejected,))
    if draw < 0.87:
        return Plan(("r", "r"), "rejected", (("rejected", ()),))
    if draw < 0.91:
        keys = ("n", f"Seen {number}", "Control+Enter", "a")
        return Plan(keys, "published", (approved,), note=f"Seen {number}")
    if draw < 0.95:
        return Plan(("e",), "held", (), escalated=True)
    undone = ("held", ("undo",))
    return Plan(("a", "u", "r", str(pick + 1)), "rejected", (approved, undone, rejected))


def sign_in(page: Page, server: Any, name: str) -> None:
    """Sign in as one of the staff of a filled site."""
    page.goto(f"{server.url}/console/")
    page.get_by_label("E-mail").fill(f"{name.lower()}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_attached()
    page.wait_for_load_state("load")


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A window that fails on any fault of the script."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert not faults


def _do(page: Page, plan: Plan, case: str) -> None:
    """Press the keys of a plan, waiting as a person does until the desk has answered."""
    for key in plan.keys:
        if key.startswith("Seen"):
            page.keyboard.insert_text(key)
            continue
        page.keyboard.press(key)
        if key == "Control+Enter":
            page.wait_for_selector(f"#case-{case} .noted")
        elif key == "u":
            page.wait_for_selector(f"#case-{case}.current")
        elif key == "a":
            page.wait_for_function(_MOVED, arg=case)
    page.wait_for_function(_MOVED, arg=case)


def test_a_shift_of_five_hundred_cases(
    quiet: Page, live_server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = shift.fill(live_server.instance, "shift", CASES, {"Anna": Role.MODERATOR})
    chance = Random(7)
    plans = {str(number): _plan(chance, number) for number in numbers}
    sign_in(quiet, live_server, "Anna")
    began = time.monotonic()
    pressed: list[str] = []
    while case := quiet.evaluate(_CURRENT):
        assert case not in pressed, f"case {case} came again"
        pressed.append(case)
        _do(quiet, plans[case], case)
        if quiet.evaluate(_CURRENT) == "" and len(pressed) < CASES:
            quiet.wait_for_selector("#cases > .case.current")
    quiet.wait_for_function(_SAVED)
    minutes = (time.monotonic() - began) / 60
    with capsys.disabled():
        print(  # noqa: T201 (what the test is run for)
            f"\n{CASES} cases in {minutes * 60:.0f} s: {CASES / minutes:.0f} cases a minute"
        )
    assert pressed == [str(number) for number in numbers]
    found = shift.kept(live_server.instance, numbers)
    for number in numbers:
        plan, kept = plans[str(number)], found[number]
        assert (kept.status, kept.escalated) == (plan.status, plan.escalated), number
        assert tuple(one[:2] for one in kept.decided) == plan.decided, number
        assert kept.notes == ([plan.note] if plan.note else []), number
    # Far less than an idle machine does, and more than any person: 1800 an hour.
    assert CASES / minutes > 30


def test_two_at_once_share_the_cases_and_decide_none_twice(
    browser: Browser, live_server: Any
) -> None:
    staff = {"Bea": Role.MODERATOR, "Carl": Role.MODERATOR}
    numbers = shift.fill(live_server.instance, "pair", 30, staff)
    pages = []
    for name in staff:
        context = browser.new_context()
        pages.append(context.new_page())
        sign_in(pages[-1], live_server, name)
    until = time.monotonic() + 150
    while time.monotonic() < until:
        # Both look at what is before them, then both decide: the worst moment for each other.
        seen = [page.evaluate(_OPEN) for page in pages]
        for page in pages:
            page.keyboard.press("a")
        for page, case in zip(pages, seen, strict=True):
            # A key that meets a case which came up by itself counts for nothing: it comes again.
            with contextlib.suppress(Timeout):
                page.wait_for_function(_LEFT, arg=case, timeout=2_000)
        waiting = [page.locator('[data-count="held"]').inner_text() for page in pages]
        if not any(seen) and waiting == ["0", "0"]:
            break
    found = shift.kept(live_server.instance, numbers)
    assert [kept.status for kept in found.values()] == ["published"] * len(numbers)
    assert all(len(kept.decided) == 1 for kept in found.values())
    by = [kept.decided[0][2] for kept in found.values()]
    assert min(by.count(one) for one in set(by)) >= 3
    assert len(set(by)) == 2
    for page in pages:
        page.context.close()
