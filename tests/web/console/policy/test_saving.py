"""The policy's form: what it saves, what it refuses and says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import ActorKind, Advice, Moderation, Policy, Site
from moderation import policies
from moderation.decisions import Actor
from moderation.signals.facts import Thresholds
from moderation.values import Reason, Values
from tests.conftest import LABELS, set_policy
from tests.web.conftest import Caller
from tests.web.console.policy.conftest import (
    POLICY,
    controls,
    send,
    standing,
    text_of,
    version,
)


def as_sent(page: str) -> dict[str, list[str]]:
    """The same by name, as the test client sends it."""
    found: dict[str, list[str]] = {}
    for name, value in controls(page):
        found.setdefault(name, []).append(value)
    return found


TOLD = Reason("rude", "Rude", "Be kind.\nOr be brief.")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"moderation": "pre"}, {"moderation": Moderation.PRE}),
        (
            {"banned_words": "idiot*\r\n\r\n buy gold \r\nidiot*"},
            {"banned_words": ("idiot*", "buy gold")},
        ),
        ({"suspect_words": "дурак"}, {"suspect_words": ("дурак",)}),
        (
            {"allowed_domains": "https://Example.org/x\r\n*.b.example"},
            {"allowed_domains": ("example.org", "b.example")},
        ),
        ({"held_domains": "spam.example"}, {"held_domains": ("spam.example",)}),
        ({"languages": "en, fr"}, {"languages": "en fr"}),
        ({"nudges": ""}, {"nudges": False}),
        ({"reports_from": "2.5"}, {"reports_from": 2.5}),
        (
            {
                "reason_key": ["rude", ""],
                "reason_name": ["Rude", ""],
                "reason_told": ["Be kind.\r\nOr be brief.", " "],
            },
            {"reasons": (TOLD,)},
        ),
    ],
)  # fmt: skip
def test_each_section_is_saved(
    app: Flask, site: int, admin: Caller, typed: dict[str, Any], expected: dict[str, Any]
) -> None:
    answer = send(admin, 1, note="because", **typed)
    assert (answer.status_code, answer.location) == (302, f"{POLICY}?site=news&saved=2")
    assert "Saved as version 2." in admin.client.get(answer.location).text
    before, after = Values(thresholds=dict.fromkeys(LABELS, Thresholds(0.6))), standing(app, site)
    assert after.as_record() == before.as_record() | {
        name: Values(**{name: value}).as_record()[name] for name, value in expected.items()
    }
    with app.app_context(), reading() as session:
        row = session.scalars(select(Policy).where(Policy.version == 2)).one()
        assert (row.actor_kind, row.actor_name, row.note) == (ActorKind.STAFF, "ada", "because")


def test_thresholds_and_rules_are_saved_one_by_one(app: Flask, site: int, admin: Caller) -> None:
    send(admin, 1, hold__insult="0.42", reject__insult="0.9")
    after = standing(app, site)
    assert after.thresholds["insult"] == Thresholds(0.42, 0.9)
    assert after.thresholds["threat"] == Thresholds(0.6)
    # What nobody touched goes on as is usual.
    assert "obfuscated" not in after.thresholds
    assert not after.rules
    send(admin, 2, advice__links="reject", limit__links="7", advice__trusted="publish")
    after = standing(app, site)
    assert (after.rule("links").advice, after.rule("links").limit) == (Advice.REJECT, 7)
    assert after.rule("trusted").advice is Advice.PUBLISH
    assert set(after.rules) == {"links", "trusted"}
    send(admin, 3, hold__obfuscated="0.5", **{"hold.new_label": "0.7", "reject.new_label": "1"})
    assert standing(app, site).thresholds["obfuscated"] == Thresholds(0.5)
    assert standing(app, site).thresholds["new_label"] == Thresholds(0.7)


def test_a_form_sent_back_as_it_came_changes_nothing(app: Flask, site: int, admin: Caller) -> None:
    set_policy(
        app, site, banned_words=["a b", "  xx*"], thresholds={"insult": [0.123456, 0.5]},
        rules={"links": ["note", 4], "rejections": ["hold", 0.333]}, languages="en fr",
        held_domains=["bücher.example"], nudges=False,
        reasons=[["r", "R <b>", "Two\nlines"]],
    )  # fmt: skip
    data = as_sent(admin.client.get(POLICY).text)
    answer = admin.client.post(POLICY, data=data | {"note": "?"}, headers=admin.headers)
    assert answer.status_code == 200
    assert "Nothing changed." in answer.text
    assert 'value="?"' in answer.text
    assert version(app, site) == 2


def test_a_long_list_fits(app: Flask, site: int, admin: Caller) -> None:
    words = "\r\n".join(f"слово-{number}" for number in range(5_000))
    assert send(admin, 1, banned_words=words).status_code == 302
    assert len(standing(app, site).banned_words) == 5_000


@pytest.mark.parametrize("query", ["saved=99", "saved=x", "saved=-1", "before=x", "before=-3",
                                   "before=99999999999999999999"])  # fmt: skip
def test_nobody_is_told_what_was_not_saved(admin: Caller, query: str) -> None:
    answer = admin.client.get(f"{POLICY}?{query}")
    assert answer.status_code == 200
    assert "Saved as" not in answer.text


@pytest.mark.parametrize(
    ("typed", "beside", "said"),
    [
        ({"hold__insult": "0.9", "reject__insult": "0.5"}, "threshold.insult", "reject from below"),
        ({"hold__insult": "much"}, "threshold.insult", "two numbers from 0 to 1"),
        ({"hold__insult": "nan"}, "threshold.insult", "two numbers from 0 to 1"),
        ({"reject__threat": ""}, "threshold.threat", "two numbers from 0 to 1"),
        ({"limit__links": "51"}, "rule.links", "from 1 to 50"),
        ({"limit__links": "inf"}, "rule.links", "from 1 to 50"),
        ({"advice__language": "reject"}, "rule.language", "cannot ask to reject"),
        ({"advice__links": "shout"}, "rule.links", "shout"),
        ({"moderation": "never"}, "moderation", "never"),
        ({"banned_words": "x" * 201}, "banned_words", "at most 200 characters"),
        ({"held_domains": "no domain"}, "held_domains", "is no domain"),
        ({"languages": "english"}, "languages", "is no language code"),
        ({"reason_key": "a", "reason_name": "", "reason_told": "b"}, "reasons.0", "A reason needs"),
        (
            {"reason_key": ["a", "a"], "reason_name": ["b", "c"], "reason_told": ["d", "e"]},
            "reasons",
            "Two reasons have one",
        ),
        ({"reason_key": "", "reason_name": "", "reason_told": ""}, "reasons", "1 to 30 reasons"),
        ({"moderation": "pre", "note": "n" * 501}, "note", "at most 500 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_kept(
    app: Flask, site: int, admin: Caller, typed: dict[str, Any], beside: str, said: str
) -> None:
    answer = send(admin, 1, suspect_words="kept as typed", **typed)
    assert answer.status_code == 400
    fault = re.search(rf'id="fault-{re.escape(beside)}">(.*?)</p>', answer.text, re.DOTALL)
    assert fault, answer.text
    assert said in fault[1]
    assert "Nothing is saved" in answer.text
    assert "kept as typed" in answer.text
    sent = dict(controls(answer.text))
    for name, value in typed.items():
        if isinstance(value, str) and value in ("0.9", "51", "much", "no domain", "english"):
            assert sent[name.replace("__", ".")] == value
    if beside != "reasons":
        assert f'aria-describedby="fault-{beside}' in answer.text
    assert version(app, site) == 1


def test_who_comes_second_is_told_and_loses_nothing(app: Flask, site: int, admin: Caller) -> None:
    with app.app_context(), writing() as session:
        policies.change(
            session,
            session.get_one(Site, site),
            {"rules": {"links": ["hold", 9], "flood": ["hold", 20]}, "banned_words": ["theirs"]},
            Actor(ActorKind.STAFF, 77, "Bo <b>"),
            note="first",
        )
    page = send(admin, 1, limit__links="5", limit__flood="8", moderation="pre", note="mine")
    assert page.status_code == 409
    assert "Bo &lt;b&gt; was faster" in page.text
    assert "“first”" in page.text
    assert "Many links held, limit 3 → held, limit 9" in text_of(page)
    assert "Somebody set this to 9 meanwhile" in page.text
    sent = dict(controls(page.text))
    assert (sent["version"], sent["note"]) == ("2", "mine")
    # What was changed here stays; what was not shows what stands now.
    assert (sent["limit.links"], sent["moderation"]) == ("5", "pre")
    assert (sent["limit.flood"], sent["banned_words"]) == ("20", "theirs")
    assert version(app, site) == 2
    again = admin.client.post(POLICY, data=as_sent(page.text), headers=admin.headers)
    assert again.status_code == 302
    after = standing(app, site)
    assert (after.rule("links").limit, after.rule("flood").limit) == (5, 20)
    assert (after.moderation, after.banned_words) == (Moderation.PRE, ("theirs",))


def test_out_of_date_comes_before_wrong(app: Flask, site: int, admin: Caller) -> None:
    set_policy(app, site, banned_words=["theirs"])
    page = send(admin, 1, hold__insult="much", banned_words="mine")
    assert page.status_code == 409
    assert dict(controls(page.text))["hold.insult"] == "much"
    assert "Somebody changed this list meanwhile" in page.text


@pytest.mark.parametrize("seen", ["", "x"])
def test_without_the_version_that_was_seen_nothing_is_saved(
    app: Flask, site: int, admin: Caller, seen: str
) -> None:
    answer = admin.client.post(
        POLICY, data={"moderation": "pre", "version": seen}, headers=admin.headers
    )
    assert answer.status_code == 422
    assert version(app, site) == 1
