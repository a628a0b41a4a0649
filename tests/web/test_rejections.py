"""Why a comment was rejected, told to its author by codes that every language has words for."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from moderation.signals.rules import RULES
from moderation.values import REASONS, Reason, Values
from tests.conftest import set_policy
from web.api import rejections
from web.embed import build


@pytest.mark.parametrize(
    ("reasons", "codes"),
    [
        ([], []),
        (["score:insult", "score:toxicity", "score:severe_toxicity"], ["insult", "rude"]),
        (["score:identity_attack", "hate"], ["hate"]),
        (["links:4", "banned-words:frog", "held-domains:a.example"], ["links", "words", "place"]),
        # Which trap it was, nobody is told.
        (["honeypot", "akismet", "spam"], ["spam"]),
        (["repeated-own:0.9", "repeated-others:1", "flood:9"], ["repeated", "flood"]),
        (["disposable-email:mailinator.com"], ["address"]),
        (["off-topic", "personal-data", "something new"], ["off-topic", "personal-data", "other"]),
    ],
)
def test_each_reason_is_told_once_and_no_closer_than_in_words(reasons: list[str], codes: list[str]):
    told = rejections.codes(reasons, Values())
    assert told == [{"code": code, "told": ""} for code in codes]
    assert {one["code"] for one in told} <= rejections.CODES


def test_what_the_site_wrote_itself_is_told_as_it_is():
    mine = (replace(REASONS[0], told="Bitte ohne Beleidigung."), Reason("gossip", "Gossip", "No."))
    values = replace(Values(), reasons=mine)
    assert rejections.codes(["gossip", "insult", "score:threat"], values) == [
        {"code": "other", "told": "No."},
        {"code": "insult", "told": "Bitte ohne Beleidigung."},
        {"code": "threat", "told": ""},
    ]


def test_every_code_has_words():
    told = json.loads((build.SOURCE / "lang" / "en.json").read_text(encoding="utf-8"))
    assert told["later"].keys() >= rejections.CODES


def test_whatever_may_reject_by_itself_has_a_code():
    able = [name for name, kind in RULES.items() if "reject" in {one.value for one in kind.choices}]
    assert able
    for name in able:
        assert rejections.codes([name], Values())[0]["code"] != "other", name


def test_the_author_gets_them_from_the_api(
    app: Flask, scoring: Flask, client: FlaskClient, site: int, thread: int
):
    set_policy(app, site, rules={"links": ["reject", 1]})
    sent = {"text": "https://a.example https://b.example", "author_name": "Ada"}
    comment = client.post(f"/api/v1/threads/{thread}/comments", json=sent).json["comment"]
    assert comment["status"] == "rejected"
    assert comment["reasons"] == [{"code": "links", "told": ""}]
    sent = {"text": "All is well.", "author_name": "Ada"}
    comment = client.post(f"/api/v1/threads/{thread}/comments", json=sent).json["comment"]
    assert (comment["status"], comment["reasons"]) == ("published", [])
