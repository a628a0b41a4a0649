"""Bodies of other systems: safe whatever they hold, whole, and what people meant."""

from __future__ import annotations

import time

import pytest

from benchmarks.rendering import LONGEST, PATTERNS
from discussion.transfer.bodies import body_of
from discussion.transfer.records import Markup
from tests.discussion.hostile import OWN, UNSTORABLE, corpora, unsafe_parts


@pytest.mark.parametrize("markup", Markup)
@pytest.mark.parametrize("text", [*OWN, *UNSTORABLE])
def test_nothing_unsafe_comes_through(markup: Markup, text: str):
    body = body_of(markup, text)
    assert unsafe_parts(body.html) == []
    assert not any(char in body.text + body.html for char in "\x00\ud800\udfff\x08\x1b\x7f\x9b")


@pytest.mark.parametrize("markup", Markup)
def test_nothing_unsafe_comes_through_of_the_whole_collection(markup: Markup):
    wrong = {
        text: found
        for texts in corpora().values()
        for text in texts
        if (found := unsafe_parts(body_of(markup, text).html))
    }
    assert wrong == {}


@pytest.mark.parametrize("markup", Markup)
def test_what_cannot_be_stored_is_taken_out_and_told(markup: Markup):
    body = body_of(markup, "a\x00b\r\nc\x07")
    assert body.is_cleaned
    assert body.text.replace("\n", " ") == "ab c"
    assert not body_of(markup, "ab\r\nc").is_cleaned


@pytest.mark.parametrize("markup", Markup)
def test_long_texts_are_kept_whole(markup: Markup):
    text = "A sentence that goes on. " * 4_000
    assert body_of(markup, text).text == text.strip()


@pytest.mark.parametrize(
    ("markup", "source", "text", "html"),
    [
        (Markup.HTML, "<b>a</b> <i>b</i>", "**a** *b*", "<p><strong>a</strong> <em>b</em></p>"),
        (Markup.HTML, "a &amp; b", "a & b", "<p>a &amp; b</p>"),
        (Markup.HTML, "<h1>a</h1>", "**a**", "<h3>a</h3>"),
        (Markup.HTML, "<p></p>", "", ""),
        (Markup.HTML_LINES, "a\nb\n\nc", "a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
        (Markup.HTML_LINES, "*a*", r"\*a\*", "<p>*a*</p>"),
        (Markup.MARKDOWN, "**a**", "**a**", "<p><strong>a</strong></p>"),
        (Markup.MARKDOWN, "<b>a</b>", "<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        (Markup.MARKDOWN_HTML, "<p>a</p>", "a", "<p>a</p>"),
        (Markup.MARKDOWN_HTML, "**a**", "**a**", "<p><strong>a</strong></p>"),
        (Markup.MARKDOWN_HTML, "`<p>`", "`<p>`", "<p><code>&lt;p&gt;</code></p>"),
    ],
)  # fmt: skip
def test_what_people_meant(markup: Markup, source: str, text: str, html: str):
    body = body_of(markup, source)
    assert (body.text, body.html) == (text, html)


def test_an_address_in_wordpress_is_a_link():
    body = body_of(Markup.HTML_LINES, "See https://a.example/x_y today.")
    assert body.text == "See https://a.example/x_y today."
    assert 'href="https://a.example/x_y"' in body.html


def test_a_picture_becomes_a_link_to_it():
    body = body_of(Markup.HTML, '<p>Look:</p><img src="https://a.example/p.jpg" alt="x">')
    assert "https://a.example/p.jpg" in body.text
    assert "<img" not in body.html


def test_code_in_wordpress_keeps_its_lines():
    body = body_of(Markup.HTML_LINES, "a\n<pre>x\n\n  y</pre>\nb")
    assert body.text == "a\n\n```\nx\n\n  y\n```\n\nb"


_MORE = ("<a href=", "<img src=", "<pre>", "<pre>x</pre>", "\n \n", "<b ", "<p", "\n", "&#", "_ ")


@pytest.mark.parametrize("markup", Markup)
def test_no_text_takes_long(markup: Markup):
    slow = {}
    for pattern in [*PATTERNS, *_MORE]:
        text = (pattern * LONGEST)[:LONGEST]
        begun = time.process_time()
        body_of(markup, text)
        if (spent := time.process_time() - begun) > 1:
            slow[pattern] = spent
    assert slow == {}


@pytest.mark.parametrize("markup", [Markup.HTML, Markup.HTML_LINES])
@pytest.mark.parametrize(
    "piece",
    ["<img ", "<img src=http://a", "<img src='http://a ", "\n<code ", "\n<pre>", "<p ", "<a "],
)
def test_what_begins_again_and_again_and_never_ends_takes_no_longer(markup: Markup, piece: str):
    """64 kB of it took from one second to a minute and a half."""
    length = 65_536
    ordinary = "<p>A word or two about the harbour.</p>\n" * (length // 40)
    began = time.process_time()
    body_of(markup, ordinary)
    usual = time.process_time() - began
    began = time.process_time()
    body_of(markup, piece * (length // len(piece)))
    assert time.process_time() - began < 30 * usual + 2.0


def test_pictures_are_links_wherever_their_address_stands():
    for source in (
        '<img src="https://a.example/x.png" alt="x">',
        "<img alt=x src=https://a.example/x.png>",
    ):
        assert 'href="https://a.example/x.png"' in body_of(Markup.HTML, f"See {source} there.").html


@pytest.mark.parametrize(
    "source",
    [
        '<iframe src="https://a.example/film"></iframe>',
        '<iframe width="1" src="//a.example/film" allowfullscreen></iframe>',
        '<video controls><source src="https://a.example/film"></video>',
        "<EMBED SRC=https://a.example/film>",
    ],
)
def test_a_film_becomes_a_link_to_it(source: str):
    body = body_of(Markup.HTML, source)
    assert body.text == "https://a.example/film"
    assert 'href="https://a.example/film"' in body.html


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("See ![](https://a.example/x.png)!", "See <https://a.example/x.png>!"),
        ('![it](https://a.example/x.png "why")', "[it](https://a.example/x.png)"),
        ("`![](https://a.example/x.png)`", "`![](https://a.example/x.png)`"),
        ("```\n![](https://a.example/x.png)\n```", "```\n![](https://a.example/x.png)\n```"),
        (r"\![](https://a.example/x.png)", r"\![](https://a.example/x.png)"),
    ],
)
def test_a_picture_in_markdown_becomes_a_link_with_words(source: str, text: str):
    assert body_of(Markup.MARKDOWN, source).text == text


@pytest.mark.parametrize(
    "source",
    [
        "<img " + "src=//" * 30_000,
        "<iframe " * 30_000,
        "x" + " " * 100_000 + "y\n",
        "<p>" + "\n \n" * 30_000,
    ],
    ids=["sources", "frames", "blanks", "lines"],
)
def test_what_only_begins_is_passed_over_once(source: str):
    for markup in (Markup.HTML, Markup.HTML_LINES):
        body_of(markup, source)
