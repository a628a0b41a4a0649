"""HTML as Markdown: it renders to about the same, and plain words mean nothing else."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discussion.rendering import render, sanitise
from discussion.transfer.markdown import from_html


def squeezed(rendered: str) -> str:
    """Rendered HTML without the blanks between blocks, which mean nothing."""
    return re.sub(r"\s*(</?(?:p|br|ul|ol|li|blockquote|pre)>)\s*", r"\1", rendered.strip())


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\n\nTwo."),
        ("a<br>b", "a\nb"),
        ("a<br><br>b", "a\n\nb"),
        ("<strong>a</strong> <em>b</em> <s>c</s> <del>d</del>", "**a** *b* ~~c~~ ~~d~~"),
        ("<strong> a </strong>b", "**a** b"),
        ("<strong></strong>a", "a"),
        ('<a href="https://a.example/x">word</a>', "[word](https://a.example/x)"),
        ('<a href="https://a.example/x">https://a.example/x</a>', "https://a.example/x"),
        ('<a href="https://a.example/(x)">w]d</a>', r"[w\]d](<https://a.example/(x)>)"),
        ("<a>word</a>", "word"),
        ("<code>a*b</code>", "`a*b`"),
        ("<code>a`b</code>", "``a`b``"),
        ("<pre><code>a\n  b</code></pre>", "```\na\n  b\n```"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol><li>a</li><li>b<ul><li>c</li></ul></li></ol>", "1. a\n\n2. b\n\n   - c"),
        ("<h3>Head</h3>a<hr>b", "**Head**\n\na\n\n---\n\nb"),
        ("1. a", r"1\. a"),
        ("- a", r"\- a"),
        ("&gt; a", r"\> a"),
        ("snake_case and _this_", r"snake_case and \_this\_"),
        ("2 * 3 * 4", r"2 \* 3 \* 4"),
        ("&lt;b&gt; &amp;amp;", r"\<b> &amp;amp;"),
        ("https://a.example/_x_*y*", "https://a.example/_x_*y*"),
        ("", ""),
    ],
)
def test_html_becomes_markdown(source: str, markdown: str):
    assert from_html(source) == markdown


@pytest.mark.parametrize(
    "source",
    [
        "<p>One <strong>two</strong> three.</p><p>Four<br>five.</p>",
        "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><p>c</p>",
        "<p>a <code>x</code> b</p><pre><code>y &lt;z&gt;\n</code></pre>",
        "<p><em>a</em> and <strong>b <em>c</em></strong></p>",
    ],
)
def test_it_renders_to_the_same(source: str):
    assert squeezed(render(from_html(sanitise(source)))) == squeezed(source)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(list("ab 1.)-+*_~`[](){}<>&#!|=:;\\\"'\n")), max_size=40))
def test_plain_words_stay_what_they_are(text: str):
    """Whatever signs are in a text of which the source shows every sign."""
    rendered = render(from_html(sanitise(html.escape(text))))
    shown = html.unescape(re.sub(r"</?(?:p|br)>", "", rendered))
    assert "".join(shown.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "source",
    ["<blockquote>" * 2_000 + "a", "<ul><li>" * 2_000 + "a", "<strong>" * 5_000 + "a"],
)
def test_deep_nesting_keeps_the_words(source: str):
    assert "a" in from_html(sanitise(source))
