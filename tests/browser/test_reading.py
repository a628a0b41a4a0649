"""What readers can do besides writing, in a real browser: languages, news, hiding, quoting."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.barriers import violations
from tests.browser.sending import send
from web.embed import build

pytestmark = pytest.mark.browser

LANGUAGES = build.languages()


def open_at(page: Page, server: Any, behind: str = "#thread", lang: str = "") -> None:
    """The demo article in a language, its discussion drawn."""
    if lang:

        def translate(route: Route) -> None:
            answer = route.fetch()
            body = answer.text().replace('<html lang="en"', f'<html lang="{lang}"')
            route.fulfill(response=answer, body=body)

        page.route(re.compile(re.escape(server.article_url)), translate)
    page.goto(f"{server.article_url}{behind}")
    expect(comments(page).first).to_be_visible()


def comments(page: Page) -> Locator:
    return page.locator("parley-thread article.comment")


def words_of(lang: str) -> dict[str, Any]:
    told = json.loads((build.SOURCE / "lang" / f"{lang}.json").read_text(encoding="utf-8"))
    return told["first"] | told["later"]


def posted(server: Any, text: str) -> int:
    """Somebody else's comment; its number."""
    thread = send(server, "threads", {"url": server.article_url})["thread"]["id"]
    answer = send(server, f"threads/{thread}/comments", {"text": text, "author_name": "Else"})
    assert answer["comment"]["status"] == "published"
    return int(answer["comment"]["id"])


def friendly() -> str:
    return f"I walked along the sea wall this morning. {uuid.uuid4().hex[:8]}"


def write(page: Page, text: str) -> Locator:
    page.get_by_label("Your comment", exact=True).fill(text)
    page.get_by_label("Name", exact=True).fill("Grace Hopper")
    page.get_by_role("button", name="Post", exact=True).click()
    made = comments(page).filter(has_text=text)
    expect(made).to_be_visible()
    return made


def test_nothing_is_fetched_before_the_reader_comes_near(page: Page, live_server: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_server.article_url)
    page.wait_for_load_state("networkidle")
    # The points of the article stand at its top and ask for themselves.
    assert not [url for url in asked if "/comments" in url or "/write.js" in url]
    expect(comments(page)).to_have_count(0)
    page.locator("parley-thread").scroll_into_view_if_needed()
    expect(comments(page).first).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_is_spoken(page: Page, live_server: Any, lang: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 320, "height": 800})
    open_at(page, live_server, lang=lang)
    words = words_of(lang)
    frame = page.locator("parley-thread section.parley")
    expect(frame).to_have_attribute("lang", lang)
    assert frame.evaluate("one => getComputedStyle(one).direction") == words["dir"]
    expect(page.get_by_label(words["write"], exact=True)).to_be_attached()
    expect(page.get_by_role("button", name=words["reply"], exact=True).first).to_be_attached()
    page.get_by_label(words["write"], exact=True).focus()
    expect(page.get_by_role("button", name=words["post"], exact=True)).to_be_visible()
    spoken = {found[1] for url in asked if (found := re.search(r"/lang/(\w+)[.]", url))}
    assert spoken == {lang}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert frame.evaluate("one => one.scrollWidth <= one.clientWidth")
    assert violations(page, "parley-thread") == []


