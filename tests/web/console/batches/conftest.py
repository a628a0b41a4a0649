"""What the tests of batches share: a senior, held comments, and the page's forms."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from jobs.transactions import reading, writing
from models import Comment, Role
from tests.held import fill
from tests.web.conftest import Caller

PAGE, SURE = "/console/batches", "/console/batches/sure"
SCORES = [0.05, 0.2, 0.5, 0.8, 0.85, 0.9, 1.0]
SignIn = Callable[..., Caller]


def text_of(answer: TestResponse) -> str:
    """A page as its words."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def senior(site: int, sign_in: SignIn) -> Caller:
    """A senior of the site."""
    return sign_in("sena@example.org", Role.SENIOR, site)


@pytest.fixture
def held(app: Flask, site: int) -> list[int]:
    """A held comment for each of SCORES."""
    with app.app_context(), writing() as session:
        return fill(session, site, SCORES)


def statuses(app: Flask) -> Counter[str]:
    """How many comments stand where."""
    with app.app_context(), reading() as session:
        return Counter(one.value for one in session.scalars(select(Comment.status)))


def form_of(page: TestResponse) -> dict[str, str]:
    """The fields of the form that confirms, as a browser without script would send them."""
    form = page.text[page.text.index('class="part sure"') :].split("</form>")[0]
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in fields if name != "csrf_token"}


def confirm(caller: Caller, **asked: Any) -> dict[str, str]:
    """What the confirming page would send."""
    usual = {"label": "insult", "least": "0.80", "most": "1.00", "decision": "reject"}
    page = caller.client.get(SURE, query_string=usual | asked)
    assert page.status_code == 200
    return form_of(page)


def post(caller: Caller, address: str, fields: Any = None, *, script: bool = False) -> TestResponse:
    """Send a form."""
    headers = caller.headers | ({"Accept": "application/json"} if script else {})
    return caller.client.post(address, data=fields or {}, headers=headers)


def decide(caller: Caller, **asked: Any) -> str:
    """Confirm and begin; the address of the batch."""
    answer = post(caller, PAGE, confirm(caller, **asked))
    assert answer.status_code == 302
    return answer.location
