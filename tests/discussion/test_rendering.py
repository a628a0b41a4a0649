"""Rendering: what comes out is safe whatever goes in, soon, and what people mean to write."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.rendering import LONGEST, ORDINARY, PATTERNS, SHAPES, filled
from discussion.comments import checked_text
from discussion.rendering import render, sanitise
from moderation.errors import Invalid
from tests.discussion.hostile import OWN, REL, UNSTORABLE, corpora, unsafe_parts

# How many ordinary texts of the same length a text may cost: fifteen are a quarter of a second
# where this was written (`python -m benchmarks.rendering`). Patience with a busy machine is twice
# that; what once went wrong took seconds.
TIMES = 30


def wrong_with(text: str) -> list[str]:
    """What is wrong with the rendering of a text that was accepted."""
    rendered = render(text)
    found = unsafe_parts(rendered)
    if sanitise(rendered) != rendered:
        found.append("changes when it is sanitised again")
    return found


@pytest.mark.parametrize(
    "html",
    [
        "<script>",
        "<p onclick=x>a</p>",
        '<p style="a">a</p>',
        "<b>a</b>",
        "<p>a",
        "a</p>",
        "<!-- a -->",
        '<a href="https://a.example">a</a>',
        f'<a href="javascript:x" rel="{REL}">a</a>',
        f'<a href=" java&#10;script:x" rel="{REL}">a</a>',
        f'<a href="/a" rel="{REL}">a</a>',
        f'<a href="https://a" title="t" rel="{REL}">a</a>',
        f"<a href='https://a' rel=\"{REL}\">a</a>",
        "a < b",
        "a & b",
        "<p\n>a</p>",
        "<?php ?>",
        "<![CDATA[a]]>",
    ],
)
def test_the_independent_parser_finds_what_is_unsafe(html: str):
    assert unsafe_parts(html)


def test_the_independent_parser_lets_pass_what_is_safe():
    assert unsafe_parts(f'<p>a &lt; b<br>\n<a href="https://a" rel="{REL}">c</a></p><hr>') == []


@pytest.mark.parametrize("text", OWN)
def test_our_own_hostile_strings_render_safely(text: str):
    assert wrong_with(text) == []


def test_every_hostile_string_of_the_collection_renders_safely():
    found: list[tuple[str, str, list[str]]] = []
    counted = 0
    for name, strings in corpora().items():
        assert len(strings) > 400, f"{name} is not what it was"
        for given_text in strings:
            text = given_text
            # What is refused at the door is rendered all the same where it can be written down.
            with suppress(Invalid):
                text = checked_text(given_text, 10**6)
            if _is_writable(text):
                counted += 1
                if wrong := wrong_with(text):
                    found.append((name, text, wrong))
    assert found == []
    assert counted > 20_000


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("text", UNSTORABLE)
def test_what_no_database_can_store_is_refused_with_a_reason(text: str):
    with pytest.raises(Invalid, match=r"U\+|empty"):
        checked_text(text, LONGEST)


@given(st.text(alphabet=st.sampled_from("<>&\"'=/\\ \n\t`*_~[]()!#-+.:;ax1é\u200b"), max_size=80))
@settings(max_examples=400, deadline=None)
def test_any_text_renders_safely(text: str):
    assert wrong_with(text) == []


def times_ordinary(text: str) -> float:
    """How many ordinary texts it costs to render, at best of five: the machine may be busy."""
    best = float("inf")
    for _ in range(5):
        best = min(best, _seconds_for(text) / _seconds_for(ORDINARY))
        if best < TIMES:
            break
    return best


def _seconds_for(text: str) -> float:
    begun = time.thread_time()
    render(text)
    return time.thread_time() - begun


@pytest.mark.parametrize("part", PATTERNS)
def test_a_pathological_text_of_the_longest_length_renders_soon(part: str):
    assert times_ordinary(filled(part)) < TIMES


@pytest.mark.parametrize("text", SHAPES, ids=range(len(SHAPES)))
def test_a_pathological_shape_of_the_longest_length_renders_soon(text: str):
    assert times_ordinary(text) < TIMES


@pytest.mark.parametrize(("brackets", "links"), [(400, 1), (401, 0)])
def test_among_more_brackets_than_anybody_means_no_link_is_looked_for(brackets: int, links: int):
    text = "[a](https://example.org/b) " + "[" * (brackets - 1)
    assert render(text).count(">a</a>") == links


_PARTS = st.lists(
    st.sampled_from([*PATTERNS, " ", "\n", "a", "  ", "    ", "\n>", "\n-", "+ ", "#"]),
    min_size=1,
    max_size=4,
).map("".join)


@given(_PARTS, st.sampled_from(["", "- a\n", "> ", "[", "    ", "1. "]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_repeated_pattern_of_the_longest_length_renders_soon(part: str, before: str):
    assert times_ordinary(filled(part, before)) < TIMES


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hello.", "<p>Hello.</p>"),
        ("One\ntwo\n\nthree", "<p>One<br>\ntwo</p>\n<p>three</p>"),
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("# Not a heading", "<p># Not a heading</p>"),
        ("> quoted\nanswered", "<blockquote>\n<p>quoted</p>\n</blockquote>\n<p>answered</p>"),
        ("<b>no</b>", "<p>&lt;b&gt;no&lt;/b&gt;</p>"),
        ("a@b.example", "<p>a@b.example</p>"),
        ("www.a.example", "<p>www.a.example</p>"),
        ("//a.example", "<p>//a.example</p>"),
        ("[a](/b)", f'<p><a rel="{REL}">a</a></p>'),
        (
            "See https://a.example/b_(c)_d.",
            f'<p>See <a href="https://a.example/b_(c)_d" rel="{REL}">https://a.example/b_(c)_d</a>.</p>',
        ),
        (
            "A long word before https://a.example/-_b_- and after",
            f'<p>A long word before <a href="https://a.example/-_b_-" rel="{REL}">'
            "https://a.example/-_b_-</a> and after</p>",
        ),
        ("xhttps://a.example", "<p>xhttps://a.example</p>"),
        ("averylongwordhttps://a.example", "<p>averylongwordhttps://a.example</p>"),
        (
            "[a https://b.example c](https://d.example)",
            f'<p><a href="https://d.example" rel="{REL}">a https://b.example c</a></p>',
        ),
    ],
)
def test_what_people_write_looks_as_they_mean_it(text: str, html: str):
    assert render(text) == html
