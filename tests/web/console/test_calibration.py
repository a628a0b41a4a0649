"""Calibration and the second look by their forms: who may, what is said, what it costs."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from jobs.transactions import reading, writing
from models import Account, Comment, Policy, Role, Sample, SampleKind, Site, Status
from moderation import decisions, policies, samples
from moderation.decisions import Actor
from tests.conftest import set_policy, status_of
from tests.moderation.calibration.test_reading import counted
from tests.simulated import fill, second_opinions
from tests.web.conftest import Caller

PAGE, LOOK = "/console/calibration", "/console/samples"
API = "/api/v1/moderation/calibration"
SignIn = Callable[..., Caller]


def text_of(answer: TestResponse) -> str:
    """A page as its words."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def admin(site: int, sign_in: SignIn) -> Caller:
    """An admin of the site."""
    return sign_in("ada@example.org", Role.ADMIN, site)


@pytest.fixture
def past(app: Flask, site: int) -> None:
    """A site with a past, and moderators who agreed on most of it."""
    with app.app_context(), writing() as session:
        fill(session, site)
        second_opinions(session, site, 999, agree=25, differ=3, waiting=2)


def apply(caller: Caller, site: str = "news", **typed: Any) -> TestResponse:
    """Send the form."""
    fields = {"label": "toxicity", "version": 1, "at": "0.50"} | typed
    return caller.client.post(f"{PAGE}?site={site}", data=fields, headers=caller.headers)


def test_an_empty_site_says_what_is_missing(admin: Caller) -> None:
    said = text_of(admin.client.get(PAGE))
    assert "Decide 20 more held cases" in said
    assert "Judge 30 more published comments" in said
    assert "No comment has been scored for toxicity yet." in said
    assert "20 more second opinions are needed (0 so far)." in said


def test_the_page_shows_figures_curves_and_disagreements(admin: Caller, past: None) -> None:
    page = admin.client.get(f"{PAGE}?label=toxicity&at=0.5")
    said = text_of(page)
    assert "What is still missing" not in said
    assert re.search(r"Precision .*? \d+ % \d+ to \d+ % \d+ of \d+ held cases", said)
    assert re.search(r"Recall .*? \d+ % \d+ to \d+ % \d+ of \d+ rejected ones", said)
    assert re.search(r"\d+ of last week’s comments would have been held", said)
    assert "Moderators disagree" in said
    assert page.text.count('class="line ') == 3
    assert "89 %" in said
    assert not re.search(r"<style| style=| on[a-z]+=", page.text)


def test_a_target_that_is_reached_is_a_link_and_another_says_so(admin: Caller, past: None) -> None:
    page = admin.client.get(f"{PAGE}?recall=50&precision=100&load=5")
    assert len(re.findall(r'data-at="0\.\d\d"', page.text)) == 2
    assert "No threshold reaches that. The best is" in text_of(page)
    for wrong in ("recall=x&load=nan", "precision=-1&at=7", "at=inf", "recall="):
        assert admin.client.get(f"{PAGE}?{wrong}").status_code == 200


def test_apply_changes_the_policy_and_says_why(
    app: Flask, site: int, admin: Caller, past: None
) -> None:
    answer = apply(admin, at="0.45")
    assert answer.status_code == 302
    assert "Applied as version 2." in text_of(admin.client.get(answer.location))
    with app.app_context(), reading() as session:
        values = policies.standing(session, site)
        assert (values.thresholds["toxicity"].hold, values.thresholds["insult"].hold) == (0.45, 0.6)
        kept = session.scalars(select(Policy).order_by(Policy.id.desc())).first()
        assert kept is not None
        assert kept.actor_name == "ada"
        assert re.fullmatch(
            r"Calibration: Toxicity held from 0\.45, before 0\.60\. Expected precision \d+ % "
            r"\(\d+ to \d+ %; \d+ of \d+\)\. Expected recall \d+ % \(\d+ to \d+ %; \d+ of \d+\)\. "
            r"[\d.]+ held a day \([\d.]+ to [\d.]+\)\.",
            kept.note,
        )


