"""What a page without a discussion shows of others, and what stands above a discussion."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.barriers import violations

pytestmark = pytest.mark.browser


def _listing(live_server: Any, lang: str) -> str:
    article = live_server.article_url
    return f"""<!doctype html><html lang="{lang}"><title>All articles</title><main><h1>Articles</h1>
<p id="a"><a href="{article}#thread">The article</a></p>
<p id="b"><a href="/nothing-here#thread">Another</a></p>
<p id="c"><parley-count url="{article}" number></parley-count></p>
<p id="d"><a href="{article}">Not this one</a></p></main>
<script type="module" src="/embed/count.js"></script></html>"""


@pytest.mark.parametrize(("lang", "said"), [("en", "{n} comments"), ("nds", "{n} comments")])
def test_links_and_elements_say_how_many_comments_there_are_in_one_request(
    page: Page, live_server: Any, lang: str, said: str
):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "counts" in request.url else 0)
    page.route(
        "**/all-articles",
        lambda route: route.fulfill(body=_listing(live_server, lang), content_type="text/html"),
    )
    page.goto(f"{live_server.url}/all-articles")
    count = page.request.get(
        f"{live_server.url}/api/v1/counts?url={live_server.article_url}"
    ).json()
    (n,) = count["counts"].values()
    assert n > 1
    expect(page.locator("#a a")).to_have_text(said.format(n=n))
    expect(page.locator("#b a")).to_have_text(said.format(n=0))
    expect(page.locator("#c parley-count")).to_have_text(str(n))
    expect(page.locator("#d a")).to_have_text("Not this one")
    assert len(asked) == 1
    # What comes later is asked for together, and what is there is not asked for again.
    page.evaluate(
        """(url) => { for (const id of ['e', 'f']) document.querySelector('main')
            .insertAdjacentHTML('beforeend',
                `<p id="${id}"><a href="${url}#thread">Later</a></p>`); }""",
        live_server.article_url,
    )
    for place in ("#e a", "#f a"):
        expect(page.locator(place)).to_have_text(said.format(n=n))
    assert len(asked) == 2
    assert violations(page) == []


def test_where_the_server_does_not_answer_the_page_stays_as_it_is(page: Page, live_server: Any):
    page.route("**/api/v1/counts*", lambda route: route.abort())
    page.route(
        "**/all-articles",
        lambda route: route.fulfill(body=_listing(live_server, "en"), content_type="text/html"),
    )
    with page.expect_request("**/api/v1/counts*"):
        page.goto(f"{live_server.url}/all-articles")
    expect(page.locator("#a a")).to_have_text("The article")


def _with_featured(route: Route) -> None:
    answer = route.fetch()
    told = answer.json()
    chosen = next(one for one in told["comments"] if one["descendant_count"])
    shown = chosen | {"featured": True, "replies": [], "more_replies": "first"}
    chosen["featured"] = True
    route.fulfill(response=answer, body=json.dumps(told | {"featured": [shown]}))


def test_a_featured_comment_stands_above_the_others_and_leads_to_its_branch(
    page: Page, live_server: Any
):
    page.route("**/api/v1/threads?*", _with_featured)
    page.goto(f"{live_server.article_url}#thread")
    heading = page.get_by_role("heading", name="Featured", exact=True)
    expect(heading).to_be_visible()
    first = page.locator("parley-thread").get_by_role("article").first
    expect(first).to_contain_text("Featured")
    order = page.evaluate(
        """() => { const root = document.querySelector('parley-thread').shadowRoot;
            const main = root.querySelector('.main');
            return [...main.children].map((one) => one.className); }"""
    )
    assert order[:2] == ["featured", "list"]
    assert violations(page, "parley-thread") == []
    page.get_by_role("button", name="Continue this thread").first.click()
    expect(page.get_by_text("You are reading one branch of the discussion.")).to_be_visible()
    expect(heading).to_be_hidden()
