"""Hostile strings stay text on every page and in every query."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import writing
from models import Comment
from tests.conftest import ORIGIN, PAGE
from tests.discussion.hostile import OWN, unsafe_parts
from tests.web.thread_page.conftest import SHOWN

LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
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
                # What our pages add by themselves: a way into code by key.
                plain = body.replace('<pre tabindex="0">', "<pre>")
                assert unsafe_parts(plain) == [], text
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
