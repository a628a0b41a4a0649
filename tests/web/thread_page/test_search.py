"""Readers look for words in a discussion by a form that only asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from discussion import searching
from jobs.transactions import writing
from models import Comment, Status
from moderation import decisions
from tests.conftest import OTHER_ORIGIN
from tests.web.thread_page.conftest import SHOWN, Browser

HIT = re.compile(r'href="(/thread/comments/\d+[^"]*)">Link to this comment')


def found(client: FlaskClient, words: str, **more: str) -> str:
    """The page of what is found."""
    answer = client.get(f"{SHOWN}&{urlencode({'q': words, **more})}")
    assert answer.status_code == 200
    return answer.text


def hits(page: str) -> list[str]:
    return [unescape(one) for one in HIT.findall(page)]


class TestFinding:
    def test_by_the_form_of_the_page(self, make_comment: Callable[..., int], ada: Browser):
        number = make_comment("A herring swims.")
        make_comment("A gull flies.")
        make_comment("Herring again.", parent=number)
        ada.get(f"{SHOWN}&sort=oldest")
        form = next(one for one in ada.forms if "q" in one.fields)
        assert form.action == "/thread"
        page = ada.get(f"{form.action}?{urlencode(form.fields | {'q': 'herring'})}").text
        assert "2 comments found" in page
        assert "A herring swims." in page
        assert "Herring again." in page
        assert "gull" not in page
        assert hits(page) == ["/thread/comments/3", f"/thread/comments/{number}"]
        assert "A herring swims." in ada.get(hits(page)[1]).text

    def test_the_way_back_leads_to_the_discussion(self, client: FlaskClient,
                                                  make_comment: Callable[..., int]):  # fmt: skip
        make_comment("Found.")
        make_comment("Other.")
        back = re.search(r'href="([^"]+)">.*?Back to the discussion', found(client, "found"))
        assert back
        page = client.get(unescape(back[1]).partition("#")[0]).text
        assert "Other." in page
        assert 'id="write"' in page

    def test_what_was_typed_stays_in_the_field(self, client: FlaskClient, thread: int):
        page = found(client, '"<two> words" -not')
        assert 'name="q" value="&#34;&lt;two&gt; words&#34; -not"' in page

    def test_words_are_understood_as_by_the_api(self, client: FlaskClient, thread: int,
                                                make_comment: Callable[..., int]):  # fmt: skip
        for text in ("One two three.", "Three two one.", "One fish."):
            make_comment(text)
        for words in ("one two", '"two three"', "one -fish", "thr*", "nothing"):
            told = client.get(f"/api/v1/threads/{thread}/search?{urlencode({'q': words})}").json
            numbers = [f"/thread/comments/{one['id']}" for one in told["comments"]]
            assert hits(found(client, words)) == numbers, words

    def test_nothing_is_found(self, client: FlaskClient, make_comment: Callable[..., int]):
        make_comment("A gull flies.")
        page = found(client, "herring")
        assert "No comment has these words." in page
        assert "Back to the discussion" in page
        assert not hits(page)

    def test_before_anybody_has_begun(self, client: FlaskClient, site: int):
        assert "No comment has these words." in found(client, "herring")

    def test_more_is_on_the_next_page(self, client: FlaskClient, make_comment: Callable[..., int]):
        numbers = [make_comment(f"Herring {n}.") for n in range(23)]
        page = found(client, "herring")
        assert "23 comments found" in page
        following = re.search(r'rel="next" href="([^"]+)"', page)
        assert following
        path = unescape(following[1])
        assert parse_qs(urlsplit(path).query)["q"] == ["herring"]
        rest = client.get(path).text
        assert "23 comments found" in rest
        seen = [int(one.rpartition("/")[2]) for one in hits(page) + hits(rest)]
        assert seen == numbers[::-1]
        first = re.search(r'rel="first" href="([^"]+)"', rest)
        assert first
        assert hits(client.get(unescape(first[1])).text) == hits(page)

    def test_where_counting_stopped_there_may_be_more(
        self, client: FlaskClient, make_comment: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(searching, "MOST", 3)
        make_comment("Herring 1.")
        make_comment("Herring 2.")
        assert "2 comments found" in found(client, "herring")
        for n in (3, 4):
            make_comment(f"Herring {n}.")
        assert "3 or more comments found" in found(client, "herring")
        assert "3 oder mehr Kommentare gefunden" in found(client, "herring", lang="de")


class TestWhatIsNotFound:
    @pytest.mark.parametrize("after", [Status.HELD, Status.REJECTED])
    def test_what_nobody_may_read(
        self, app: Flask, client: FlaskClient, make_comment: Callable[..., int], after: Status
    ):
        number = make_comment("A herring swims.")
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, number)
            decisions.decide(session, comment, after, decisions.Actor.staff(comment.author))
        assert "swims" not in found(client, "herring")

    def test_ones_own_that_waits(self, scoring: Flask, thread: int, ada: Browser):
        ada.post("You idiot herring.")
        assert "No comment has these words." in found(ada.client, "herring")

    def test_another_discussions(self, client: FlaskClient, other_site: int,
                                 make_comment: Callable[..., int]):  # fmt: skip
        make_comment("A herring swims.")
        answer = client.get(f"/thread?url={OTHER_ORIGIN}/story&q=herring")
        assert "No comment has these words." in answer.text


class TestThePage:
    @pytest.mark.parametrize("words", ["!!!", "-herring", '""'])
    def test_words_that_ask_for_nothing(self, client: FlaskClient, thread: int, words: str):
        answer = client.get(f"{SHOWN}&{urlencode({'q': words})}")
        assert answer.status_code == 422
        assert "Write at least one word to look for." in answer.text
        assert 'aria-invalid="true"' in answer.text
        assert "comments found" not in answer.text
        assert "Back to the discussion" in answer.text
        assert "ETag" not in answer.headers

    def test_in_another_language_too(self, client: FlaskClient, thread: int):
        answer = client.get(f"{SHOWN}&q=!!!&lang=de")
        assert answer.status_code == 422
        assert "Write at least" not in answer.text

    def test_a_cursor_that_is_none(self, client: FlaskClient, thread: int):
        assert client.get(f"{SHOWN}&q=herring&cursor=nonsense").status_code == 422

    @pytest.mark.parametrize("words", ["", "  "])
    def test_no_words_are_the_discussion(self, client: FlaskClient, words: str,
                                         make_comment: Callable[..., int]):  # fmt: skip
        make_comment("A gull flies.")
        assert "A gull flies." in found(client, words)
        assert 'id="write"' in found(client, words)

    def test_it_is_not_for_search_engines(self, client: FlaskClient,
                                          make_comment: Callable[..., int]):  # fmt: skip
        make_comment("A herring swims.")
        page = found(client, "herring")
        assert re.findall(r'name="robots" content="([^"]+)"', page) == ["noindex"]
        assert "application/ld+json" not in page

    def test_it_is_everyones_until_the_thread_changes(
        self, client: FlaskClient, make_comment: Callable[..., int]
    ):
        make_comment("A herring swims.")
        path = f"{SHOWN}&q=herring"
        first = client.get(path)
        assert first.headers["Cache-Control"] == "public, no-cache"
        mark = {"If-None-Match": first.headers["ETag"]}
        again = client.get(path, headers=mark)
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, no-cache")
        assert client.get(f"{SHOWN}&q=gull", headers=mark).status_code == 200
        make_comment("Another herring.")
        assert "2 comments found" in client.get(path, headers=mark).text

    def test_the_language_and_the_page_go_along(self, make_comment: Callable[..., int],
                                                ada: Browser):  # fmt: skip
        make_comment("A herring swims.")
        make_comment("A gull flies.")
        ada.get(f"{SHOWN}&lang=en")
        form = next(one for one in ada.forms if "q" in one.fields)
        assert form.fields["lang"] == "en"
        page = ada.get(f"{form.action}?{urlencode(form.fields | {'q': 'herring'})}").text
        assert all("lang=en" in one for one in hits(page))

    def test_one_comment_needs_no_search(self, client: FlaskClient,
                                         make_comment: Callable[..., int]):  # fmt: skip
        make_comment()
        assert 'role="search"' not in client.get(SHOWN).text
        make_comment()
        assert 'role="search"' in client.get(SHOWN).text
