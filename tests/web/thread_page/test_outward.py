"""What others fetch of a discussion: feeds and quotations; never what is not public."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import writing
from models import Comment, Status, Thread
from tests.conftest import OTHER_ORIGIN, PAGE
from tests.web.thread_page.conftest import SHOWN
from tests.web.thread_page.test_hostile_words import HOSTILE
from tests.web.thread_page.test_reading import decide

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(client: FlaskClient, path: str) -> ElementTree.Element:
    """A feed, parsed."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.data)


def oembed(client: FlaskClient, url: str, **more: str):
    """The quotation of a comment."""
    return client.get("/oembed", query_string={"url": url, "format": "json", **more})


class TestFeeds:
    def test_of_a_thread_and_of_a_site(self, client: FlaskClient, thread: int,
                                       make_comment: Callable[..., int]):  # fmt: skip
        first, second = make_comment("Hello **there** & you."), make_comment("Next.", name="Ben")
        for path in (f"/feeds/threads/{thread}.atom", "/feeds/sites/news.atom"):
            told = feed(client, path)
            links = {one.get("rel"): one.get("href") for one in told.findall(f"{ATOM}link")}
            assert links == {"self": f"http://127.0.0.1:8000{path}", "alternate": PAGE}
            entries = told.findall(f"{ATOM}entry")
            assert len(entries) == 2
            newest, older = entries
            assert newest.findtext(f"{ATOM}author/{ATOM}name") == "Ben"
            content = older.find(f"{ATOM}content")
            assert content is not None
            assert content.get("type") == "html"
            assert content.text == "<p>Hello <strong>there</strong> &amp; you.</p>"
            assert older.find(f"{ATOM}link").get("href") == f"{PAGE}#comment-{first}"
            assert newest.findtext(f"{ATOM}id").endswith(f":parley/comment/{second}")
            assert re.fullmatch(r"tag:news\.example,\d{4}-\d\d-\d\d:.*",
                                older.findtext(f"{ATOM}id"))  # fmt: skip
            assert told.findtext(f"{ATOM}updated") == newest.findtext(f"{ATOM}updated")
            assert datetime.fromisoformat(older.findtext(f"{ATOM}updated")).tzinfo == UTC
            assert len({one.findtext(f"{ATOM}id") for one in entries}) == 2

    def test_the_page_names_it(self, client: FlaskClient, thread: int):
        page = client.get(SHOWN).text
        assert (
            '<link rel="alternate" type="application/atom+xml" title="Feed of this discussion" '
            f'href="/feeds/threads/{thread}.atom">'
        ) in page

    def test_an_edit_is_an_update_under_the_same_name(
        self, app: Flask, client: FlaskClient, thread: int, make_comment: Callable[..., int]
    ):
        number = make_comment()
        path = f"/feeds/threads/{thread}.atom"
        before = feed(client, path).find(f"{ATOM}entry")
        with app.app_context(), writing() as session:
            session.get_one(Comment, number).edited_at = datetime(2030, 1, 1, tzinfo=UTC)
        after = feed(client, path).find(f"{ATOM}entry")
        assert before is not None
        assert after is not None
        assert before.findtext(f"{ATOM}id") == after.findtext(f"{ATOM}id")
        assert after.findtext(f"{ATOM}updated") == "2030-01-01T00:00:00+00:00"

    def test_unchanged_it_is_not_sent_again(self, client: FlaskClient, thread: int,
                                            make_comment: Callable[..., int]):  # fmt: skip
        make_comment()
        path = f"/feeds/threads/{thread}.atom"
        mark = {"If-None-Match": client.get(path).headers["ETag"]}
        assert client.get(path, headers=mark).status_code == 304
        make_comment("Another.")
        assert client.get(path, headers=mark).status_code == 200

    def test_of_nothing(self, client: FlaskClient, thread: int):
        assert feed(client, f"/feeds/threads/{thread}.atom").findall(f"{ATOM}entry") == []
        assert client.get("/feeds/threads/99.atom").status_code == 404
        assert client.get("/feeds/sites/nowhere.atom").status_code == 404

    def test_the_latest_fifty(self, client: FlaskClient, thread: int,
                              make_comment: Callable[..., int]):  # fmt: skip
        numbers = [make_comment(f"Number {n}.") for n in range(52)]
        for path in (f"/feeds/threads/{thread}.atom", "/feeds/sites/news.atom"):
            entries = feed(client, path).findall(f"{ATOM}entry")
            ids = [int(one.findtext(f"{ATOM}id").rpartition("/")[2]) for one in entries]
            assert ids == numbers[:-51:-1]

    def test_hostile_strings_are_xml(self, app: Flask, client: FlaskClient, thread: int,
                                     make_comment: Callable[..., int]):  # fmt: skip
        number = make_comment()
        for text in (*HOSTILE, "old\x0bcontrol\x1b", "\ufffe", "]]>"):
            with app.app_context(), writing() as session:
                comment = session.get_one(Comment, number)
                comment.html, comment.author_name = f"<p>{html.escape(text)}</p>", text[:100]
                comment.thread.title = text[:200]
            entry = feed(client, f"/feeds/threads/{thread}.atom").find(f"{ATOM}entry")
            assert entry is not None


