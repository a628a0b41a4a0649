"""Words on trial: what they would have found, and that nothing of it is stored."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask

from models import Role
from tests.web.conftest import Caller
from tests.web.console.policy.conftest import (
    SCRIPT,
    WORDS,
    SignIn,
    controls,
    send,
    standing,
    version,
)


def test_words_are_tried_and_not_stored(
    app: Flask, site: int, admin: Caller, make_comment: Callable[..., int]
) -> None:
    make_comment("A fine day for the duck pond.", "Ada")
    disguised = make_comment("You d u c k are one.", "Bo")
    make_comment("Nothing to see.", "Cy")
    typed = {"banned_words": "duck\r\nnowhere", "suspect_words": "FINE day"}
    answer = send(admin, 1, WORDS, headers=SCRIPT, **typed)
    assert answer.status_code == 200
    trial = answer.get_json()["trial"]
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", "", trial)).split())
    assert "Of the last 3 comments, 2 would match the banned words and 1 the suspect ones." in words
    assert "1 entry matches nothing" in words
    assert '<mark class="banned-words">duck</mark> pond.' in trial
    assert 'A <mark class="suspect-words">fine day</mark> for' in trial
    assert '<mark class="banned-words">d u c k</mark>' in trial
    assert trial.index("Bo</bdi>") < trial.index("Ada</bdi>")
    assert f"Case {disguised}" in trial
    assert (version(app, site), standing(app, site).banned_words) == (1, ())


def test_without_script_the_whole_page_comes_back_as_it_was_typed(
    app: Flask, site: int, admin: Caller, make_comment: Callable[..., int]
) -> None:
    make_comment("A fine day.")
    page = send(admin, 1, WORDS, suspect_words="fine", hold__insult="0.33", note="why")
    assert page.status_code == 200
    assert '<mark class="suspect-words">fine</mark>' in page.text
    sent = dict(controls(page.text))
    assert (sent["suspect_words"], sent["hold.insult"], sent["note"]) == ("fine", "0.33", "why")
    assert sent["version"] == "1"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Both lists are empty"),
        ("nowhere", "none would match the banned words"),
        ("!!!", "cannot be looked for"),
        ("x" * 201, "at most 200 characters"),
    ],
)
def test_a_trial_of_nothing_says_so(
    admin: Caller, make_comment: Callable[..., int], typed: str, said: str
) -> None:
    make_comment("A fine day.")
    answer = send(admin, 1, WORDS, headers=SCRIPT, banned_words=typed)
    assert answer.status_code == (400 if typed in ("!!!", "x" * 201) else 200)
    assert said in re.sub(r"</?b>", "", answer.get_json()["trial"])


def test_a_site_without_comments_says_so(admin: Caller) -> None:
    trial = send(admin, 1, WORDS, headers=SCRIPT, banned_words="fine").get_json()["trial"]
    assert "There are no comments yet" in trial


def test_another_sites_comments_are_not_looked_at(
    other_site: int, sign_in: SignIn, make_comment: Callable[..., int]
) -> None:
    make_comment("A fine day.")
    far = sign_in("far@example.org", Role.ADMIN, other_site)
    trial = send(far, 1, WORDS, headers=SCRIPT, banned_words="fine").get_json()["trial"]
    assert "There are no comments yet" in trial
