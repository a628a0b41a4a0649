"""What people wrote as it stands in our pages: nothing of it changes but the way into its code."""

from __future__ import annotations

from discussion.rendering import render
from web.written import written


def test_code_can_be_entered_by_key():
    assert written(render("```\nlet x\n```")).startswith('<pre tabindex="0"><code>let x')


def test_what_only_looks_like_code_stays_as_it_is():
    for text in ("<pre>", "`<pre>`", "&lt;pre&gt;", "[a](https://a.example/?<pre>)"):
        html = render(text)
        assert written(html) == html