def test_what_cannot_be_applied_changes_nothing(app: Flask, site: int, admin: Caller) -> None:
    assert "Nothing changed." in text_of(apply(admin, at="0.6"))
    set_policy(app, site, thresholds={"toxicity": [0.6, 0.8]})
    stale = apply(admin, at="0.4")
    assert (stale.status_code, "Nothing was changed." in text_of(stale)) == (409, True)
    over = apply(admin, at="0.9", version=2)
    assert (over.status_code, "From 0.80 on this label rejects" in text_of(over)) == (400, True)
    for wrong in ("7", "nan", "", "x"):
        assert apply(admin, at=wrong, version=2).status_code == 422
    assert apply(admin, label="nonsense", version=2).status_code in (400, 404)
    with app.app_context(), reading() as session:
        assert session.get_one(Site, site).policy_version == 2


@pytest.mark.parametrize(
    ("role", "applies", "sees_disagreements"),
    [
        (Role.READ_ONLY, 403, False),
        (Role.MODERATOR, 403, False),
        (Role.SENIOR, 403, True),
        (Role.ADMIN, 302, True),
    ],
)
def test_who_may_do_what(
    site: int, past: None, sign_in: SignIn, role: Role, applies: int, sees_disagreements: bool
) -> None:
    caller = sign_in("eve@example.org", role, site)
    page = caller.client.get(PAGE)
    assert page.status_code == 200
    assert ('id="apply"' in page.text) == (applies == 302)
    assert ("Moderators disagree" in page.text) == sees_disagreements
    assert apply(caller).status_code == applies


def test_another_sites_staff_find_nothing(
    site: int, other_site: int, past: None, sign_in: SignIn
) -> None:
    far = sign_in("far@example.org", Role.ADMIN, other_site)
    for slug in ("news", "no-such-site"):
        assert far.client.get(f"{PAGE}?site={slug}").status_code == 404
        assert far.client.get(f"{LOOK}?site={slug}").status_code == 404
        assert apply(far, slug).status_code == 404
        asked = f"{API}?site={slug}&label=toxicity"
        assert far.client.get(asked, headers=far.headers).status_code == 404
    assert "Nothing waits for a second look." in text_of(far.client.get(LOOK))
    sent = {"opinion": "approve", "version": 1}
    assert far.client.post(f"{LOOK}/1", data=sent, headers=far.headers).status_code == 404


def test_signed_out_is_led_to_the_sign_in(app: Flask, site: int) -> None:
    client = app.test_client()
    assert client.get(PAGE).status_code == client.get(LOOK).status_code == 302
    assert client.get(f"{API}?site=news&label=toxicity").status_code == 401


def test_queries_do_not_grow(app: Flask, site: int, admin: Caller) -> None:
    with app.app_context(), writing() as session:
        fill(session, site, comments=400, weeks=2)
    counts = []
    for _ in range(2):
        with app.app_context(), counted() as statements:
            admin.client.get(f"{PAGE}?at=0.5")
            admin.client.get("/console/")
            admin.client.get(LOOK)
        counts.append(len(statements))
        if len(counts) == 2:
            break
        with app.app_context(), writing() as session:
            second_opinions(session, site, 999, agree=25, differ=9, waiting=12)
    # The comment that waits now, with its policy and its parent, is all that is read in addition.
    assert counts[1] - counts[0] <= 4
    assert counts[0] < 48


def test_the_api_gives_the_curve(
    app: Flask, site: int, past: None, make_key: Callable[..., dict[str, str]]
) -> None:
    headers = make_key(site, "calibrating")
    answer = app.test_client().get(f"{API}?site=news&label=toxicity&at=0.33", headers=headers)
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["today"]["threshold"], answer.json["at"]["threshold"]) == (0.6, 0.33)
    assert len(answer.json["curve"]) == 101
    assert answer.json["today"]["recall"]["missing"] == ""
    assert answer.json["curve"][100]["precision"]["value"] is None
    wrong = app.test_client().get(f"{API}?site=news&label=toxicity&at=2", headers=headers)
    assert wrong.status_code == 422


