"""What the pages of the desk write many times: the same as when it is written each time anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import MapAdapter

from models import Role, utcnow
from moderation.cases import LabelScore
from moderation.values import REASONS
from tests.web.conftest import Caller
from web.console import pieces

BACK = {"from": "queue", "state": "all", "words": "a {comment_id} & 9223372036854775807 é"}


@pytest.mark.parametrize("back", [None, {}, BACK], ids=["none", "empty", "hostile"])
@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("console.decide", {"comment_id": 7}),
        ("console.show_case", {"comment_id": 7, "view": "a b&{c}"}),
        ("console.show_queue", {"order": "oldest", "author": 7}),
        ("console.lift_sanction", {"account_id": 7, "sanction_id": 71}),
        ("console.show_author_panel", {"account_id": 7, "site_id": 2, "comment": 3}),
    ],
)
def test_an_address_is_what_url_for_says(
    app: Flask, endpoint: str, values: dict[str, Any], back: dict[str, Any] | None
) -> None:
    with app.test_request_context("/console/"):
        at = pieces.Addresses()
        for more in (0, 5):
            asked = {
                name: one + more if isinstance(one, int) else one for name, one in values.items()
            }
            assert at(endpoint, back, **asked) == url_for(endpoint, **asked, **(back or {}))


def test_an_address_is_looked_up_once_for_all_numbers(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counting(endpoint: str, **values: Any) -> str:
        asked.append(endpoint)
        return url_for(endpoint, **values)

    monkeypatch.setattr(pieces, "url_for", counting)
    with app.test_request_context("/console/"):
        at = pieces.Addresses()
        written = {at("console.decide", BACK, comment_id=number) for number in range(1, 21)}
    assert len(written) == 20
    assert asked == ["console.decide", "console.show_queue"]


def test_a_piece_is_written_once_and_escaped(app: Flask) -> None:
    hostile = (*REASONS, type(REASONS[0])("x", "<b>", '"><script>'))
    with app.test_request_context("/console/"):
        piece = pieces.Pieces()
        first = piece("console/_choices.html", reasons=hostile)
        assert piece("console/_choices.html", reasons=hostile) is first
        assert piece("console/_choices.html", reasons=REASONS) != first
    assert "<script>" not in first
    assert "&lt;b&gt;" in first


def test_templates_are_compiled_without_indentation(app: Flask) -> None:
    env = app.jinja_env
    pieces_of = pieces.Unindented(env)
    assert pieces_of.preprocess("<p>\n    a\n\n  b</p>", "console/x.html") == "<p>\na\n\nb</p>"
    assert pieces_of.preprocess("<p>\n  a", "api/x.html") == "<p>\n  a"


def test_every_icon_that_a_page_puts_somewhere_is_drawn_on_it(app: Flask) -> None:
    env = app.jinja_env
    sources = [
        env.loader.get_source(env, name)[0]  # type: ignore[union-attr]
        for name in env.list_templates()
        if name.startswith("console/")
    ]
    asked = {name for source in sources for name in re.findall(r'icon\("(\w+)"', source)}
    drawn = set(re.findall(r'id="icon-(\w+)"', "".join(sources)))
    assert asked <= drawn
    assert {"check", "cross"} <= asked


def test_bars_and_times(app: Flask) -> None:
    score = LabelScore("insult", 0.7213, 0.6, 0.95, "m 1")
    bar = pieces.bar(score)
    assert 'width="72.1"' in bar
    assert 'd="M60.0 0V12"' in bar
    assert 'class="tick reject" d="M95.0 0V12"' in bar
    assert "over the hold threshold" in bar
    assert "holds at 0.60, rejects at 0.95" in bar
    never = pieces.bar(LabelScore("insult", 0.7, 1.0, 1.0, "m 1"))
    assert "never holds<" in never
    assert "tick" not in never
    assert "over the" not in never
    an_hour_ago = utcnow() - timedelta(hours=1, minutes=5)
    assert ">1 h ago</time>" in pieces.time(an_hour_ago)
    assert f'datetime="{an_hour_ago.isoformat(timespec="seconds")}"' in pieces.time(an_hour_ago)


def test_a_page_asks_for_no_more_addresses_for_twelve_cases_than_for_two(
    app: Flask,
    site: int,
    make_comment: Callable[..., int],
    sign_in: Callable[..., Caller],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = sign_in("mod@example.org", Role.MODERATOR, site).client
    built: list[str] = []
    build = MapAdapter.build

    def counting(self: MapAdapter, endpoint: str, *rest: Any, **more: Any) -> str:
        built.append(endpoint)
        return build(self, endpoint, *rest, **more)

    monkeypatch.setattr(MapAdapter, "build", counting)
    costs = []
    for more in (2, 10):
        for number in range(more):
            make_comment(f"You idiot {number}")
        built.clear()
        page = desk.get("/console/").text
        costs.append(len(built))
    assert page.count("<article") == 12
    assert costs[0] == costs[1]
