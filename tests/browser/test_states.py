"""The thread in each of its states, narrow and wide, light and dark: nothing bars anybody's way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.barriers import violations
from tests.browser.test_reading import comments, friendly, open_at, posted, words_of, write

pytestmark = pytest.mark.browser

RUDE = "You are a stupid, disgusting idiot and everybody hates you."
LONG_CODE = f"Look:\n\n```\n{'x' * 120}\n```"
_THREAD = "**/api/v1/threads?*"
_SANCTION = {
    "id": 1, "kind": "mute", "until": "2199-01-01T00:00:00Z", "told": "Say it without the insult.",
    "decided_by": "A moderator decided this.", "scope": "It holds for this site.", "objection": "",
}  # fmt: skip
# What is wider than the window, what is too small to be hit, and which button breaks a word.
_FAULTS = """() => {
  const { shadowRoot } = document.querySelector('parley-thread'), faults = [];
  if (document.documentElement.scrollWidth > innerWidth) faults.push('the page scrolls sideways');
  const lines = (word) => {
    const range = new Range();
    range.selectNodeContents(word);
    return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
  };
  for (const one of shadowRoot.querySelectorAll('button, select, input, textarea, a.when')) {
    const box = one.getBoundingClientRect();
    if (!box.width || one.matches('[type=radio], [tabindex="-1"]')) continue;
    const said = one.className || one.localName;
    if (box.width < 24 || box.height < 24) faults.push(`${said} is ${box.width}x${box.height}`);
    if (box.left < -1 || box.right > innerWidth + 1) faults.push(`${said} stands outside`);
    if (one.matches('.buttons *') && !/\\s/.test(one.textContent) && lines(one) > 1)
      faults.push(`${one.textContent} is broken`);
  }
  return faults;
}"""
_FOCUSED = """() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at.matches('body, parley-thread') ? '' : at.className || at.localName;
}"""

State = Callable[[Page, Any], None]


def _told(page: Page, change: Callable[[dict[str, Any]], None], path: str = _THREAD) -> None:
    """Have the server say something else than it does."""

    def answer(route: Route) -> None:
        fetched = route.fetch()
        said = fetched.json()
        change(said)
        route.fulfill(response=fetched, json=said)

    page.route(path, answer)


def _refused(page: Page) -> None:
    body = json.dumps({"status": 503, "detail": "Back soon."})
    page.route(
        _THREAD,
        lambda route: route.fulfill(status=503, body=body, content_type="application/problem+json"),
    )


def _press(page: Page, name: str, place: int = 0) -> None:
    page.get_by_role("button", name=name, exact=True).nth(place).click()


def _empty(page: Page, server: Any) -> None:
    def emptied(said: dict[str, Any]) -> None:
        said.update(comments=[], featured=[], next=None)
        said["thread"]["comment_count"] = 0

    _told(page, emptied)
    page.goto(f"{server.article_url}#thread")
    expect(page.get_by_text("No comments yet")).to_be_visible()


def _closed(page: Page, server: Any) -> None:
    _told(page, lambda said: said["thread"].update(state="closed"))
    open_at(page, server)
    expect(page.get_by_text("This discussion is closed.")).to_be_visible()


def _failed(page: Page, server: Any) -> None:
    _refused(page)
    page.goto(f"{server.article_url}#thread")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def _loading(page: Page, server: Any) -> None:
    page.route(_THREAD, lambda route: None)
    page.goto(f"{server.article_url}#thread")
    expect(page.locator(".skeleton")).to_be_visible()


def _featured(page: Page, server: Any) -> None:
    def chosen(said: dict[str, Any]) -> None:
        said["comments"][0]["featured"] = True
        said["featured"] = [said["comments"][0] | {"replies": []}]

    _told(page, chosen)
    open_at(page, server)
    badge = page.locator(".badge.featured").first
    expect(badge).to_be_visible()
    # As high as one line of small letters, whatever the part that it stands in is called.
    assert badge.evaluate("one => one.offsetHeight") < 30


def _searched(page: Page, server: Any) -> None:
    posted(server, friendly())
    open_at(page, server)
    _press(page, "Search")
    page.get_by_role("searchbox").fill("wall")
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("comments? found")).last).to_be_visible()
    # In one line with the field, not beside it.
    left = "one => Math.round(one.getBoundingClientRect().left)"
    field, button = page.get_by_role("searchbox"), page.locator(".search .primary")
    assert button.evaluate(left) >= field.evaluate(left)


def _previewed(page: Page, server: Any) -> None:
    open_at(page, server)
    page.get_by_label("Your comment", exact=True).fill(LONG_CODE)
    _press(page, "Preview")
    expect(page.locator(".preview pre")).to_be_visible()


def _replying(page: Page, server: Any) -> None:
    open_at(page, server)
    _press(page, "Reply", 1)
    expect(page.get_by_label(re.compile("Your reply"))).to_be_focused()


def _editing(page: Page, server: Any) -> None:
    open_at(page, server)
    write(page, friendly()).get_by_role("button", name="Edit", exact=True).click()
    expect(page.get_by_text(re.compile("You can edit this for"))).to_be_visible()


def _reporting(page: Page, server: Any) -> None:
    posted(server, friendly())
    open_at(page, server)
    _press(page, "Report")
    expect(page.get_by_label("Off topic")).to_be_visible()


def _unnamed(page: Page, server: Any) -> None:
    open_at(page, server)
    page.get_by_label("Your comment", exact=True).fill(friendly())
    _press(page, "Post")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()


def _silenced(page: Page, server: Any) -> None:
    open_at(page, server)
    write(page, friendly())
    _told(page, lambda said: said.update(sanctions=[_SANCTION]), "**/mine")
    page.reload()
    # A timer that is asked for too much rings at once, and again: then this is never still.
    page.get_by_text("Who decided this").click()
    expect(page.get_by_text("It holds for this site.")).to_be_visible()


def _objecting(page: Page, server: Any) -> None:
    def rejected(said: dict[str, Any]) -> None:
        said["comments"][0].update(status="rejected", appeal="possible", rejected_by="person")

    open_at(page, server)
    write(page, friendly())
    _told(page, rejected, "**/mine")
    page.reload()
    page.get_by_role("button", name="Object to this").click()
    expect(page.get_by_role("button", name="Send objection")).to_be_visible()


STATES: dict[str, State] = {
    "empty": _empty, "closed": _closed, "failed": _failed, "loading": _loading,
    "featured": _featured, "searched": _searched, "previewed": _previewed, "replying": _replying,
    "editing": _editing, "reporting": _reporting, "unnamed": _unnamed, "silenced": _silenced,
    "objecting": _objecting,
}  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
@pytest.mark.parametrize("state", STATES)
def test_nothing_bars_the_way(
    page: Page, live_server: Any, state: str, width: int, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    STATES[state](page, live_server)
    assert page.evaluate(_FAULTS) == []
    assert violations(page, "parley-thread") == []


def _focused(page: Page) -> str:
    return str(page.evaluate(_FOCUSED))


def test_trying_again_keeps_the_focus(page: Page, live_server: Any) -> None:
    _failed(page, live_server)
    with page.expect_response(_THREAD):
        page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert _focused(page)
    page.unroute(_THREAD)
    page.get_by_role("button", name="Try again").press("Enter")
    expect(comments(page).first).to_be_visible()
    assert _focused(page)


def test_another_width_keeps_the_focus(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    comment = comments(page).nth(1)
    number = comment.get_attribute("data-id")
    comment.get_by_role("button", name="Reply").focus()
    # As when somebody enlarges the page.
    page.set_viewport_size({"width": 400, "height": 700})
    expect(page.locator(".parley.narrow")).to_be_visible()
    expect(page.locator(f'[data-id="{number}"]')).to_be_focused()


def _walk(page: Page, stops: int) -> list[str]:
    """Where the key Tab leads; each stop with the width and the colour of what marks it."""
    seen = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                f"""() => {{
                  const said = ({_FOCUSED})(); let at = document.activeElement;
                  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
                  const look = getComputedStyle(at), around = at.closest('.composer');
                  const ring = at.localName === 'textarea' && around ? around : at;
                  const outlined = parseFloat(look.outlineWidth) >= 2
                    && look.outlineStyle !== 'none' && look.outlineColor !== 'rgba(0, 0, 0, 0)';
                  const marked = outlined || getComputedStyle(ring).boxShadow !== 'none';
                  return said && (marked ? said : `${{said}} is not seen`);
                }}"""
            )
        )
    return seen


@pytest.mark.parametrize("forced", ["none", "active"])
def test_every_stop_is_seen(page: Page, live_server: Any, forced: Any) -> None:
    page.emulate_media(forced_colors=forced)
    open_at(page, live_server)
    page.get_by_label("Your comment", exact=True).focus()
    # What belongs to writing is fetched with the first step into it.
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    page.get_by_role("button", name="Search").focus()
    stops = _walk(page, 16)
    assert all(stops), stops
    assert not [stop for stop in stops if "not seen" in stop]
    # The place to write comes before what others wrote.
    assert stops.index("primary") < next(i for i, stop in enumerate(stops) if "when" in stop)


def test_the_comment_one_came_for_is_seen_in_forced_colours(page: Page, live_server: Any) -> None:
    number = posted(live_server, friendly())
    page.emulate_media(forced_colors="active")
    open_at(page, live_server, f"#comment-{number}")
    target = page.locator(".target")
    expect(target).to_be_focused()
    assert target.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def test_who_wants_more_contrast_gets_it(page: Page, live_server: Any) -> None:
    page.emulate_media(contrast="more")
    open_at(page, live_server)
    colour = "one => getComputedStyle(one).color"
    when, body = page.locator(".when").first, page.locator(".body").first
    assert when.evaluate(colour) == body.evaluate(colour)


def test_each_text_has_its_own_direction(page: Page, live_server: Any) -> None:
    words = words_of("ar")
    open_at(page, live_server, lang="ar")
    direction = "one => getComputedStyle(one).direction"
    field = page.get_by_label(words["write"], exact=True)
    assert field.evaluate(direction) == "rtl"
    field.focus()
    expect(page.get_by_role("button", name=words["bold"], exact=True)).to_be_visible()
    assert field.evaluate(direction) == "rtl"
    field.fill(RUDE)
    assert field.evaluate(direction) == "ltr"
    page.get_by_role("button", name=words["preview"], exact=True).click()
    expect(page.locator(".preview p")).to_be_visible()
    assert page.locator(".preview").evaluate(direction) == "ltr"
    # What the server says in English is said in the reader's language.
    expect(page.get_by_text(words["reword"])).to_be_visible()


def test_a_discussion_is_small_print_nowhere(page: Page, live_server: Any) -> None:
    _silenced(page, live_server)
    sizes = _sizes(page.locator(".sanction p, .sanction summary, .sort button, .act, .when"))
    assert min(sizes) >= 12, sizes


def _sizes(texts: Locator) -> list[float]:
    return list(
        texts.evaluate_all("all => all.map((x) => parseFloat(getComputedStyle(x).fontSize))")
    )