# --- the threshold that rejects ------------------------------------------------------------


def test_a_switch_leads_to_the_threshold_that_rejects(admin: Caller, past: None) -> None:
    hold = admin.client.get(f"{PAGE}?label=toxicity")
    link = re.search(r'href="([^"]+of=reject[^"]*)">Reject<', hold.text)
    assert link
    page = admin.client.get(f"{html.unescape(link[1])}&at=0.8")
    said = text_of(page)
    assert "today never; holds from 0.60" in said
    assert re.search(r"Rightly rejected .*? \d+ % \d+ to \d+ % \d+ of \d+ decided cases", said)
    assert re.search(r"Fewer wait a day .*? [\d.]+ [\d.]+ to [\d.]+", said)
    assert re.search(r"Wrongly rejected a week .*? [\d.]+ [\d.]+ to [\d.]+", said)
    assert re.search(r"\d+ of last week’s comments would have been rejected at once", said)
    assert page.text.count('class="line ') == 2
    assert not re.search(r"<style| style=| on[a-z]+=", page.text)
    assert 'href="/console/calibration?site=news&amp;label=toxicity">Hold<' in page.text
    for wrong in ("at=7", "at=nan", "one_in=x", "one_in=0", "one_in=1e9", "at=0.1"):
        assert admin.client.get(f"{PAGE}?of=reject&{wrong}").status_code == 200


def test_what_is_wanted_of_rejecting(admin: Caller, past: None) -> None:
    page = admin.client.get(f"{PAGE}?of=reject&one_in=3")
    found = re.search(r'data-at="(0\.\d\d)"', page.text)
    assert found
    assert float(found[1]) >= 0.6
    said = text_of(admin.client.get(f"{PAGE}?of=reject&one_in=10000"))
    assert "No threshold reaches that. The best is" in said


def test_rejecting_is_applied_with_its_reason(
    app: Flask, site: int, admin: Caller, past: None
) -> None:
    answer = apply(admin, at="0.7", of="reject")
    assert answer.status_code == 302
    assert "of=reject" in answer.location
    said = text_of(admin.client.get(answer.location))
    assert "Applied as version 2." in said
    assert "today 0.70" in said
    with app.app_context(), reading() as session:
        limits = policies.standing(session, site).thresholds
        assert (limits["toxicity"].hold, limits["toxicity"].reject) == (0.6, 0.7)
        assert limits["insult"].reject == 1
        kept = session.scalars(select(Policy).order_by(Policy.id.desc())).first()
        assert kept is not None
        assert re.fullmatch(
            r"Calibration: Toxicity rejected at once from 0\.70, before never\. People rejected "
            r"\d+ % of such \(\d+ to \d+ %; \d+ of \d+\)\. [\d.]+ fewer wait a day "
            r"\([\d.]+ to [\d.]+\)\. [\d.]+ wrongly rejected a week \([\d.]+ to [\d.]+\)\.",
            kept.note,
        )
    back = text_of(admin.client.get(f"{PAGE}?of=reject&at=0.95"))
    assert "would have waited for a person" in back or "None of last week’s" in back
    assert apply(admin, at="1", of="reject", version=2).status_code == 302


def test_nothing_is_rejected_from_below_where_it_holds(
    app: Flask, site: int, admin: Caller, past: None
) -> None:
    refused = apply(admin, at="0.59", of="reject")
    said = "This label holds from 0.60 on and cannot reject from less. Choose 0.60 or more"
    assert (refused.status_code, said in text_of(refused)) == (400, True)
    assert said in text_of(admin.client.get(f"{PAGE}?of=reject&at=0.59"))
    assert said not in text_of(admin.client.get(f"{PAGE}?of=reject&at=0.6"))
    assert apply(admin, at="0.6", of="reject").status_code == 302
    set_policy(app, site, thresholds={"toxicity": [1, 1]})
    never = apply(admin, at="0.9", of="reject", version=3)
    assert (never.status_code, "holds nothing" in text_of(never)) == (400, True)
    assert apply(admin, at="0.8", of="reject", version=1).status_code in (400, 409)


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.MODERATOR, Role.SENIOR])
def test_only_admins_apply_a_rejection(site: int, past: None, sign_in: SignIn, role: Role) -> None:
    caller = sign_in("eve@example.org", role, site)
    assert 'id="apply"' not in caller.client.get(f"{PAGE}?of=reject").text
    assert apply(caller, at="0.9", of="reject").status_code == 403


