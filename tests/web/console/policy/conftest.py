"""What the tests of the policy's page share: an admin, its form, and how it reads."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from jobs.transactions import reading
from models import Role, Site
from moderation import policies
from moderation.values import Values
from tests.web.conftest import Caller

POLICY, WORDS = "/console/policy", "/console/policy/words"
SCRIPT = {"Accept": "application/json"}
SignIn = Callable[..., Caller]


@pytest.fixture
def admin(site: int, sign_in: SignIn) -> Caller:
    """An admin of the site."""
    return sign_in("ada@example.org", Role.ADMIN, site)


def standing(app: Flask, site: int) -> Values:
    """What stands for a site."""
    with app.app_context(), reading() as session:
        return policies.standing(session, site)


def version(app: Flask, site: int) -> int:
    """The number of what stands."""
    with app.app_context(), reading() as session:
        return session.get_one(Site, site).policy_version


def send(caller: Caller, seen: int, path: str = POLICY, **typed: Any) -> TestResponse:
    """Send the form, of which what is not named stays as it stands."""
    headers = caller.headers | typed.pop("headers", {})
    fields = {name.replace("__", "."): value for name, value in typed.items()}
    return caller.client.post(path, data={"version": seen, **fields}, headers=headers)


def text_of(answer: TestResponse) -> str:
    """A page as its words, markup and repeated blanks taken out."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def controls(page: str) -> list[tuple[str, str]]:
    """Every control of the form with its value, as a browser would send it without a change."""
    form = page[page.index('id="policy"') : page.index('id="history"')]
    form = re.sub(r"<template.*?</template>", "", form, flags=re.DOTALL)
    found: list[tuple[str, str]] = []
    tag = re.compile(r"<(input|select|textarea)\b([^>]*)>", re.DOTALL)
    for match in tag.finditer(form):
        name = re.search(r'name="([^"]*)"', match[2])
        is_choice = "radio" in match[2] or "checkbox" in match[2]
        if name is None or (is_choice and "checked" not in match[2]):
            continue
        value = re.search(r'value="([^"]*)"', match[2])
        shown = value[1] if value else ""
        if match[1] == "textarea":
            shown = form[match.end() : form.index("</textarea>", match.end())].removeprefix("\n")
        if match[1] == "select":
            inside = form[match.end() : form.index("</select>", match.end())]
            first = re.search(r'value="([^"]*)"', inside)
            chosen = re.search(r'value="([^"]*)" selected', inside) or first
            assert chosen
            shown = chosen[1]
        found.append((name[1], html.unescape(shown).replace("\n", "\r\n")))
    return found
