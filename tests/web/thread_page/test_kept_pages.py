"""Who may keep a page and frame it, and what search engines find there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import writing
from models import Comment, ThreadState
from tests.conftest import ORIGIN, OTHER_ORIGIN, PAGE
from tests.web.thread_page.conftest import SHOWN, Browser

LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
KEY = re.compile(r'name="key" value="[^"]+"')


class TestCaching:
    def test_a_strangers_page_is_everyones_until_it_changes(
        self, client: FlaskClient, make_comment: Callable[..., int]
    ):
        make_comment()
        first, second = client.get(SHOWN), client.get(SHOWN)
        # All but the key of the form is everyone's; with it no shared cache may keep the page.
        assert KEY.sub("", first.text) == KEY.sub("", second.text)
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert first.headers["ETag"].startswith('W/"')
        for name in ("Cookie", "Accept-Language"):
            assert name in first.headers["Vary"]
        mark = {"If-None-Match": first.headers["ETag"]}
        again = client.get(SHOWN, headers=mark)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == "private, no-cache"
        assert client.get(SHOWN, headers=mark | {"Accept-Language": "xx"}).status_code == 304
        assert client.get(f"{SHOWN}&sort=best", headers=mark).status_code == 200
        make_comment("Another.")
        assert client.get(SHOWN, headers=mark).status_code == 200

    def test_a_page_without_a_form_is_everyones_to_keep(
        self, app: Flask, client: FlaskClient, make_comment: Callable[..., int]
    ):
        number = make_comment()
        with app.app_context(), writing() as session:
            session.get_one(Comment, number).thread.state = ThreadState.CLOSED
        for path in (SHOWN, f"/thread/comments/{number}"):
            first, second = client.get(path), client.get(path)
            assert first.data == second.data
            assert first.headers["Cache-Control"] == "public, no-cache"
        again = client.get(SHOWN, headers={"If-None-Match": client.get(SHOWN).headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, no-cache")

    def test_a_known_readers_is_kept_nowhere(self, scoring: Flask, thread: int, ada: Browser):
        ada.post()
        for path in (SHOWN, "/thread/comments/1", "/thread/comments/1/reply"):
            answer = ada.get(path)
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert "ETag" not in answer.headers


class TestHeaders:
    def test_only_the_sites_own_pages_may_frame_it(
        self, client: FlaskClient, site: int, other_site: int, make_comment: Callable[..., int]
    ):
        number = make_comment()
        for path in (SHOWN, f"/thread/comments/{number}", f"/thread/comments/{number}/reply"):
            headers = client.get(path).headers
            policy = headers["Content-Security-Policy"]
            assert policy == (
                "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
                f"frame-ancestors 'self' {ORIGIN}"
            )
            assert OTHER_ORIGIN not in policy
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        other = client.get(f"/thread?url={OTHER_ORIGIN}/story").headers["Content-Security-Policy"]
        assert other.endswith(f"frame-ancestors 'self' {OTHER_ORIGIN}")
        unknown = client.get("/thread?url=https://evil.example/").headers
        assert unknown["Content-Security-Policy"].endswith("frame-ancestors 'self'")

    def test_no_page_has_a_script_or_a_style_of_its_own(self, client: FlaskClient, thread: int):
        page = client.get(SHOWN).text
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"<script(?! type=\"application/ld\+json\")", page)
        assert not re.search(r"\son\w+=", page)

    def test_the_sheet_is_kept_by_its_digest(self, client: FlaskClient, thread: int):
        at = re.search(r'href="(/thread/style/thread.css\?v=\w+)"', client.get(SHOWN).text)
        assert at
        answer = client.get(at[1])
        assert answer.mimetype == "text/css"
        assert answer.cache_control.max_age == 31_536_000
        assert "Set-Cookie" not in answer.headers
        answer.close()


class TestForSearchEngines:
    def test_the_discussion_in_json_ld(self, client: FlaskClient, thread: int,
                                       make_comment: Callable[..., int]):  # fmt: skip
        parent = make_comment("Hello **there**.", name="Ada")
        reply = make_comment("Hi.", name="Ben", parent=parent)
        found = LD.search(client.get(SHOWN).text)
        assert found
        told = json.loads(found[1])
        assert told["@type"] == "DiscussionForumPosting"
        assert (told["mainEntityOfPage"], told["commentCount"]) == (PAGE, 2)
        one = told["comment"][0]
        assert one["@type"] == "Comment"
        assert (one["author"]["name"], one["text"], one["upvoteCount"]) == (
            "Ada",
            "Hello there.",
            0,
        )
        assert one["url"].endswith(f"/thread/comments/{parent}")
        assert datetime.fromisoformat(one["dateCreated"])
        assert one["comment"][0]["url"].endswith(f"/thread/comments/{reply}")

    def test_pages_are_found_and_forms_are_not(
        self, client: FlaskClient, make_comment: Callable[..., int]
    ):
        number = make_comment()
        for path, told in (
            (SHOWN, "index,follow"),
            (f"/thread/comments/{number}", "index,follow"),
            (f"{SHOWN}&said=thanks", "noindex"),
            (f"/thread/comments/{number}/reply", "noindex"),
            (f"/thread/comments/{number}/report", "noindex"),
        ):
            page = client.get(path).text
            assert re.findall(r'name="robots" content="([^"]+)"', page) == [told], path

    def test_the_address_makes_no_other_words_appear(self, client: FlaskClient, thread: int):
        page = client.get(f"{SHOWN}&said=errorTitle").text
        assert "That did not work" not in page
        assert 'class="said"' not in page
        assert "PLANTED" not in client.get(f"{SHOWN}&said=PLANTED").text