# --- the second look -----------------------------------------------------------------------


@pytest.fixture
def drawn(
    app: Flask, site: int, make_comment: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> int:
    """A published comment that was drawn."""
    monkeypatch.setattr(samples, "LARGEST_SHARE", 1.1)
    monkeypatch.setattr(samples, "SECOND_SHARE", 0.0)
    return make_comment("The <b>ferry</b> was late.")


def look(caller: Caller, **typed: Any) -> TestResponse:
    """Press a button of the page as it stands."""
    page = caller.client.get(LOOK).text
    action = re.search(r'action="(/console/samples/\d+)"', page)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert action
    assert version
    fields = {"version": version[1]} | typed
    return caller.client.post(action[1], data=fields, headers=caller.headers)


def test_a_moderator_is_asked_and_answers(app: Flask, drawn: int, admin: Caller) -> None:
    queue = admin.client.get("/console/")
    assert "1 comment waits for a second look" in text_of(queue)
    page = admin.client.get(LOOK)
    # Neither scores nor where it stands: the answer is the moderator's own.
    assert "0.01" not in page.text
    assert 'class="status' not in page.text
    assert look(admin).status_code == 422
    assert look(admin, opinion="reject", reasons="nonsense").status_code == 422
    answer = look(admin, opinion="reject", reasons="insult")
    assert "Rejected — only its author can still read it." in text_of(
        admin.client.get(answer.location)
    )
    assert status_of(app, drawn) == "rejected"
    assert "second look" not in text_of(admin.client.get("/console/")).lower()


def test_who_only_reads_is_not_asked(site: int, drawn: int, sign_in: SignIn) -> None:
    reader = sign_in("eve@example.org", Role.READ_ONLY, site)
    assert "waits for a second look" not in text_of(reader.client.get("/console/"))
    assert "Nothing waits for you here." in text_of(reader.client.get(LOOK))
    sent = {"opinion": "approve", "version": 1}
    assert reader.client.post(f"{LOOK}/1", data=sent, headers=reader.headers).status_code == 403


def test_the_first_word_is_not_shown_before_the_second(
    app: Flask, site: int, drawn: int, admin: Caller, sign_in: SignIn
) -> None:
    other = sign_in("first@example.org", Role.MODERATOR, site)
    with app.app_context(), writing() as session:
        first = session.scalars(select(Account).where(Account.email == "first@example.org")).one()
        comment = session.get_one(Comment, drawn)
        made = decisions.decide(session, comment, Status.REJECTED, Actor.staff(first), ["insult"])
        session.flush()
        session.execute(
            update(Sample).values(
                kind=SampleKind.SECOND, decision_id=made.id, first_account_id=first.id
            )
        )
    assert "Nothing waits for a second look." in text_of(other.client.get(LOOK))
    page = text_of(admin.client.get(LOOK))
    assert not re.search(r"\bfirst\b|rejected|insulted", page)
    answer = look(admin, opinion="approve")
    assert "the moderator before you said otherwise" in text_of(admin.client.get(answer.location))
    assert status_of(app, drawn) == "rejected"


def test_who_was_slower_is_told(app: Flask, site: int, drawn: int, admin: Caller) -> None:
    late = admin.client.post(
        f"{LOOK}/1", data={"opinion": "approve", "version": 99}, headers=admin.headers
    )
    assert (late.status_code, "changed while you looked" in text_of(late)) == (409, True)
