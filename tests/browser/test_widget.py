"""The reader's widget in a real browser: what a reader does and sees, and what is never lost."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.sending import send

pytestmark = pytest.mark.browser

RUDE = "You are a stupid, disgusting idiot and everybody hates you."


def _words() -> str:
    """A friendly text that no other test has written."""
    return f"Thank you, I enjoyed reading this. {uuid.uuid4().hex[:8]}"


def _open(page: Page, server: Any, path: str = "") -> None:
    page.goto(server.article_url + (path or "#thread"))
    expect(page.get_by_label("Your comment", exact=True)).to_be_attached()


def _comments(page: Page) -> Locator:
    return page.locator("parley-thread").get_by_role("article")


def _comment(page: Page, text: str) -> Locator:
    return _comments(page).filter(has_text=text)


def _write(page: Page, text: str, name: str = "Grace Hopper") -> None:
    page.get_by_label("Your comment", exact=True).fill(text)
    page.get_by_label("Name", exact=True).fill(name)


def _post(page: Page, text: str) -> Locator:
    _write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    comment = _comment(page, text)
    expect(comment).to_be_visible()
    return comment


def _post_rude(page: Page) -> Locator:
    text = f"{RUDE} {uuid.uuid4().hex[:8]}"
    _write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("You can reword it")).to_be_visible()
    page.get_by_role("button", name="Post anyway").click()
    return _comment(page, text)


def _chain(server: Any, depth: int) -> list[int]:
    """A comment with a reply with a reply …; the ids from the root down."""
    thread = send(server, "threads", {"url": server.article_url})["thread"]["id"]
    ids: list[int] = []
    for level in range(depth):
        body = {"text": f"Level {level}. {_words()}", "author_name": f"Reader {level}"}
        if ids:
            body["parent_id"] = ids[-1]  # type: ignore[assignment]
        ids.append(send(server, f"threads/{thread}/comments", body)["comment"]["id"])
    return ids


def test_friendly_comment_appears_for_everyone(
    page: Page, live_server: Any, browser: Browser
) -> None:
    _open(page, live_server)
    text = _words()
    comment = _post(page, text)
    expect(comment).to_be_focused()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value("")
    other = browser.new_page()
    _open(other, live_server)
    expect(_comment(other, text)).to_be_visible()
    expect(_comment(other, text).get_by_role("button", name="Edit")).to_have_count(0)
    other.context.close()


def test_name_is_remembered(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    _post(page, _words())
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Grace Hopper")
    assert page.context.cookies() == []


def test_held_comment_is_shown_to_its_author_only(
    page: Page, live_server: Any, browser: Browser
) -> None:
    _open(page, live_server)
    comment = _post_rude(page)
    expect(comment.get_by_text("Only you can see it")).to_be_visible()
    text = comment.locator(".body").inner_text()
    page.reload()
    expect(_comment(page, text).get_by_text("Only you can see it")).to_be_visible()
    other = browser.new_page()
    _open(other, live_server)
    expect(_comments(other).first).to_be_visible()
    expect(_comment(other, text)).to_have_count(0)
    other.context.close()


def test_author_can_reword_before_posting(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    _write(page, RUDE)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("You can reword it")).to_be_visible()
    expect(_comment(page, RUDE)).to_have_count(0)
    comment = _post(page, _words())
    expect(comment.get_by_text("Only you can see it")).to_have_count(0)


def test_preview_is_the_servers_rendering(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    _write(page, "This is **important** to me.")
    page.get_by_role("button", name="Preview").click()
    shown = page.get_by_role("region", name="Preview")
    expect(shown.locator("strong")).to_have_text("important")
    page.get_by_label("Your comment", exact=True).fill("This is _calm_ now.")
    expect(shown.locator("em")).to_have_text("calm")


def test_reply_stands_below_its_comment(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    first = _words()
    _post(page, first).get_by_role("button", name="Reply").click()
    text = _words()
    form = _comment(page, first).locator("form")
    form.get_by_label(re.compile("Your reply")).fill(text)
    form.get_by_role("button", name="Reply").click()
    branch = page.get_by_role("listitem").filter(has_text=first)
    expect(branch.get_by_role("listitem").filter(has_text=text)).to_be_visible()


def test_vote_and_undo(page: Page, live_server: Any, browser: Browser) -> None:
    text = _words()
    writer = browser.new_page()
    _open(writer, live_server)
    _post(writer, text)
    writer.context.close()
    _open(page, live_server)
    up = _comment(page, text).get_by_role("button", name=re.compile("Vote up"))
    for pressed, label in (("true", "Vote up, 1 vote"), ("false", "Vote up, 0 votes")):
        with page.expect_response(re.compile("/vote$")):
            up.click()
        expect(up).to_have_attribute("aria-pressed", pressed)
        expect(up).to_have_attribute("aria-label", label)
    with page.expect_response(re.compile("/vote$")):
        up.click()
    page.reload()
    expect(up).to_have_attribute("aria-pressed", "true")


def test_refused_vote_is_rolled_back(page: Page, live_server: Any) -> None:
    _chain(live_server, 1)
    _open(page, live_server)
    page.route("**/vote", lambda route: _refuse(route, 429, "Too many votes.", "40"))
    up = page.get_by_role("button", name=re.compile("Vote up")).first
    before = up.get_attribute("aria-label")
    up.click()
    expect(page.get_by_text("Too many votes. Try again in 40 seconds.")).to_be_visible()
    expect(up).to_have_attribute("aria-label", str(before))
    expect(up).to_have_attribute("aria-pressed", "false")


def test_edit(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    first, second = _words(), _words()
    comment = _post(page, first)
    comment.get_by_role("button", name="Edit").click()
    area = comment.get_by_label("Edit your comment")
    expect(area).to_have_value(first)
    area.fill(second)
    comment.get_by_role("button", name="Save").click()
    expect(_comment(page, second)).to_contain_text("edited")
    expect(_comment(page, first)).to_have_count(0)


def test_withdraw_asks_first(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    text = _words()
    comment = _post(page, text)
    comment.get_by_role("button", name="Withdraw").click()
    comment.get_by_role("button", name="Keep it").click()
    expect(comment.get_by_role("button", name="Withdraw")).to_be_focused()
    comment.get_by_role("button", name="Withdraw").click()
    comment.locator("form").get_by_role("button", name="Withdraw").click()
    expect(_comments(page).get_by_text("You withdrew this comment.")).to_be_visible()
    page.reload()
    expect(_comments(page).first).to_be_visible()
    expect(_comment(page, text)).to_have_count(0)


def test_report(page: Page, live_server: Any) -> None:
    _chain(live_server, 1)
    _open(page, live_server)
    comment = _comments(page).first
    comment.get_by_role("button", name="Report").click()
    comment.get_by_label("Off topic").check()
    comment.get_by_label(re.compile("Anything a moderator")).fill("Nothing about the article.")
    with page.expect_request(re.compile("/reports$")) as sent:
        comment.get_by_role("button", name="Send report").click()
    assert sent.value.post_data_json == {
        "reason": "off-topic",
        "text": "Nothing about the article.",
    }
    expect(comment.get_by_text("Thank you. A moderator will look at it.")).to_be_visible()
    page.reload()
    expect(_comments(page).first.get_by_text("Reported")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_permalink_to_a_deep_comment(page: Page, live_server: Any, width: int) -> None:
    ids = _chain(live_server, 11)
    page.set_viewport_size({"width": width, "height": 900})
    _open(page, live_server, f"#comment-{ids[9]}")
    comment = _comment(page, "Level 9.").last
    expect(comment).to_be_focused()
    expect(comment).to_be_in_viewport()
    expect(_comment(page, "Level 8.").last).to_be_visible()
    expect(_comment(page, "Level 10.").last).to_be_visible()
    page.get_by_role("button", name="All comments").click()
    deeper = page.get_by_role("button", name=re.compile("Continue this thread")).first
    deeper.click()
    expect(page.get_by_role("button", name="All comments")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_link_copies_and_names_the_comment(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    comment = _post(page, _words())
    comment.get_by_role("button", name="Link").click()
    expect(comment.get_by_text("Link copied.")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"#comment-\d+$", link)
    assert page.url.split("#")[1] == link.split("#")[1]


def test_sort(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    text = _words()
    _post(page, text)
    page.reload()
    expect(_comments(page).first).to_contain_text(text)
    order = page.get_by_label("Sort by")
    for sort in ("oldest", "best", "replies"):
        with page.expect_response(re.compile(f"sort={sort}")) as answer:
            order.select_option(sort)
        first = answer.value.json()["comments"][0]
        name = (first["author"] or {"name": ""})["name"]
        expect(_comments(page).first).to_contain_text(name)
    order.select_option("newest")
    expect(_comments(page).first).to_contain_text(text)


def test_collapse_a_branch(page: Page, live_server: Any) -> None:
    ids = _chain(live_server, 2)
    _open(page, live_server, f"#comment-{ids[0]}")
    branch = page.get_by_role("listitem").filter(has_text="Level 0.").first
    branch.get_by_role("button", name=re.compile("Collapse")).first.press("Enter")
    expect(branch.get_by_text("Level 1.")).to_be_hidden()
    branch.get_by_role("button", name=re.compile("Expand")).press("Enter")
    expect(branch.get_by_text("Level 1.")).to_be_visible()


def test_keyboard_only(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    text = _words()
    page.get_by_label("Your comment", exact=True).focus()
    page.keyboard.type(text)
    # What belongs to the field is fetched at the first key, and there before a person has written.
    expect(page.get_by_role("button", name="Preview")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("Grace Hopper")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Preview")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    comment = _comment(page, text)
    expect(comment).to_be_focused()
    reply = comment.get_by_role("button", name="Reply")
    for _ in range(8):
        page.keyboard.press("Tab")
        if reply.evaluate("element => element.getRootNode().activeElement === element"):
            break
    page.keyboard.press("Enter")
    answer = _words()
    page.keyboard.type(answer)
    page.keyboard.press("Escape")
    expect(reply).to_be_focused()
    page.keyboard.press("Enter")
    expect(comment.get_by_label(re.compile("Your reply"))).to_have_value(answer)
    page.keyboard.press("Control+Enter")
    expect(_comment(page, answer)).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing(page: Page, live_server: Any, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    _chain(live_server, 2)
    _open(page, live_server)
    comment = _comments(page).first
    comment.get_by_role("button", name="Report").click()
    _write(page, RUDE)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("You can reword it")).to_be_visible()
    found = Axe().run(page, context="parley-thread")
    assert found.violations_count == 0, found.generate_report()
    seen = {rule["id"]: rule["nodes"] for rule in found.response["passes"]}
    assert any(len(node["target"][0]) == 2 for node in seen["color-contrast"])  # inside the shadow
    page.get_by_role("button", name="Post anyway").click()
    expect(page.get_by_text("Only you can see it").first).to_be_visible()
    found = Axe().run(page, context="parley-thread")
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _refuse(route: Route, status: int, detail: str, wait: str) -> None:
    route.fulfill(
        status=status,
        headers={
            "Content-Type": "application/problem+json",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": "Retry-After",
            "Retry-After": wait,
        },
        body=json.dumps({"status": status, "detail": detail}),
    )


def test_unavailable_server_is_said_and_tried_again(page: Page, live_server: Any) -> None:
    page.route("**/api/v1/threads?*", lambda route: _refuse(route, 503, "Back soon.", "5"))
    page.goto(f"{live_server.article_url}#thread")
    expect(page.get_by_role("heading", name="The comments did not load")).to_be_visible()
    expect(page.get_by_text("Back soon. Try again in 5 seconds.")).to_be_visible()
    page.unroute("**/api/v1/threads?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Your comment", exact=True)).to_be_visible()


def test_refusal_keeps_the_text(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    page.route("**/comments", lambda route: _refuse(route, 429, "Too many comments.", "40"))
    text = _words()
    _write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    said = page.get_by_role("alert").filter(has_text="Too many comments.")
    expect(said).to_have_text("Too many comments. Try again in 40 seconds.")
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(text)


def test_offline_keeps_the_text_and_posts_it_once(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    text = _words()
    page.get_by_label("Your comment", exact=True).focus()
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    page.context.set_offline(True)
    _write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("You are offline. What you wrote is kept")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(text)
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(_comment(page, text)).to_have_count(1)


def test_what_is_typed_while_the_rest_cannot_be_fetched_is_kept(
    page: Page, live_server: Any
) -> None:
    _open(page, live_server)
    text = _words()
    page.context.set_offline(True)
    page.get_by_label("Your comment", exact=True).press_sequentially(text)
    expect(page.get_by_text("You are offline. What you wrote is kept")).to_be_visible()
    page.context.set_offline(False)
    # The rest comes by itself, around what was typed.
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    expect(page.get_by_label("Your comment", exact=True)).to_have_value(text)
    expect(page.get_by_label("Your comment", exact=True)).to_be_focused()


def test_a_reader_loads_what_reading_takes_and_stores_nothing(page: Page, live_server: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _open(page, live_server)
    ours = [url for url in asked if "/embed/" in url or "/api/" in url]
    # The article's points are an element of their own, which fetches how to draw itself.
    wanted = ["/embed/parley.js", "/embed/lang/en.json", "/embed/points.js", "/embed/lang/en.later"]
    assert all(any(name in url for name in (*wanted, "/api/v1/threads?")) for url in ours), ours
    # The points ask for themselves where they come later than the comments.
    asked_for = {re.sub("sort=[^&]*", "", url) for url in ours if "/api/" in url}
    assert len(asked_for) == 1
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.context.cookies() == []


def test_lost_answer_makes_no_second_comment(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    text, keys = _words(), []

    def lose_the_first_answer(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(
        re.compile(r"/threads/\d+/comments$"),
        lambda route: (
            lose_the_first_answer(route) if route.request.method == "POST" else route.continue_()
        ),
    )
    _write(page, text)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.get_by_text("could not be reached")).to_be_visible()
    page.get_by_role("button", name="Post", exact=True).click()
    expect(_comment(page, text)).to_be_visible()
    assert len(keys) == 2
    assert keys[0] == keys[1]
    page.reload()
    expect(_comment(page, text)).to_have_count(1)


def test_element_can_be_moved_and_pointed_elsewhere(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        "() => { const e = document.querySelector('parley-thread'); "
        "const box = document.createElement('div'); document.body.append(box); box.append(e) }"
    )
    expect(page.get_by_label("Your comment", exact=True)).to_be_visible()
    assert not [url for url in asked if "/api/" in url]
    with page.expect_response(re.compile(r"/api/v1/threads\?.*page_id=elsewhere")):
        page.evaluate(
            "document.querySelector('parley-thread').setAttribute('page-id', 'elsewhere')"
        )
    expect(page.get_by_text("No comments yet")).to_be_visible()


def test_strict_policy_and_hostile_styles_of_the_page(page: Page, live_server: Any) -> None:
    def serve(route: Route) -> None:
        route.fulfill(
            headers={
                "Content-Type": "text/html",
                "Content-Security-Policy": (
                    "default-src 'none'; script-src 'self'; connect-src 'self'; "
                    "style-src 'nonce-page'; require-trusted-types-for 'script'"
                ),
            },
            body=f"""<!doctype html><html lang="en"><title>Host</title>
            <link rel="canonical" href="{live_server.article_url}">
            <style nonce="page">
            div, span, p, ol, li, article, button, textarea, bdi {{ display: none !important }}
            * {{ color: red !important; font: 40px/1 fantasy !important; letter-spacing: 9px }}
            </style>
            <script type="module" src="{live_server.url}/embed/parley.js"></script>
            <parley-thread></parley-thread>""",
        )

    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.route(f"{live_server.url}/host", serve)
    page.goto(f"{live_server.url}/host")
    expect(_comments(page).first).to_be_visible()
    area = page.get_by_label("Your comment", exact=True)
    assert area.evaluate("e => getComputedStyle(e).color") != "rgb(255, 0, 0)"
    assert area.evaluate("e => getComputedStyle(e).letterSpacing") == "normal"
    expect(_post(page, _words())).to_be_focused()
    assert errors == []


def test_events_reach_the_page(page: Page, live_server: Any) -> None:
    page.add_init_script(
        "window.heard = []; for (const name of ['ready', 'posted']) "
        "addEventListener('parley:' + name, (event) => heard.push([name, event.target.localName]))"
    )
    _open(page, live_server)
    _post(page, _words())
    assert page.evaluate("heard") == [["ready", "parley-thread"], ["posted", "parley-thread"]]


def test_points_are_given_and_taken_back(page: Page, live_server: Any) -> None:
    _open(page, live_server)
    page.evaluate("document.body.prepend(document.createElement('parley-points'))")
    points = page.locator("parley-points").first
    arrow, total = points.get_by_role("button"), points.get_by_text(re.compile("^[0-9,]+ points?$"))
    expect(arrow).to_have_attribute("aria-pressed", "false")
    before = total.inner_text()
    with page.expect_response(re.compile("/points$")):
        arrow.click()
    expect(arrow).to_have_attribute("aria-pressed", "true")
    expect(total).not_to_have_text(before)
    with page.expect_response(re.compile("/points$")):
        arrow.click()
    expect(total).to_have_text(before)
