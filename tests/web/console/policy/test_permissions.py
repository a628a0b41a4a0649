"""The policy's page: who reads it, who changes it, and what it shows."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from jobs.transactions import writing
from models import Account, Moderation, Role
from moderation.signals.rules import RULES
from tests.conftest import LABELS
from tests.web.conftest import Caller
from tests.web.console.policy.conftest import (
    POLICY,
    WORDS,
    SignIn,
    controls,
    send,
    standing,
    version,
)


def test_signed_out_is_led_to_the_sign_in(client: FlaskClient, site: int) -> None:
    answer = client.get(f"{POLICY}?site=news")
    assert (answer.status_code, answer.location) == (
        302,
        f"/console/sign-in?next={POLICY}?site%3Dnews",
    )
    assert client.post(POLICY, data={"version": 1}).status_code == 302


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.MODERATOR, Role.SENIOR])
def test_other_staff_read_and_change_nothing(
    app: Flask, site: int, sign_in: SignIn, role: Role
) -> None:
    caller = sign_in("eve@example.org", role, site)
    page = caller.client.get(f"{POLICY}?site=news").text
    assert "You can read this policy; changing it takes an admin’s role on news." in page
    assert '<fieldset class="all" disabled>' in page
    assert 'id="save"' not in page
    assert 'id="try"' not in page
    assert send(caller, 1, moderation="pre").status_code == 403
    assert send(caller, 1, WORDS, banned_words="fine").status_code == 403
    assert (version(app, site), standing(app, site).moderation) == (1, Moderation.POST)


def test_an_admin_finds_every_control(admin: Caller) -> None:
    answer = admin.client.get(f"{POLICY}?site=news")
    assert answer.status_code == 200
    names = {name for name, _ in controls(answer.text)}
    assert {
        f"{part}.{label}" for label in (*LABELS, "obfuscated") for part in ("hold", "reject")
    } < names
    assert {f"advice.{kind}" for kind in RULES} < names
    assert {f"limit.{kind}" for kind, bounds in RULES.items() if bounds.has_limit} < names
    assert "disabled" not in answer.text
    # Whatever asks for something is named: by a label of its own, or around it.
    ids = set(re.findall(r'<label[^>]* for="([^"]+)"', answer.text))
    for match in re.finditer(r"<(?:input|select|textarea)\b([^>]*)>", answer.text):
        if 'type="hidden"' in match[1] or "radio" in match[1] or "checkbox" in match[1]:
            continue
        found = re.search(r'id="([^"]+)"', match[1])
        assert found, match[0]
        assert found[1] in ids, match[0]


def test_the_page_needs_no_inline_script_or_style(admin: Caller) -> None:
    page = admin.client.get(POLICY).text
    assert not re.search(r"<style| style=| on[a-z]+=", page)
    assert all("nonce=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_another_sites_admin_finds_nothing(
    app: Flask, site: int, other_site: int, sign_in: SignIn
) -> None:
    far = sign_in("far@example.org", Role.ADMIN, other_site)
    for slug in ("news", "no-such-site"):
        assert far.client.get(f"{POLICY}?site={slug}").status_code == 404
        assert send(far, 1, f"{POLICY}?site={slug}", moderation="pre").status_code == 404
        assert send(far, 1, f"{WORDS}?site={slug}", banned_words="fine").status_code == 404
    # Without a name it is one's own site.
    assert "of other" in far.client.get(POLICY).text
    assert send(far, 1, moderation="pre").status_code == 302
    assert (version(app, site), version(app, other_site)) == (1, 2)


def test_a_role_counts_on_its_own_site_only(
    app: Flask, site: int, other_site: int, sign_in: SignIn
) -> None:
    caller = sign_in("two@example.org", Role.MODERATOR, site, other_site)
    with app.app_context(), writing() as session:
        account = session.scalars(select(Account).where(Account.email == "two@example.org")).one()
        next(one for one in account.site_roles if one.site_id == other_site).role = Role.ADMIN
    assert send(caller, 1, f"{POLICY}?site=news", moderation="pre").status_code == 403
    assert send(caller, 1, f"{POLICY}?site=other", moderation="pre").status_code == 302
    page = caller.client.get(f"{POLICY}?site=other").text
    assert '<option value="other" selected>' in page


def test_without_any_site_there_is_nothing(sign_in: SignIn) -> None:
    caller = sign_in("new@example.org", Role.ADMIN)
    assert "No site is open to you." in caller.client.get(POLICY).text
    assert send(caller, 1).status_code == 404


@pytest.mark.parametrize("path", [POLICY, WORDS])
def test_without_the_token_nothing_happens(app: Flask, site: int, admin: Caller, path: str) -> None:
    answer = admin.client.post(path, data={"version": 1, "moderation": "pre"})
    assert answer.status_code == 400
    assert "too old" in answer.text
    assert version(app, site) == 1


def test_every_page_of_the_desk_leads_to_it(admin: Caller) -> None:
    for path in ("/console/", "/console/decisions"):
        assert f'href="{POLICY}"' in admin.client.get(path).text
    assert f'href="{POLICY}?site=news"' in admin.client.get("/console/?site=news").text
    assert 'aria-current="page">Policy' in admin.client.get(POLICY).text
