"""What is read without script: a thread in its orders and parts, in each reader's words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Account, Comment, Status, Thread, ThreadState
from moderation import decisions
from tests.conftest import ORIGIN, OTHER_ORIGIN, PAGE
from tests.discussion.hostile import OWN, unsafe_parts
from tests.discussion.test_reading import counted, fill
from tests.web.thread_page.conftest import SHOWN, Browser
from web.embed import build
from web.thread_page import words
from web.thread_page.pages import blueprint
from web.thread_page.words import Words, entries, isolated, spoken

LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
KEY = re.compile(r'name="key" value="[^"]+"')


def decide(app: Flask, number: int, after: Status) -> None:
    """Let a moderator decide, or the author withdraw."""
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        actor = decisions.Actor.staff(comment.author)
        if after in (Status.WITHDRAWN, Status.UNSCORED):
            actor = decisions.Actor.author(comment.author)
        decisions.decide(session, comment, after, actor)


class TestThePage:
    def test_it_names_the_article_and_leads_back(self, app: Flask, client: FlaskClient,
                                                 thread: int):  # fmt: skip
        with app.app_context(), writing() as session:
            session.get_one(Thread, thread).title = "A <b>story</b>"
        page = client.get(SHOWN).text
        assert f'<a href="{PAGE}"><bdi>A &lt;b&gt;story&lt;/b&gt;</bdi></a>' in page
        assert f'<link rel="canonical" href="{PAGE}">' in page
        assert "<title>Comments on A &lt;b&gt;story&lt;/b&gt;</title>" in page

    def test_nobody_has_said_anything_yet(self, client: FlaskClient, site: int):
        page = client.get(f"{SHOWN}&title=New").text
        assert "No comments yet" in page
        assert "Comments on" in page
        assert "New" in page
        assert "application/ld+json" not in page

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            ("/thread", 422),
            ("/thread?url=nonsense", 422),
            ("/thread?url=https://evil-news.example/story", 422),
            (f"{SHOWN}&site=other", 422),
            (f"{SHOWN}&sort=upside-down", 422),
            (f"{SHOWN}&cursor=nonsense", 422),
            ("/thread/comments/99", 404),
            ("/thread/comments/0", 404),
            ("/thread/comments/abc", 404),
            ("/thread/nowhere", 404),
            ("/thread/preview", 405),
        ],
    )
    def test_what_is_not_there_is_told_on_a_page(
        self, client: FlaskClient, thread: int, path: str, status: int
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (status, "text/html")
        assert "That did not work" in answer.text
        assert '<meta name="robots" content="noindex">' in answer.text
        assert "style-src 'self'" in answer.headers["Content-Security-Policy"]

    def test_replies_are_nested_and_the_rest_is_a_link(
        self, client: FlaskClient, make_comment: Callable[..., int]
    ):
        parent = make_comment("Above.")
        numbers = [make_comment(f"Below {n}.", parent=parent) for n in range(7)]
        page = client.get(SHOWN).text
        assert "Below 4." in page
        assert "Below 5." not in page
        assert "Show 2 more replies" in page
        more = re.search(r'href="([^"]+)">Show 2', page)
        assert more
        rest = client.get(more[1].replace("&amp;", "&")).text
        assert "Below 5." in rest
        assert "Below 6." in rest
        assert "Below 4." not in rest
        branch = client.get(f"/thread/comments/{numbers[6]}").text
        assert "What came before" in branch
        assert "Above." in branch
        assert "Below 6." in branch

    def test_a_deep_branch_is_continued_elsewhere(
        self, client: FlaskClient, make_comment: Callable[..., int]
    ):
        number: int | None = None
        for level in range(9):
            number = make_comment(f"Level {level}.", parent=number)
        page = client.get(SHOWN).text
        assert "Level 6." in page
        assert "Level 7." not in page
        more = re.search(r'href="([^"]+)">Continue this thread \(2 replies\)', page)
        assert more
        assert "Level 8." in client.get(more[1]).text

    def test_orders_and_pages(self, app: Flask, client: FlaskClient, session: Session, site: int,
                              thread: int):  # fmt: skip
        with writing() as writer:
            fill(writer, site, thread, 230)
            writer.get_one(Thread, thread).comment_count = 230
        seen: list[str] = []
        path = f"{SHOWN}&sort=oldest"
        while path:
            page = client.get(path).text
            assert 'aria-current="true">Oldest' in page
            seen += re.findall(r'<article class="comment" id="comment-(\d+)"', page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            path = following[1].replace("&amp;", "&") if following else ""
        roots = [int(number) for number in seen if int(number) <= 23]
        assert roots == list(range(1, 24))

    def test_marks_of_staff_of_edits_and_of_what_is_gone(
        self, app: Flask, client: FlaskClient, make_comment: Callable[..., int]
    ):
        by_staff, gone, back = make_comment("S."), make_comment("GONE."), make_comment("BACK.")
        make_comment("Under gone.", parent=gone)
        make_comment("Under back.", parent=back)
        with app.app_context(), writing() as session:
            session.get_one(Comment, by_staff).by_staff = True
            session.get_one(Comment, by_staff).edited_at = datetime(2026, 1, 1, tzinfo=UTC)
        decide(app, gone, Status.REJECTED)
        decide(app, back, Status.WITHDRAWN)
        page = client.get(SHOWN).text
        assert ">Staff<" in page
        assert ">edited<" in page
        assert "Removed by a moderator." in page
        assert "Withdrawn by its author." in page
        assert "Under gone." in page
        assert "GONE." not in page
        assert "BACK." not in page

    @pytest.mark.parametrize("known", [False, True])
    def test_it_costs_the_same_however_long_the_thread(
        self, app: Flask, session: Session, site: int, thread: int, client: FlaskClient,
        token_of: Callable[[int], str], known: bool,
    ):  # fmt: skip
        reader = Account(name="Reader")
        with writing() as writer:
            writer.add(reader)
            writer.flush()
            number = reader.id
        if known:
            client.set_cookie("parley-reader", token_of(number))
        costs = []
        for count in (10, 1_000):
            with writing() as writer:
                writer.execute(Comment.__table__.delete())
                fill(writer, site, thread, count)
            # The 1,000 have more at the first level: the depths are the same.
            with counted() as statements:
                assert client.get(SHOWN).status_code == 200
            with counted() as more:
                assert client.get("/thread/comments/10").status_code == 200
                assert client.get(f"/feeds/threads/{thread}.atom").status_code == 200
                assert client.get("/feeds/sites/news.atom").status_code == 200
            costs.append((len(statements), len(more)))
        assert costs[0] == costs[1]
        assert costs[0][0] <= 18
        if not known:
            mark = client.get(SHOWN).headers["ETag"]
            with counted() as unchanged:
                again = client.get(SHOWN, headers={"If-None-Match": mark})
            assert again.status_code == 304
            assert len(unchanged) <= 6


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


HOSTILE = (
    *OWN,
    "</script><script>alert(1)</script>",
    "</title></textarea><!--<script>",
    "\u202egnp.\u2066exe\u2069",
)


def test_hostile_strings_stay_text(app: Flask, client: FlaskClient, thread: int,
                                   make_comment: Callable[..., int]):  # fmt: skip
    number = make_comment("x")
    for text in HOSTILE:
        from discussion.rendering import render

        name = text[:100] or "x"
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, number)
            comment.html, comment.author_name = render(text[:2_000]), name
            comment.thread.title = text[:200]
        for path in (
            SHOWN,
            f"/thread/comments/{number}",
            f"/thread/comments/{number}/reply",
            f"/thread/comments/{number}/report",
        ):
            page = client.get(path).text
            assert client.get(path).status_code == 200
            scripts = re.findall(r"<script[^>]*>", page)
            assert set(scripts) <= {'<script type="application/ld+json">'}, text
            ld = LD.search(page)
            if ld:
                assert "<" not in ld[1], text
                told = json.loads(ld[1])
                assert not set(told["headline"]) & set("\u202e\u2066\u2067\u2068\u202d")
            for body in re.findall(r'<div class="body" dir="auto">(.*?)</div>\s*(?:<div|</art)',
                                   page, re.DOTALL):  # fmt: skip
                assert unsafe_parts(body) == [], text
            titles = re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
            assert len(titles) == 1, text
            assert "<" not in titles[0], text
            assert "\u202e" not in titles[0]


def test_hostile_strings_in_every_query(client: FlaskClient, thread: int,
                                        make_comment: Callable[..., int]):  # fmt: skip
    number = make_comment()
    for text in HOSTILE:
        for path, query in (
            ("/thread", {"url": text}),
            ("/thread", {"url": PAGE, "title": text[:200], "lang": text[:30], "said": text[:30]}),
            ("/thread", {"url": f"{ORIGIN}/new", "title": text[:200], "page_id": text[:200]}),
            ("/thread", {"url": PAGE, "cursor": text[:150], "sort": text}),
            ("/thread", {"url": PAGE, "q": text[:200]}),
            (f"/thread/comments/{number}", {"cursor": text[:150], "lang": text[:20]}),
            ("/oembed", {"url": text}),
            ("/oembed", {"url": f"{PAGE}#{text}", "maxwidth": text}),
        ):
            answer = client.get(path, query_string=query)
            assert answer.status_code in (200, 404, 422), (path, text, answer.text)
            if path.startswith("/thread"):
                assert not re.search(r"<script(?! type=\"application/ld)", answer.text), text


class TestWords:
    def test_no_page_asks_for_a_word_that_is_not_there(self):
        here = blueprint.root_path
        files = [*words.Path(here).rglob("*.html"), *words.Path(here).rglob("*.py")]
        text = "\n".join(path.read_text(encoding="utf-8") for path in files)
        asked = set(re.findall(r"\bt(?:\.around)?\('([\w-]+)'", text))
        asked |= set(re.findall(r"words\(\)?\(?[\"']([\w-]+)[\"']", text))
        for chosen in re.findall(r"\bt\(\{(.*?)\}", text):
            asked |= set(re.findall(r": '(\w+)'", chosen))
        asked |= set(re.findall(r"\bt\('(?:\w+)' if .*? else '([\w-]+)'", text))
        from discussion.reading import Sort
        from models import ReportReason
        from web.thread_page.acts import _SAID
        from web.thread_page.drawing import SAID

        asked |= SAID | set(_SAID.values()) | {*Sort} | {*ReportReason}
        assert len(asked) > 90
        assert asked <= entries("en").keys()

    def test_languages_are_those_of_the_widget(self):
        assert list(words.languages()) == build.languages()
        for lang in words.languages():
            assert Words(lang).dir in ("ltr", "rtl")

    def test_the_first_wanted_one_that_is_spoken(self):
        assert spoken(["xx", "en-GB", "de"]) == "en"
        assert spoken([]) == "en"
        assert spoken(["", "../../etc/passwd"]) == "en"

    def test_another_language_in_its_plurals_and_direction(
        self, tmp_path, monkeypatch: pytest.MonkeyPatch, client: FlaskClient, thread: int,
        make_comment: Callable[..., int],
    ):  # fmt: skip
        told = json.loads((build.SOURCE / "lang" / "en.json").read_text(encoding="utf-8"))
        (tmp_path / "en.json").write_text(json.dumps(told), encoding="utf-8")
        told["first"] |= {
            "dir": "rtl",
            "comments": {"two": "{n} TWO", "few": "{n} FEW", "other": "{n} OTHER"},
            "empty": "EMPTY",
        }
        (tmp_path / "ar.json").write_text(json.dumps(told), encoding="utf-8")
        monkeypatch.setattr(words, "_FOLDER", tmp_path)
        caches = (words.languages, words.entries)
        for cache in caches:
            cache.cache_clear()
        try:
            for number, form in ((2, "TWO"), (3, "FEW"), (11, "OTHER")):
                assert form in Words("ar")("comments", number)
            make_comment()
            make_comment()
            page = client.get(SHOWN, headers={"Accept-Language": "ar-EG, en;q=0.5"})
            assert '<html lang="ar" dir="rtl">' in page.text
            assert "2 TWO" in page.text
            page = client.get(f"{SHOWN}&lang=en", headers={"Accept-Language": "ar"}).text
            assert '<html lang="en" dir="ltr">' in page
            # Who asked for it in the address goes on in it.
            assert "lang=ar" in client.get(f"{SHOWN}&lang=ar").text
            refused = client.get("/thread?url=x&lang=ar").text
            assert told["later"]["problem-invalid"] in refused
        finally:
            for cache in caches:
                cache.cache_clear()

    def test_numbers_and_moments(self):
        english = Words("en")
        assert english("comments", 1) == "1 comment"
        assert english("comments", 12_345) == "12,345 comments"
        moment = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
        assert english.when(moment).replace("\u202f", " ") == "Mar 9, 2026, 2:05 PM UTC"
        assert english.day(moment) == "March 9, 2026"

    def test_a_name_does_not_turn_its_sentence(self):
        assert Words("en")("replyTo", name="Ada") == "Reply to Ada"
        assert Words("en")("replyTo", name="נועה") == "Reply to \u2068נועה\u2069"
        assert isolated("a\u202eb\u2069c") == "abc"
