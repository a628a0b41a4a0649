"""Which addresses are one page, which are not, and which are no page here at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from discussion import threads
from discussion.threads import canonical, origin_of
from jobs.transactions import writing
from models import ArticlePoint, Comment, Thread
from moderation.errors import Invalid, NotFound, UnknownOrigin
from tests.conftest import ORIGIN, PAGE


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://a.example", "https://a.example/"),
        ("https://a.example/", "https://a.example/"),
        ("https://a.example/story", "https://a.example/story"),
        ("https://a.example/story/", "https://a.example/story"),
        ("https://a.example/story//", "https://a.example/story"),
        ("HTTPS://A.Example/story", "https://a.example/story"),
        ("https://a.example./story", "https://a.example/story"),
        ("https://a.example:443/story", "https://a.example/story"),
        ("http://a.example:80/story", "http://a.example/story"),
        ("https://a.example:8443/story", "https://a.example:8443/story"),
        ("https://user:pass@a.example/story", "https://a.example/story"),
        # The path is the page's own: its case counts.
        ("https://a.example/Story", "https://a.example/Story"),
        ("https://a.example/st%6Fry", "https://a.example/st%6Fry"),
        ("https://a.example/größe", "https://a.example/gr%C3%B6%C3%9Fe"),
        ("https://münchen.example/x", "https://xn--mnchen-3ya.example/x"),
        ("https://[2001:db8::1]:8080/x", "https://[2001:db8::1]:8080/x"),
        # Fragments and what marks a campaign tell nothing about the page …
        ("https://a.example/story#comments", "https://a.example/story"),
        ("https://a.example/story?utm_source=x&utm_medium=y", "https://a.example/story"),
        ("https://a.example/story?UTM_Source=x", "https://a.example/story"),
        ("https://a.example/story?fbclid=x", "https://a.example/story"),
        ("https://a.example/story?gclid=x&mc_cid=y&_ga=z", "https://a.example/story"),
        ("https://a.example/story?", "https://a.example/story"),
        # … and every other parameter may be what names it.
        ("https://a.example/?p=12", "https://a.example/?p=12"),
        ("https://a.example/?p=12&utm_source=x", "https://a.example/?p=12"),
        ("https://a.example/story?page=2&id=1", "https://a.example/story?page=2&id=1"),
        ("https://a.example/story?q=", "https://a.example/story?q="),
        ("https://a.example//evil.example/", "https://a.example//evil.example"),
        ("https://evil.example\\@a.example/x", "https://a.example/x"),
    ],
)
def test_the_one_address_of_a_page(url: str, page: str):
    assert canonical(url).url == page


@pytest.mark.parametrize(
    "url",
    [
        "", "story", "/story", "//a.example/story", "a.example/story", "ftp://a.example/",
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.example",
        "https://", "https:///story", "https://?x", "https:a.example", "https://a.example:x/",
        "https://a.example:99999/", "https://[::1", "https://a.example/\n", "https://a.exa mple/",
        "https://a.example/\x00", "https://a.example/\x7f", "https://" + "a" * 2_000,
        "https://a.example/" + "ß" * 900,
        "https://\xa0/", "https://./", "https://a..example/", "https://a%2fb.example/", "https://a.example/\t",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page(url: str):
    with pytest.raises(Invalid):
        canonical(url)


@given(st.text(max_size=60), st.sampled_from(["", "https://", "https://a.example/", "http://a?"]))
@settings(max_examples=300, deadline=None)
def test_any_text_is_an_address_or_refused(text: str, before: str):
    try:
        address = canonical(before + text)
    except Invalid:
        return
    assert address.url.startswith(("http://", "https://"))
    assert len(address.url) <= 2_000
    assert address.url.isascii()
    # Once is enough: the canonical address of the canonical address is itself.
    assert canonical(address.url).url == address.url
    assert origin_of(address.url) == address.origin


@pytest.mark.parametrize(
    "url",
    ["https://other.example/story", "http://news.example/story", "https://news.example:8443/story",
     "https://evil-news.example/", "https://news.example.evil/", "https://sub.news.example/",
     "https://news.example@evil.example/story"],
)  # fmt: skip
def test_a_page_of_no_known_site_is_refused(session: Session, site: int, url: str):
    with pytest.raises(UnknownOrigin):
        threads.locate(session, url)


def test_a_page_of_another_site_is_not_ours_by_saying_so(
    session: Session, site: int, other_site: int
):
    assert threads.locate(session, PAGE, "", "news").site.id == site
    with pytest.raises(UnknownOrigin):
        threads.locate(session, PAGE, "", "other")
    with pytest.raises(UnknownOrigin):
        threads.locate(session, PAGE, "", "nowhere")


def test_the_same_page_id_on_two_sites_is_two_threads(
    app: Flask, session: Session, site: int, other_site: int
):
    with writing() as writer:
        made = {
            threads.find_or_begin(writer, threads.locate(writer, f"{origin}/x", "p1"))[0].id
            for origin in (ORIGIN, "https://other.example")
        }
    assert len(made) == 2


def test_a_page_id_that_looks_like_a_path_is_no_path(app: Flask, session: Session, site: int):
    with writing() as writer:
        by_path = threads.find_or_begin(writer, threads.locate(writer, f"{ORIGIN}/x"))[0].id
        by_id = threads.find_or_begin(writer, threads.locate(writer, f"{ORIGIN}/y", "/x"))[0].id
        sly = threads.find_or_begin(writer, threads.locate(writer, f"{ORIGIN}/z", "path:/x"))[0].id
    assert len({by_path, by_id, sly}) == 3


def test_beginning_twice_begins_once(app: Flask, session: Session, site: int):
    with writing() as writer:
        page = threads.locate(writer, PAGE)
        first, is_new = threads.find_or_begin(writer, page, "Title")
        again, is_new_again = threads.find_or_begin(writer, page, "Other")
        assert (is_new, is_new_again, again.id, again.title) == (True, False, first.id, "Title")
    with pytest.raises(NotFound):
        threads.get(session, 999)


def test_points_are_one_a_reader_and_count_their_rows(
    app: Flask, session: Session, thread: int, make_comment: Callable[..., int]
):
    comment = make_comment()
    reader = session.get_one(Comment, comment).author_id
    for _ in range(2):
        with writing() as writer:
            threads.give_point(writer, writer.get_one(Thread, thread), reader)
    assert session.get_one(Thread, thread).points == 1
    assert session.get(ArticlePoint, (thread, reader)) is not None
    for _ in range(2):
        with writing() as writer:
            threads.take_back_point(writer, writer.get_one(Thread, thread), reader)
    assert session.get_one(Thread, thread).points == 0