class TestQuotations:
    def test_of_a_published_comment(self, app: Flask, client: FlaskClient, thread: int,
                                    make_comment: Callable[..., int]):  # fmt: skip
        number = make_comment("Hello **there**, <you>.", name="Ada")
        with app.app_context(), writing() as session:
            session.get_one(Thread, thread).title = "A story"
        for url in (f"{PAGE}#comment-{number}", f"http://localhost/thread/comments/{number}",
                    f"http://127.0.0.1:8000/thread/comments/{number}?sort=best"):  # fmt: skip
            answer = oembed(client, url)
            assert answer.status_code == 200, url
            told = answer.json
            assert (told["version"], told["type"]) == ("1.0", "rich")
            assert (told["provider_name"], told["author_name"]) == ("news", "Ada")
            assert told["title"] == "Ada: Hello there, <you>."
            assert told["html"] == (
                f'<blockquote class="parley-comment" cite="{PAGE}#comment-{number}">'
                "<p>Hello there, &lt;you&gt;.</p><footer>— Ada, "
                f'<a href="{PAGE}#comment-{number}">A story</a></footer></blockquote>'
            )
        assert oembed(client, url, maxwidth="320").json["width"] == 320

    def test_a_comments_page_leads_to_it(self, client: FlaskClient,
                                         make_comment: Callable[..., int]):  # fmt: skip
        number = make_comment()
        page = client.get(f"/thread/comments/{number}").text
        link = re.search(r'type="application/json\+oembed" href="([^"]+)"', page)
        assert link
        assert client.get(html.unescape(link[1])).json["author_name"] == "Ada"

    def test_only_json(self, client: FlaskClient, make_comment: Callable[..., int]):
        url = f"{PAGE}#comment-{make_comment()}"
        assert oembed(client, url, format="xml").status_code == 501
        assert client.get("/oembed", query_string={"url": url}).status_code == 200
        assert client.get("/oembed").status_code == 422

    def test_only_where_it_stands(self, client: FlaskClient, other_site: int,
                                  make_comment: Callable[..., int]):  # fmt: skip
        number = make_comment()
        for url in (
            f"{PAGE}#comment-99",
            f"{PAGE}#comment-{number}x",
            f"{PAGE}#comment-{'9' * 30}",
            f"{PAGE}/elsewhere#comment-{number}",
            f"{OTHER_ORIGIN}/story#comment-{number}",
            f"https://evil.example/story#comment-{number}",
            f"https://evil.example/thread/comments/{number}",
            f"javascript:alert(1)#comment-{number}",
            f"http://[::1/#comment-{number}",
            PAGE,
        ):
            assert oembed(client, url).status_code == 404, url

    def test_hostile_strings_stay_text(self, app: Flask, client: FlaskClient,
                                       make_comment: Callable[..., int]):  # fmt: skip
        number = make_comment()
        for text in HOSTILE:
            with app.app_context(), writing() as session:
                comment = session.get_one(Comment, number)
                comment.html, comment.author_name = f"<p>{html.escape(text)}</p>", text[:100]
                comment.thread.title = text[:200]
            told = oembed(client, f"{PAGE}#comment-{number}").json
            tags = set(re.findall(r"<(/?\w+)", told["html"]))
            assert tags == {"blockquote", "/blockquote", "p", "/p", "footer", "/footer", "a", "/a"}
            assert "\u202e" not in told["html"] + told["author_name"] + told["title"]


@pytest.mark.parametrize("after", [Status.HELD, Status.REJECTED, Status.UNSCORED, Status.WITHDRAWN])
def test_what_is_not_public_goes_nowhere(
    app: Flask, client: FlaskClient, thread: int, make_comment: Callable[..., int], after: Status
):
    lonely = make_comment("SECRET words", name="SECRET name")
    parent = make_comment("SECRET words above", name="SECRET name")
    make_comment("Public below.", parent=parent)
    for number in (lonely, parent):
        decide(app, number, after)
    answers = [client.get(path) for path in (
        SHOWN, f"/thread/comments/{parent}", f"/thread/comments/{lonely}",
        f"/thread/comments/{lonely}/reply", f"/thread/comments/{parent}/report",
        f"/feeds/threads/{thread}.atom", "/feeds/sites/news.atom",
        f"/oembed?url={quote(f'{PAGE}#comment-{lonely}', safe='')}",
        f"/oembed?url={quote(f'{PAGE}#comment-{parent}', safe='')}",
    )]  # fmt: skip
    assert [one.status_code for one in answers] == [200, 200, 404, 404, 404, 200, 200, 404, 404]
    for answer in answers:
        assert "SECRET" not in answer.text, answer.request.path
    assert "Public below." in answers[0].text
    assert "Public below." in answers[5].text
