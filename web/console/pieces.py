"""What a page with many cases writes many times, written quickly: addresses, times, bars, lists."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from flask import Flask, current_app, url_for
from jinja2.ext import Extension
from markupsafe import Markup

from moderation.cases import LabelScore
from moderation.signals.facts import NEVER
from web.api.schemas import LARGEST_ID
from web.console import words


class Unindented(Extension):
    """Leaves out the indentation of the console's templates, which no browser shows."""

    _INDENTATION = re.compile(r"\n[ \t]+")

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source of a template as it is compiled; its lines keep their numbers."""
        is_ours = (name or "").startswith("console/")
        return self._INDENTATION.sub("\n", source) if is_ours else source


class Addresses:
    """The addresses of one page: `url_for` is asked once for each that differs only in its numbers.

    `at("console.decide", back, comment_id=7)` is what `url_for("console.decide", comment_id=7,
    **back)` is; the values of `back` come last.
    """

    def __init__(self) -> None:
        self._patterns: dict[Hashable, str] = {}
        self._ways_back: dict[Hashable, str] = {}

    def __call__(
        self, endpoint: str, back: Mapping[str, Any] | None = None, **values: int | str
    ) -> str:
        """An address; its numbers may be others each time, its words are looked up."""
        key = (
            endpoint,
            *((name, None if type(one) is int else one) for name, one in values.items()),
        )
        pattern = self._patterns.get(key)
        if pattern is None:
            pattern = self._patterns[key] = _pattern(endpoint, values)
        address = pattern.format_map(values)
        way_back = self._way_back(back) if back else ""
        return f"{address}{'&' if '?' in address else '?'}{way_back}" if way_back else address

    def _way_back(self, back: Mapping[str, Any]) -> str:
        key = tuple(back.items())
        if key not in self._ways_back:
            self._ways_back[key] = url_for("console.show_queue", **back).partition("?")[2]
        return self._ways_back[key]


def _pattern(endpoint: str, values: Mapping[str, int | str]) -> str:
    """An address with the names of its numbers in braces, which no address has otherwise."""
    numbers = [name for name, one in values.items() if type(one) is int]
    places = {name: LARGEST_ID - at for at, name in enumerate(numbers)}
    whole: dict[str, Any] = {**values, **places}
    address = url_for(endpoint, **whole)
    for name, place in places.items():
        address = address.replace(str(place), f"{{{name}}}")
    return address


class Pieces:
    """Small templates that many cases of one page have alike, each written once."""

    def __init__(self) -> None:
        self._written: dict[Hashable, Markup] = {}

    def __call__(self, template: str, **values: Hashable) -> Markup:
        """A template that needs these values and nothing else of the page."""
        key = (template, *values.values())
        if key not in self._written:
            written = current_app.jinja_env.get_template(template).render(values)
            self._written[key] = Markup(written)  # noqa: S704 (a template escapes)
        return self._written[key]


def time(value: datetime) -> Markup:
    """A time as an element: how long ago, and exactly where one asks."""
    exact, told = value.isoformat(timespec="seconds"), words.moment(value)
    written = f'<time datetime="{exact}" title="{told}">{words.ago(value)}</time>'
    return Markup(written)  # noqa: S704 (a time has nothing to escape)


@cache
def icon(name: str) -> Markup:
    """An icon of _sprite.html, which every page of the console has."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>').format(name)


def bar(score: LabelScore) -> Markup:
    """A score as a number, as a bar from 0 to 1 with ticks where it holds and where it rejects, and
    these limits in words."""
    over = '<span class="sr"> over the hold threshold</span>' if score.is_over else ""
    ticks = "".join(
        f'<path class="{looks}" d="M{100 * limit:.1f} 0V12"/>'
        for looks, limit in (("tick", score.hold), ("tick reject", score.reject))
        if limit < NEVER
    )
    holds = f"holds at {score.hold:.2f}" if score.hold < NEVER else "never holds"
    rejects = f", rejects at {score.reject:.2f}" if score.reject < NEVER else ""
    written = (
        f'<span class="value">{score.value:.2f}{over}</span>\n'
        '<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" width="100"/><rect class="fill" width="{100 * score.value:.1f}"/>'
        f'{ticks}</svg>\n<span class="limit">{holds}{rejects}</span>'
    )
    return Markup(written)  # noqa: S704 (numbers have nothing to escape)


def register(app: Flask) -> None:
    """Give all templates what needs no page."""
    app.jinja_env.add_extension(Unindented)
    app.jinja_env.globals.update(icon=icon, time=time, bar=bar)
