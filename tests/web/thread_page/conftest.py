"""Readers in browsers without script: they follow links and send the forms of the page they see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote, urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models import db
from tests.conftest import PAGE

SHOWN = f"/thread?url={quote(PAGE, safe='')}"
SAME = {"Sec-Fetch-Site": "same-origin"}
COOKIE = "parley-reader"


def count(app: Flask, table: type) -> int:
    """How many rows a table has."""
    with app.app_context():
        return db.session().query(table).count()


@dataclass
class Form:
    """One form of a page, with what is filled in already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and given.get("type") == "radio":
            if "checked" in given:
                self.forms[-1].fields[given["name"]] = given["value"]
        elif tag == "input":
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "textarea" and "name" in given:
            self._area = given["name"]
            self.forms[-1].fields[self._area] = ""
        elif tag == "button":
            self.forms[-1].buttons.append(given)

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def forms(html: str) -> list[Form]:
    """Every form of a page."""
    reading = _Forms()
    reading.feed(html)
    return reading.forms


@dataclass
class Browser:
    """A browser without script: it knows only the page before it."""

    client: FlaskClient
    at: str = ""
    answer: TestResponse | None = None

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open an address."""
        self.at = path
        self.answer = self.client.get(path, headers=headers)
        return self.answer

    @property
    def text(self) -> str:
        """The page before it."""
        assert self.answer is not None
        return self.answer.text

    @property
    def forms(self) -> list[Form]:
        """Every form of the page."""
        return forms(self.text)

    def form(self, part: str) -> Form:
        """The form whose action has a part."""
        return next(one for one in self.forms if part in one.action)

    def send(self, part: str, to: str = "", follow: bool = True, **typed: str) -> TestResponse:
        """Fill in a form of the page and send it; `to` is the formaction of its button."""
        form = self.form(part)
        path = to and next(
            one["formaction"] for one in form.buttons if to in one.get("formaction", "")
        )
        path = urljoin(self.at, path or form.action)
        self.answer = self.client.post(path, data=form.fields | typed, headers=SAME)
        if follow and self.answer.status_code == 303:
            return self.get(self.answer.headers["Location"])
        return self.answer

    def post(self, text: str = "A fine day.", name: str = "Ada") -> int:
        """Post a comment of the first level; answers its number."""
        self.get(SHOWN)
        self.send("/thread?", follow=False, text=text, author_name=name)
        assert self.answer is not None
        assert self.answer.status_code == 303, self.text
        number = int(self.answer.headers["Location"].rpartition("comment-")[2])
        self.get(self.answer.headers["Location"])
        return number


@pytest.fixture
def browse(app: Flask) -> Callable[[], Browser]:
    """Makes a browser of its own."""
    return lambda: Browser(app.test_client())


@pytest.fixture
def ada(browse: Callable[[], Browser]) -> Browser:
    """Somebody who writes."""
    return browse()


@pytest.fixture
def ben(browse: Callable[[], Browser]) -> Browser:
    """Somebody else."""
    return browse()