def test_a_change_of_language_is_followed(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    page.evaluate("document.querySelector('parley-thread').lang = 'fr'")
    reply = words_of("fr")["reply"]
    expect(page.get_by_role("button", name=reply, exact=True).first).to_be_visible()


def test_what_was_just_sent_can_be_taken_back_with_its_text(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    text = friendly()
    made = write(page, text)
    made.get_by_role("button", name="Undo").click()
    expect(comments(page).filter(has_text=text)).to_have_count(0)
    field = page.get_by_label("Your comment", exact=True)
    expect(field).to_have_value(text)
    expect(field).to_be_focused()
    page.reload()
    expect(comments(page).first).to_be_visible()
    expect(comments(page).filter(has_text=text)).to_have_count(0)


def test_an_author_is_hidden_for_oneself_alone(
    page: Page, live_server: Any, browser: Browser
) -> None:
    text = friendly()
    posted(live_server, text)
    open_at(page, live_server)
    comments(page).filter(has_text=text).get_by_role("button", name="Report").click()
    page.get_by_role("button", name="Hide this author").click()
    expect(page.get_by_text(text)).to_have_count(0)
    page.reload()
    expect(comments(page).first).to_be_visible()
    expect(page.get_by_text(text)).to_have_count(0)
    other = browser.new_context().new_page()
    open_at(other, live_server)
    expect(other.get_by_text(text)).to_be_visible()
    other.context.close()
    assert violations(page, "parley-thread") == []
    page.get_by_role("button", name="Show them again").first.click()
    expect(page.get_by_text(text)).to_be_visible()


def test_new_comments_are_told_of_and_move_nothing(page: Page, live_server: Any) -> None:
    page.clock.install()
    open_at(page, live_server)
    page.clock.run_for(25_000)
    before = comments(page).count()
    text = friendly()
    posted(live_server, text)
    bar = page.get_by_role("button", name="1 new comment")
    for _ in range(12):
        page.clock.run_for(10_000)
        if bar.is_visible():
            break
        page.wait_for_timeout(100)
    expect(bar).to_be_visible()
    assert comments(page).count() == before
    bar.click()
    made = comments(page).filter(has_text=text)
    expect(made).to_be_visible()
    expect(made).to_be_focused()
    expect(bar).to_have_count(0)


def test_the_first_comment_of_all_is_told_of(page: Page, live_server: Any) -> None:
    fresh = f"unbegun-{uuid.uuid4().hex[:8]}"

    def another(route: Route) -> None:
        answer = route.fetch()
        body = re.sub(r"<parley-thread[^>]*>", f'<parley-thread page-id="{fresh}">', answer.text())
        route.fulfill(response=answer, body=body)

    page.route(live_server.article_url, another)
    page.clock.install()
    page.goto(f"{live_server.article_url}#thread")
    expect(page.get_by_text("No comments yet")).to_be_visible()
    page.clock.run_for(25_000)
    about = {"url": live_server.article_url, "page_id": fresh}
    thread = send(live_server, "threads", about)["thread"]["id"]
    text = friendly()
    send(live_server, f"threads/{thread}/comments", {"text": text, "author_name": "Else"})
    bar = page.get_by_role("button", name="1 new comment")
    for _ in range(12):
        page.clock.run_for(10_000)
        if bar.is_visible():
            break
        page.wait_for_timeout(100)
    bar.click()
    made = comments(page).filter(has_text=text)
    expect(made).to_be_focused()
    expect(page.get_by_text("No comments yet")).to_have_count(0)
    expect(page.get_by_role("heading", name="1 comment")).to_be_visible()


def test_what_came_since_the_last_visit_is_marked(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    write(page, friendly())
    page.reload()
    expect(comments(page).first).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_attached()
    page.wait_for_function("Object.keys(localStorage).some((key) => key.endsWith(':seen'))")
    text = friendly()
    posted(live_server, text)
    page.reload()
    new = comments(page).filter(has_text=text)
    expect(new.get_by_text("New", exact=True)).to_be_visible()
    onward = page.get_by_role("button", name=re.compile("unread comment"))
    onward.click()
    expect(new).to_be_focused()
    expect(new.get_by_text("New", exact=True)).to_have_count(0)
    expect(onward).to_have_count(0)


def test_a_selected_passage_becomes_a_quote(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    field = page.get_by_label("Your comment", exact=True)
    field.focus()
    expect(page.get_by_role("button", name="Quote", exact=True)).to_be_visible()
    passage = page.evaluate(
        "() => { const p = document.querySelector('article p, main p'); const r = new Range();"
        " r.selectNodeContents(p); getSelection().removeAllRanges(); getSelection().addRange(r);"
        " return p.textContent }"
    )
    page.get_by_role("button", name="Quote", exact=True).click()
    first = " ".join(passage.split()[:5])
    assert field.input_value().startswith(f"> {first}")


def test_marks_by_button_and_by_key(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    field = page.get_by_label("Your comment", exact=True)
    field.focus()
    expect(page.get_by_role("button", name="Bold", exact=True)).to_be_visible()
    field.fill("one")
    field.select_text()
    page.get_by_role("button", name="Bold", exact=True).click()
    expect(field).to_have_value("**one**")
    field.fill("two")
    field.select_text()
    page.keyboard.press("Control+i")
    expect(field).to_have_value("_two_")
    field.fill("a\nb")
    field.select_text()
    page.get_by_role("button", name="List", exact=True).click()
    expect(field).to_have_value("- a\n- b")


def test_the_time_for_editing_is_said(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    made = write(page, friendly())
    made.get_by_role("button", name="Edit", exact=True).click()
    expect(
        page.get_by_text(re.compile(r"You can edit this for \d+ (minutes|seconds)\."))
    ).to_be_visible()


def test_the_order_that_was_chosen_is_remembered(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    with page.expect_response(re.compile("sort=oldest")):
        page.get_by_label("Sort by").select_option("oldest")
    with page.expect_response(re.compile(r"/threads\?.*sort=oldest")):
        page.reload()
    expect(page.get_by_label("Sort by")).to_have_value("oldest")


def test_several_discussions_and_a_depth_on_one_page(page: Page, live_server: Any) -> None:
    open_at(page, live_server)
    page.evaluate(
        "() => { const e = document.createElement('parley-thread');"
        " e.setAttribute('page-id', 'another'); e.setAttribute('points', '');"
        " document.querySelector('parley-thread').before(e) }"
    )
    another = page.locator("parley-thread").first
    expect(another.get_by_text("No comments yet")).to_be_visible()
    expect(another.get_by_text("0 points")).to_be_visible()
    shallow = page.locator("parley-thread").nth(1)
    expect(shallow.locator(".item .item .item .item").first).to_be_attached()
    shallow.evaluate("one => { one.setAttribute('max-depth', '1'); one.measure(); one.draw() }")
    expect(shallow.locator(".item .item .item")).to_have_count(0)
    expect(
        shallow.get_by_role("button", name=re.compile("Continue this thread")).first
    ).to_be_visible()
