"""The page of batches: who may, the bars, the range, the sample, and what it says."""

from __future__ import annotations

import html
import json
import re

import pytest
from flask import Flask

from jobs.transactions import writing
from models import Role
from moderation import spread
from tests.held import fill
from tests.web.conftest import Caller
from tests.web.console.batches.conftest import (
    PAGE,
    SCORES,
    SURE,
    SignIn,
    confirm,
    decide,
    post,
    statuses,
    text_of,
)


@pytest.mark.parametrize(
    ("role", "sees", "decides"),
    [
        (Role.READ_ONLY, 200, 403),
        (Role.MODERATOR, 200, 403),
        (Role.SENIOR, 200, 302),
        (Role.ADMIN, 200, 302),
    ],
)
def test_who_may(
    app: Flask,
    site: int,
    senior: Caller,
    held: list[int],
    sign_in: SignIn,
    role: Role,
    sees: int,
    decides: int,
):
    done = decide(senior, least="0.95")
    fields = confirm(senior)
    who = sign_in("who@example.org", role, site)
    page = who.client.get(PAGE)
    assert page.status_code == who.client.get(done).status_code == sees
    assert "Reject held comments with insult from 0.95 to 1.00" in text_of(page)
    assert ('id="range"' in page.text) == (decides == 302)
    assert ("Undo all" in page.text) == (decides == 302)
    sure = who.client.get(SURE, query_string={"decision": "reject"}).status_code
    assert sure == (200 if decides == 302 else 403)
    assert post(who, PAGE, fields).status_code == decides
    assert post(who, f"{done}/run").status_code == decides
    assert post(who, f"{done}/undo").status_code == decides


def test_others_do_not_learn_that_there_is_something(
    other_site: int, senior: Caller, held: list[int], sign_in: SignIn
):
    done, fields = decide(senior, least="0.95"), confirm(senior)
    stranger = sign_in("stranger@example.org", Role.ADMIN, other_site)
    assert stranger.client.get(f"{PAGE}?site=news").status_code == 404
    assert stranger.client.get(f"{SURE}?site=news&decision=reject").status_code == 404
    assert stranger.client.get(done).status_code == 404
    assert post(stranger, PAGE, fields).status_code == 404
    for act in ("run", "undo"):
        assert post(stranger, f"{done}/{act}").status_code == 404
        assert post(stranger, f"{PAGE}/999/{act}").status_code == 404
    assert "insult" not in text_of(stranger.client.get(PAGE)).split("Past batches")[1]


def test_the_bars_add_up_and_the_range_is_counted(senior: Caller, held: list[int]):
    page = senior.client.get(f"{PAGE}?label=insult&least=0.8")
    cells = [int(one) for one in re.findall(r"</th><td>(\d+)</td>", page.text)]
    assert (len(cells), sum(cells)) == (40, len(SCORES))
    assert len(re.findall(r"<title>0\.\d+ to \d\.\d+: ", page.text)) == 40
    said = text_of(page)
    assert "Insult of 7 held comments" in said
    assert "4 comments" in said
    assert "held from 0.60" in said
    assert not re.search(r"<style| style=| on[a-z]+=", page.text)
    edges = json.loads(html.unescape(re.findall(r'data-edges="([^"]+)"', page.text)[0]))
    assert edges["upto"][100] - edges["below"][80] == 4


def test_what_is_not_looked_at_is_told_and_not_decided(
    app: Flask, senior: Caller, held: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spread, "MOST", 3)
    said = text_of(senior.client.get(f"{PAGE}?label=insult"))
    assert "There are more: these are the newest 3." in said
    assert "Insult of 3 held comments" in said
    decide(senior, least="", most="")
    assert statuses(app) == {"held": 4, "rejected": 3}


def test_the_sample_is_from_the_range(app: Flask, site: int, senior: Caller):
    with app.app_context(), writing() as session:
        numbers = fill(session, site, [one / 100 for one in range(100)])
    seen = []
    for _ in range(3):
        page = senior.client.get(f"{PAGE}?label=insult&least=0.5&most=0.79")
        cases = [int(one) for one in re.findall(r"/console/cases/(\d+)", page.text)]
        assert len(cases) == 10
        assert set(cases) <= set(numbers[50:80])
        seen.append(cases)
    assert seen[0] != seen[1] or seen[1] != seen[2]


def test_a_long_text_opens_and_nothing_is_rendered(app: Flask, site: int, senior: Caller):
    with app.app_context(), writing() as session:
        fill(session, site, [0.9], text="<b>loud</b> " * 40)
    page = senior.client.get(f"{PAGE}?label=insult")
    assert '<summary><span class="sampled-cut"' in page.text
    assert "<b>loud" not in page.text
    assert page.text.count("&lt;b&gt;loud") > 40


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("state=rejected", "No comment of this site is rejected."),
        ("state=published", "No comment of this site is published."),
        ("label=insult&least=0.91&most=0.95", "Nothing in this range."),
        ("words=nowhere", "Nothing fits."),
        ("words=!!!", "Search for a word: signs alone find nothing."),
        ("language=fr&age=month", "Nothing fits."),
        # What cannot be read is as if it was not asked.
        ("state=all&label=x&least=nan&most=7&age=x&before=x", "7 comments"),
        ("least=0.9&most=0.8", "3 comments"),
    ],
)
def test_what_there_is_to_say(senior: Caller, held: list[int], query: str, said: str):
    answer = senior.client.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    assert said in text_of(answer)


def test_an_empty_queue_leads_on(senior: Caller, site: int):
    assert "Nothing waits." in text_of(senior.client.get(PAGE))
