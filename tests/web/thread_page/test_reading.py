"""What is read without script: a thread in its orders and parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Account, Comment, Status, Thread
from moderation import decisions
from tests.conftest import PAGE
from tests.discussion.test_reading import counted, fill
from tests.web.thread_page.conftest import SHOWN


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
