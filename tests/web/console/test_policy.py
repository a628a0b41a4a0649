"""The policy's page by its forms: who reads and who changes it, what it refuses and says."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from jobs.transactions import reading, writing
from models import Account, ActorKind, Advice, Moderation, Policy, Role, Site, db
from moderation import policies
from moderation.decisions import Actor
from moderation.signals.facts import Thresholds
from moderation.signals.rules import RULES
from moderation.values import REASONS, Reason, Values
from tests.conftest import LABELS, set_policy
from tests.web.conftest import Caller

POLICY, WORDS = "/console/policy", "/console/policy/words"
SCRIPT = {"Accept": "application/json"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"

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


def as_sent(page: str) -> dict[str, list[str]]:
    """The same by name, as the test client sends it."""
    found: dict[str, list[str]] = {}
    for name, value in controls(page):
        found.setdefault(name, []).append(value)
    return found


# --- who -----------------------------------------------------------------------------------


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


# --- saving --------------------------------------------------------------------------------

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


# --- what is refused -----------------------------------------------------------------------


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


# --- words on trial ------------------------------------------------------------------------


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


# --- history -------------------------------------------------------------------------------


def test_the_history_says_what_changed(app: Flask, site: int, admin: Caller, thread: int) -> None:
    send(admin, 1, hold__insult="0.5", reject__insult="0.9", note="It was too strict.")
    send(admin, 2, limit__links="1", banned_words="aa", languages="fr", nudges="", moderation="pre")
    send(admin, 3, banned_words="bb")
    send(admin, 4, advice__flood="note")
    set_policy(app, site, thread, moderation="post")
    set_policy(app, site, thread)
    said = text_of(admin.client.get(POLICY))
    said = said[said.rindex("History") :]
    assert "Version 2 ada , a moment ago “It was too strict.”" in said
    assert "Insult held from 0.60 → held from 0.50, rejected from 0.90" in said
    assert "Many links held, limit 3 → held, limit 1" in said
    assert "Banned words 0 entries → 1 entry" in said
    assert "Banned words 1 entry → 1 entry, others" in said
    assert "Languages as is usual → French" in said
    assert "Asking to reword on → off" in said
    assert "A person looks afterwards → before it appears" in said
    assert "A person looks as the site → afterwards" in said
    assert "Only in one discussion:" in said
    assert "Too many at once held, limit 8 → noted, limit 8" in said
    assert said.count("The policy that the site began with.") == 1
    numbers = re.findall(r"Version (\d+)", said)
    assert numbers == ["7", "6", "5", "4", "3", "2", "1"]


def test_older_versions_are_a_page_away(app: Flask, site: int, admin: Caller) -> None:
    for number in range(1, 14):
        set_policy(app, site, banned_words=[f"w{number}"])
    page = admin.client.get(POLICY).text
    history = page[page.index('id="history"') :]
    assert re.findall(r"<b>Version (\d+)", history) == [str(one) for one in range(14, 4, -1)]
    older = re.search(r'href="([^"]+before=5[^"]*)"', history)
    assert older
    page = admin.client.get(html.unescape(older[1])).text
    history = page[page.index('id="history"') :]
    assert re.findall(r"<b>Version (\d+)", history) == ["4", "3", "2", "1"]
    assert "before=" not in history
    page = admin.client.get(f"{POLICY}?before=1").text
    assert "There are no older versions." in page


# --- what people write is no markup --------------------------------------------------------


def test_hostile_words_are_only_words(
    app: Flask, site: int, admin: Caller, make_comment: Callable[..., int]
) -> None:
    make_comment(f"fine {HOSTILE} </textarea>", "<i>Bobby</i>")
    typed = {
        "banned_words": f"{HOSTILE}\r\n</textarea><script>x</script>\r\nscript",
        "suspect_words": "fine",
        "note": HOSTILE,
        "reason_key": HOSTILE[:50],
        "reason_name": HOSTILE[:50],
        "reason_told": f"</textarea>{HOSTILE}",
    }
    trial = send(admin, 1, WORDS, headers=SCRIPT, **typed).get_json()["trial"]
    assert '<mark class="banned-words">script</mark>' in trial
    pages = [trial, send(admin, 1, WORDS, **typed).text]
    saved = send(admin, 1, **typed)
    assert saved.status_code == 302
    pages.append(admin.client.get(saved.location).text)
    pages.append(send(admin, 1, **typed, languages="english").text)
    pages.append(send(admin, 2, **typed, languages=f"{HOSTILE}").text)
    for page in pages:
        assert "<script>" not in page
        assert "<img" not in page
        assert "<i>Bobby" not in page
        assert page.count("<textarea") == page.count("</textarea>")
    assert standing(app, site).reasons[0].told.startswith("</textarea><script>")
    assert standing(app, site).reasons != REASONS


def test_reading_costs_no_more_with_more_to_show(app: Flask, site: int, admin: Caller) -> None:
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    for number in range(11):
        set_policy(app, site, banned_words=[f"w{number}"])
    statements.clear()
    admin.client.get(POLICY)
    few = len(statements)
    for number in range(15):
        set_policy(app, site, suspect_words=[f"w{number}"])
    statements.clear()
    admin.client.get(POLICY)
    assert len(statements) == few
    assert not [one for one in statements if one.split()[0] in ("INSERT", "UPDATE", "DELETE")]
